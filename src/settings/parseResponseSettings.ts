import {
  parseIdentity,
  parseOnBehalfOf,
  type ApplicationSettings,
  type IdentitySettings,
} from './parseIdentity.ts';
import { parseDefender, parseStorage, type DefenderSettings, type StorageSettings } from './parseSettings.ts';
import { SettingsReader, type Environment } from './SettingsReader.ts';
import { isLoopback } from './settingTypes.ts';

/** Who may call, and where callers reach the app. */
export interface CallerSettings {
  readonly auth: 'entra' | 'functionKey';
  /** Without a closing slash. */
  readonly publicBaseUrl: string;
  readonly authorityHost: string;
  readonly tenantId: string;
  readonly audiences: readonly string[];
  /** Undefined: no such limit. */
  readonly allowedApplications: readonly string[] | undefined;
  /** The tenants that a caller may use, by the caller's id; whoever is absent may use all. All texts are in lower case. */
  readonly tenantsOf: ReadonlyMap<string, readonly string[]>;
  /** What only people may ask for. */
  readonly personRequiredFor: readonly CallerVerb[];
}

/** A kind of request, as `PERSON_REQUIRED_FOR` names it. */
export type CallerVerb = 'isolate' | 'release' | 'hunt' | 'read';

/** What keeps actions from doing harm. All texts are in lower case. */
export interface GuardSettings {
  readonly capPerHour: number;
  readonly capPerCaller: number;
  readonly protectedIds: readonly string[];
  readonly protectedNames: readonly string[];
  readonly protectedTags: readonly string[];
  readonly protectedGroups: readonly string[];
  readonly protectedValues: readonly string[];
  /** Exact names, or beginnings of names when they end in `*`. */
  readonly protectedPlatforms: readonly string[];
}

export interface HuntingSettings {
  readonly api: 'graph' | 'endpoint' | 'xdr';
  readonly timeoutMs: number;
}

/** Where alerts and incidents are read for callers. */
export interface ReadingSettings {
  readonly alertsApi: 'endpoint' | 'graph';
  readonly incidentsApi: 'graph' | 'xdr';
}

/** What the HTTP functions need. */
export interface ResponseSettings {
  readonly storage: StorageSettings;
  readonly identity: IdentitySettings;
  readonly defender: DefenderSettings;
  readonly callers: CallerSettings;
  readonly guards: GuardSettings;
  readonly hunting: HuntingSettings;
  readonly reading: ReadingSettings;
  /** Absent: nothing can be done on behalf of people, who are refused then. */
  readonly onBehalfOf: ApplicationSettings | undefined;
  readonly pollIntervalMs: number;
  readonly maxPullAgeMs: number;
}

/**
 * Parses and checks the settings of everything that callers can ask for. They are apart from those of the pull, so that
 * what is wrong with the ones does not stop the others.
 *
 * @throws SettingsError naming all faults at once.
 */
export function parseResponseSettings(env: Environment): ResponseSettings {
  const reader = new SettingsReader(env);
  const identity = parseIdentity(reader);
  const callers = parseCallers(reader, env, identity);
  const settings: ResponseSettings = {
    storage: parseStorage(reader),
    identity,
    defender: parseDefender(reader),
    callers,
    guards: parseGuards(reader),
    hunting: { api: reader.require('HUNTING_API'), timeoutMs: reader.require('HUNTING_TIMEOUT') },
    reading: { alertsApi: reader.require('ALERTS_API'), incidentsApi: reader.require('INCIDENTS_API') },
    onBehalfOf: parseOnBehalfOf(reader, callers.audiences),
    pollIntervalMs: reader.require('OPERATION_POLL_INTERVAL'),
    maxPullAgeMs: reader.require('HEALTH_MAX_PULL_AGE'),
  };
  reader.throwFaults();
  return settings;
}

/** What following operations to their end needs: not more, so that it works where callers are not set up. */
export interface FollowSettings {
  readonly identity: IdentitySettings;
  readonly defender: DefenderSettings;
  readonly pollIntervalMs: number;
}

/** @throws SettingsError naming all faults at once. */
export function parseFollowSettings(env: Environment): FollowSettings {
  const reader = new SettingsReader(env);
  const settings = {
    identity: parseIdentity(reader),
    defender: parseDefender(reader),
    pollIntervalMs: reader.require('OPERATION_POLL_INTERVAL'),
  };
  reader.throwFaults();
  return settings;
}

/** What the app has in the vault to sign in with: needed also where callers are not set up. */
export interface CredentialSettings {
  readonly identity: IdentitySettings;
  readonly onBehalfOf: ApplicationSettings | undefined;
}

/** @throws SettingsError naming all faults at once. */
export function parseCredentialSettings(env: Environment): CredentialSettings {
  const reader = new SettingsReader(env);
  const settings = {
    identity: parseIdentity(reader),
    onBehalfOf: parseOnBehalfOf(reader, reader.find('CALLER_AUDIENCE') ?? []),
  };
  reader.throwFaults();
  return settings;
}

/** What registration itself depends on: with function keys the host checks callers, otherwise this code does. */
export function usesFunctionKeys(env: Environment): boolean {
  return env.CALLER_AUTH?.trim().toLowerCase() === 'functionkey';
}

const HOST = /^(\[[0-9a-f:]+\]|[a-z0-9.-]+)(:\d+)?$/i;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function parseCallers(reader: SettingsReader, env: Environment, identity: IdentitySettings): CallerSettings {
  const auth = reader.require('CALLER_AUTH');
  const fallbackUrl = platformUrl(env);
  const publicBaseUrl =
    fallbackUrl === undefined
      ? reader.require('PUBLIC_BASE_URL')
      : (reader.find('PUBLIC_BASE_URL') ?? fallbackUrl);
  const tenantId = reader.find('CALLER_TENANT_ID') ?? identity.tenantId;
  const audiences = auth === 'entra' ? reader.require('CALLER_AUDIENCE') : reader.find('CALLER_AUDIENCE');
  if (auth === 'entra') {
    if (tenantId && !GUID.test(tenantId)) {
      reader.fault('CALLER_TENANT_ID is missing (DEFENDER_TENANT_ID is a domain name, not a GUID)');
    }
    if (audiences?.length === 0) reader.fault('CALLER_AUDIENCE is missing');
  }
  return {
    auth,
    publicBaseUrl,
    authorityHost: identity.authorityHost,
    tenantId,
    // Tokens write a client id in lower case; an identifier URI stands in them as it was registered.
    audiences: (audiences ?? []).map((one) => (one.includes(':') ? one : one.toLowerCase())),
    allowedApplications: reader.find('CALLER_ALLOWED_APPS'),
    tenantsOf: groupTenants(reader.find('CALLER_TENANTS') ?? []),
    personRequiredFor: reader.require('PERSON_REQUIRED_FOR'),
  };
}

/** From `<caller>=<tenant>` pairs. */
function groupTenants(pairs: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const tenants = new Map<string, string[]>();
  for (const pair of pairs) {
    const [caller = '', tenant = ''] = pair.split('=');
    tenants.set(caller, [...(tenants.get(caller) ?? []), tenant]);
  }
  return tenants;
}

/** Source: https://learn.microsoft.com/azure/app-service/reference-app-settings (WEBSITE_HOSTNAME) */
function platformUrl(env: Environment): string | undefined {
  const host = env.WEBSITE_HOSTNAME?.trim();
  // A host name and nothing more: whatever this becomes, callers send their tokens there.
  if (!host || !HOST.test(host) || !URL.canParse(`https://${host}`)) return undefined;
  const parsed = new URL(`https://${host}`);
  return `${isLoopback(parsed) ? 'http' : 'https'}://${parsed.host}`;
}

function parseGuards(reader: SettingsReader): GuardSettings {
  return {
    capPerHour: reader.require('ACTION_CAP_PER_HOUR'),
    capPerCaller: reader.require('ACTION_CAP_PER_CALLER'),
    protectedIds: reader.require('PROTECTED_DEVICE_IDS'),
    protectedNames: reader.require('PROTECTED_DEVICE_NAMES'),
    protectedTags: reader.require('PROTECTED_DEVICE_TAGS'),
    protectedGroups: reader.require('PROTECTED_DEVICE_GROUPS'),
    protectedValues: (reader.find('PROTECTED_DEVICE_VALUES') ?? []).map((value) => value.toLowerCase()),
    protectedPlatforms: reader.require('PROTECTED_OS_PLATFORMS'),
  };
}

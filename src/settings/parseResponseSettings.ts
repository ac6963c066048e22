import {
  parseDefender,
  parseIdentity,
  parseStorage,
  type DefenderSettings,
  type IdentitySettings,
  type StorageSettings,
} from './parseSettings.ts';
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
}

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
  readonly url: string;
  readonly audience: string;
  readonly timeoutMs: number;
}

/** What the HTTP functions need. */
export interface ResponseSettings {
  readonly storage: StorageSettings;
  readonly identity: IdentitySettings;
  readonly defender: DefenderSettings;
  readonly callers: CallerSettings;
  readonly guards: GuardSettings;
  readonly hunting: HuntingSettings;
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
  const settings: ResponseSettings = {
    storage: parseStorage(reader),
    identity,
    defender: parseDefender(reader),
    callers: parseCallers(reader, env, identity),
    guards: parseGuards(reader),
    hunting: parseHunting(reader),
    pollIntervalMs: reader.require('OPERATION_POLL_INTERVAL'),
    maxPullAgeMs: reader.require('HEALTH_MAX_PULL_AGE'),
  };
  reader.throwFaults();
  return settings;
}

/** What following operations to their end needs: not more, so that it works where callers are not set up. */
export interface FollowSettings {
  readonly defender: DefenderSettings;
  readonly pollIntervalMs: number;
}

/** @throws SettingsError naming all faults at once. */
export function parseFollowSettings(env: Environment): FollowSettings {
  const reader = new SettingsReader(env);
  const settings = {
    defender: parseDefender(reader),
    pollIntervalMs: reader.require('OPERATION_POLL_INTERVAL'),
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
  };
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

function parseHunting(reader: SettingsReader): HuntingSettings {
  const api = reader.require('HUNTING_API');
  const services = {
    graph: { url: reader.require('GRAPH_API_URL'), audience: reader.require('GRAPH_API_AUDIENCE') },
    endpoint: { url: reader.require('DEFENDER_API_URL'), audience: reader.require('DEFENDER_API_AUDIENCE') },
    xdr: { url: reader.require('XDR_API_URL'), audience: reader.require('XDR_API_AUDIENCE') },
  };
  return { api, ...services[api], timeoutMs: reader.require('HUNTING_TIMEOUT') };
}

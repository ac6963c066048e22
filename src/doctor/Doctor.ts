import { SigningKeys } from '../http/SigningKeys.ts';
import type { TokenClaims } from '../identity/decodeTokenClaims.ts';
import { permissions, type DefenderApi, type Permission } from '../identity/permissions.ts';
import type { ApplicationCredential, OnBehalfOf, TokenSource } from '../identity/TokenSource.ts';
import type { Clock } from '../runtime/Clock.ts';
import type { Tenant } from '../tenants/Tenant.ts';
import type { Asker } from '../tenants/TenantAccess.ts';
import { AccessCheckRunning } from './AccessCheckRunning.ts';
import { judge, type AccessReport } from './AccessReport.ts';
import { checkApi, type ApiCheck, type ApiCheckInit } from './ApiCheck.ts';
import { checkClock } from './checkClock.ts';
import { checkOnBehalfOf, type PersonCheck } from './checkOnBehalfOf.ts';
import { checkPermissions } from './checkPermissions.ts';
import { checkRetirement } from './checkRetirement.ts';
import { checkVault, type OpenWatch } from './checkVault.ts';
import { steps, toFinding, type Finding } from './Finding.ts';
import { findTenant, type TenantSearch } from './findTenant.ts';
import { howToGrantRole } from './howToGrant.ts';
import type { DoctorSettings } from './parseDoctorSettings.ts';

/** A caller waits, and Logic Apps not longer than two minutes. */
const BUDGET_MS = 50_000;

export interface DoctorInit extends TenantSearch {
  readonly settings: DoctorSettings;
  /**
   * The app's own identity, without any tokens yet: what the app keeps may be from before a grant, and serves for an hour
   * after its secret was withdrawn.
   */
  readonly openApplication: () => ApplicationCredential;
  /** Absent: people are refused. */
  readonly onBehalfOf: OnBehalfOf | undefined;
  readonly openWatch: OpenWatch;
  readonly clock: Clock;
  readonly fetch?: typeof fetch;
  /** Milliseconds. @default 50 seconds */
  readonly budgetMs?: number;
}

/** Walks the chain from the settings to a real call, as a person would who looks for what is wrong. */
export class Doctor {
  readonly #init: DoctorInit;
  readonly #running = new Set<string>();

  constructor(init: DoctorInit) {
    this.#init = init;
  }

  /**
   * What is found goes into the report, and what could not be looked at as well. Nothing is kept: each report is of now.
   *
   * @param tenant id or name; undefined for the home tenant.
   * @throws TenantNotFound, TenantNotAllowed, AccessCheckRunning, StorageError
   */
  async examine(asker: Asker, tenant: string | undefined, signal: AbortSignal): Promise<AccessReport> {
    const found = await findTenant(this.#init, asker.id, tenant, signal);
    if (this.#running.has(found.id)) throw new AccessCheckRunning(found.name);
    this.#running.add(found.id);
    try {
      const budget = AbortSignal.timeout(this.#init.budgetMs ?? BUDGET_MS);
      const report = await this.#examine(asker, found, AbortSignal.any([signal, budget]));
      signal.throwIfAborted();
      return report;
    } finally {
      this.#running.delete(found.id);
    }
  }

  async #examine(asker: Asker, tenant: Tenant, signal: AbortSignal): Promise<AccessReport> {
    const { settings, openWatch } = this.#init;
    const [vault, application, person] = await Promise.all([
      checkVault(settings, openWatch, signal),
      this.#checkApplication(tenant, signal),
      this.#checkPerson(asker, tenant, signal),
    ]);
    const permitted = this.#permissionsOf(tenant, application.checks);
    const all = [...application.checks, ...person.checks];
    const findings = inOrder([
      ...settingsFindings(settings),
      ...vault,
      ...application.findings,
      ...application.checks.flatMap((check) => check.findings),
      ...permitted.findings,
      checkClock(all),
      checkRetirement(settings),
      ...person.findings,
    ]);
    return {
      tenant: { id: tenant.id, name: tenant.name },
      ...judge(findings),
      credential: credentialOf(settings),
      findings,
      tokens: all.flatMap(({ token }) => token ?? []),
      features: permitted.features,
      person: person.report,
      calls: all.flatMap((check) => check.call ?? []),
    };
  }

  async #checkApplication(
    tenant: Tenant,
    signal: AbortSignal,
  ): Promise<{ readonly findings: readonly Finding[]; readonly checks: readonly ApiCheck[] }> {
    const { openApplication, settings } = this.#init;
    const { identity } = settings;
    let tokens: TokenSource;
    try {
      tokens = openApplication().tokensIn(tenant.id);
    } catch (error) {
      return { findings: [toFinding('token', undefined, error)], checks: [] };
    }
    const checks = await this.#checkApis(tenant, signal, {
      as: 'application',
      tokens,
      how: credentialOf(settings).kind,
      expectedClientId: identity.application?.clientId ?? identity.managedIdentityClientId,
    });
    return { findings: [], checks };
  }

  async #checkPerson(asker: Asker, tenant: Tenant, signal: AbortSignal): Promise<PersonCheck> {
    const { settings, onBehalfOf } = this.#init;
    return await checkOnBehalfOf({
      settings,
      tenant,
      person: asker.person,
      onBehalfOf,
      checkApis: (identity) => this.#checkApis(tenant, signal, identity),
    });
  }

  async #checkApis(
    tenant: Tenant,
    signal: AbortSignal,
    identity: Pick<ApiCheckInit, 'as' | 'tokens' | 'how' | 'expectedClientId'>,
  ): Promise<readonly ApiCheck[]> {
    const { settings, clock, fetch: send = fetch } = this.#init;
    const endpoints = settings.defender.endpointsOf(tenant.cloud);
    const keys = new SigningKeys(settings.identity.authorityHost, tenant.id, clock);
    const needed = Map.groupBy(
      permissions.filter(({ feature }) => settings.features.has(feature)),
      ({ api }) => api,
    );
    return await Promise.all(
      [...needed].map(([api, rows]: [DefenderApi, Permission[]]) =>
        checkApi(
          {
            ...identity,
            api,
            endpoint: endpoints[api],
            needed: rows,
            tenantId: tenant.id,
            keys,
            clock,
            fetch: send,
          },
          signal,
        ),
      ),
    );
  }

  #permissionsOf(tenant: Tenant, checks: readonly ApiCheck[]) {
    const { settings } = this.#init;
    const find = (api: DefenderApi) => checks.find((check) => check.api === api);
    return checkPermissions({
      isOn: (feature) => settings.features.has(feature),
      claimsOf: (api) => find(api)?.claims,
      hasToken: (api) => find(api)?.token !== undefined,
      as: 'application',
      howToGrant: (permission: Permission, claims: TokenClaims) =>
        howToGrantRole({ permission, settings, tenant, claims }),
    });
  }
}

function settingsFindings({ faults }: DoctorSettings): readonly Finding[] {
  if (faults.length === 0) return [{ step: 'settings', status: 'ok', text: 'All settings are valid.' }];
  return faults.map(toSettingsFinding);
}

/** A fault of the settings, as a finding. */
export function toSettingsFinding(text: string): Finding {
  return {
    step: 'settings',
    status: 'failed',
    code: 'settings_invalid',
    text,
    advice: 'docs/settings.md explains each setting.',
  };
}

function credentialOf({ identity }: DoctorSettings): AccessReport['credential'] {
  const { application, managedIdentityClientId } = identity;
  if (application) return { kind: application.proof.kind, clientId: application.clientId };
  return {
    kind: 'managedIdentity',
    ...(managedIdentityClientId === undefined ? {} : { clientId: managedIdentityClientId }),
  };
}

function inOrder(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((one, other) => steps.indexOf(one.step) - steps.indexOf(other.step));
}

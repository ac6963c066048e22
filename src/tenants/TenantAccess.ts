import { DefenderAccess } from '../defender/DefenderAccess.ts';
import type { ApplicationCredential, OnBehalfOf, PersonAssertion } from '../identity/TokenSource.ts';
import type { CallerVerb } from '../settings/parseResponseSettings.ts';
import type { DefenderSettings } from '../settings/parseSettings.ts';
import { asApplication } from './createOpenAsApplication.ts';
import { OnBehalfOfOff } from './OnBehalfOfOff.ts';
import { PersonElsewhere } from './PersonElsewhere.ts';
import { PersonRequired } from './PersonRequired.ts';
import type { Tenant, TenantDirectory } from './Tenant.ts';
import { TenantNotAllowed } from './TenantNotAllowed.ts';
import { TenantNotFound } from './TenantNotFound.ts';
import { TenantPaused } from './TenantPaused.ts';
import { TenantUntrusted } from './TenantUntrusted.ts';

export interface TenantAccessInit {
  readonly tenants: TenantDirectory;
  readonly application: ApplicationCredential;
  /** Absent: people are refused. */
  readonly onBehalfOf: OnBehalfOf | undefined;
  readonly defender: DefenderSettings;
  readonly limits: {
    readonly tenantsOf: ReadonlyMap<string, readonly string[]>;
    readonly personRequiredFor: readonly CallerVerb[];
  };
}

/** Who asks, as far as it decides as whom Defender is called. */
export interface Asker {
  readonly id: string;
  /** The verified token of a person; undefined for applications. */
  readonly person: PersonAssertion | undefined;
}

/** Decides in which tenant and as whom Defender is called: on behalf of people, as the app itself for applications. */
export class TenantAccess {
  readonly #init: TenantAccessInit;

  constructor(init: TenantAccessInit) {
    this.#init = init;
  }

  /**
   * @param tenant id or name; undefined for the home tenant.
   * @throws TenantNotFound, TenantPaused, TenantNotAllowed, PersonRequired, PersonElsewhere, OnBehalfOfOff,
   * TenantNeedsApplication, StorageError
   */
  async open(
    asker: Asker,
    verb: CallerVerb,
    tenant: string | undefined,
    signal: AbortSignal,
  ): Promise<DefenderAccess> {
    const { limits, onBehalfOf } = this.#init;
    if (!asker.person && limits.personRequiredFor.includes(verb)) throw new PersonRequired(verb);
    const found = await this.find(asker, tenant, signal);
    // After whether they may know: that a tenant is paused is nothing to tell everybody.
    if (!found.isEnabled) throw new TenantPaused(found.name);
    const { application, defender } = this.#init;
    if (!asker.person) return asApplication(found, application, defender);
    if (!onBehalfOf) throw new OnBehalfOfOff();
    if (found.id !== asker.person.tenantId) throw new PersonElsewhere(found);
    return new DefenderAccess({
      tenantId: found.id,
      isHome: found.isHome,
      kind: 'person',
      tokens: onBehalfOf.tokensFor(asker.person),
      endpoints: defender.endpointsOf(found.cloud),
      requestTimeoutMs: defender.requestTimeoutMs,
    });
  }

  /** Whether the asker may see what was done in a tenant. */
  mayUse(askerId: string, tenantId: string): boolean {
    return this.#init.limits.tenantsOf.get(askerId)?.includes(tenantId) ?? true;
  }

  /** A tenant, paused or not, that the asker may use. @throws TenantNotFound, TenantNotAllowed, StorageError */
  async find(asker: Asker, tenant: string | undefined, signal: AbortSignal): Promise<Tenant> {
    const { tenants, limits } = this.#init;
    const isLimited = limits.tenantsOf.has(asker.id);
    try {
      const found = await tenants.find(tenant, signal);
      if (!this.mayUse(asker.id, found.id)) throw new TenantNotAllowed(asker.id);
      return found;
    } catch (error) {
      const isAboutAll = error instanceof TenantNotFound || error instanceof TenantUntrusted;
      if (isLimited && isAboutAll) throw new TenantNotAllowed(asker.id);
      throw error;
    }
  }
}

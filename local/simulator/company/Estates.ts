import type { SimulatedClock } from '../clock/SimulatedClock.ts';
import { addDefaultRoles } from '../defender/roles/addDefaultRoles.ts';
import { hashText } from '../random/hashText.ts';
import { createCompany, type Company, type CompanyTenant } from './Company.ts';
import { createEstate, type Estate } from './Estate.ts';

/** What estates are made from. */
export interface EstatesInit {
  readonly home: Company;
  readonly clock: SimulatedClock;
  readonly seed: number;
  /** What Entra knows of a tenant. */
  readonly findTenant: (tenantId: string) => CompanyTenant | undefined;
}

/**
 * The estates of all tenants. One that nobody has asked for does not exist yet; it comes into being with machines of its
 * own and without alerts. No two tenants share an id of anything.
 */
export class Estates {
  readonly home: Estate;
  readonly #init: EstatesInit;
  readonly #estates = new Map<string, Estate>();

  constructor(init: EstatesInit) {
    this.#init = init;
    const { home, clock, seed } = init;
    this.home = createEstate({ company: home, clock, seed });
    addDefaultRoles(this.home.roles, home);
    this.#estates.set(home.tenantId, this.home);
  }

  /** The estate of this tenant. */
  of(tenantId: string): Estate {
    const known = this.#estates.get(tenantId);
    if (known !== undefined) return known;
    const { clock, seed, findTenant } = this.#init;
    const tenant = findTenant(tenantId) ?? toUnknownTenant(tenantId);
    const ownSeed = hashText(`estate ${seed} ${tenantId}`);
    const estate = createEstate({ company: createCompany(ownSeed, tenant), clock, seed: ownSeed });
    this.#estates.set(tenantId, estate);
    return estate;
  }

  /** The estate of this tenant, if anybody has asked for it before. */
  find(tenantId: string): Estate | undefined {
    return this.#estates.get(tenantId);
  }
}

/** Tokens that control made may name a tenant that Entra does not know. */
function toUnknownTenant(tenantId: string): CompanyTenant {
  const domain = `tenant-${tenantId.slice(0, 8)}.example`;
  return { id: tenantId, domain, displayName: domain };
}

import type { Home, TenantRecord } from './TenantRecord.ts';
import { joinKey } from '../storage/keys.ts';
import { TenantNotFound } from './TenantNotFound.ts';
import { createHomeRecord, fromTenantRow } from './tenantRow.ts';
import { TenantUntrusted } from './TenantUntrusted.ts';

type Row = Readonly<Record<string, unknown>>;

/** A row that cannot be understood. */
export interface UntrustedRow {
  readonly rowKey: string;
  /** What it says of itself, as far as that is text. */
  readonly id: string;
  readonly name: string;
  readonly why: string;
}

/**
 * The tenants as one look at the table gave them.
 *
 * Invariant: a text leads to a tenant only when it is that tenant's whole id or name, whatever the case; ids go before
 * names, and a name that two rows have leads to neither. A row that cannot be trusted stands for its tenant: nobody gets
 * anything else under its id or name.
 */
export class TenantList {
  /** The home tenant first, if it can be trusted; the others by name. */
  readonly tenants: readonly TenantRecord[];
  readonly untrusted: readonly UntrustedRow[];
  readonly #homeId: string;

  constructor(rows: readonly Row[], home: Home) {
    const records: TenantRecord[] = [];
    const untrusted: UntrustedRow[] = [];
    for (const row of rows) {
      const record = fromTenantRow(row, home);
      if (typeof record === 'string') untrusted.push(describe(row, record));
      else records.push(record);
    }
    // A row that cannot be trusted may have paused the home tenant.
    const isHomeListed =
      records.some(({ isHome }) => isHome) ||
      untrusted.some(({ id, rowKey }) => id === home.tenantId || rowKey === joinKey(home.tenantId));
    if (!isHomeListed) records.push(createHomeRecord(home));
    this.tenants = records.sort((a, b) => Number(b.isHome) - Number(a.isHome) || compare(a.name, b.name));
    this.untrusted = untrusted;
    this.#homeId = home.tenantId.toLowerCase();
  }

  /** @param text id or name; undefined for the home tenant. @throws TenantNotFound, TenantUntrusted */
  find(text: string | undefined): TenantRecord {
    const wanted = text?.toLowerCase() ?? this.#homeId;
    for (const property of ['id', 'name'] as const) {
      const isWanted = (one: TenantRecord | UntrustedRow) => one[property].toLowerCase() === wanted;
      const damaged = this.untrusted.find((row) => isWanted(row) || row.rowKey === joinKey(wanted));
      if (damaged) throw new TenantUntrusted(text ?? damaged.id, damaged.why);
      const [found, another] = this.tenants.filter(isWanted);
      if (another) throw new TenantUntrusted(wanted, 'several tenants have this name; use their ids');
      if (found) return found;
    }
    throw new TenantNotFound(text ?? this.#homeId);
  }
}

function describe(row: Row, why: string): UntrustedRow {
  const textOf = (value: unknown) => (typeof value === 'string' ? value : '');
  return { rowKey: textOf(row.rowKey), id: textOf(row.tenantId), name: textOf(row.name), why };
}

function compare(a: string, b: string): number {
  return a.toLowerCase() < b.toLowerCase() ? -1 : 1;
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TenantList } from '../../src/tenants/TenantList.ts';
import { TenantNotFound } from '../../src/tenants/TenantNotFound.ts';
import { TenantUntrusted } from '../../src/tenants/TenantUntrusted.ts';
import { createTenant, HOME, rowOf, tenantId } from '../support/tenants.ts';

const listOf = (...rows: Record<string, unknown>[]) => new TenantList(rows, HOME);

describe('the list of tenants', () => {
  it('has the home tenant, also when the table is empty', () => {
    const list = listOf();
    expect(list.tenants).toMatchObject([{ id: HOME.tenantId, name: 'home', isEnabled: true, isHome: true }]);
    for (const name of [undefined, 'home', 'HOME', HOME.tenantId, HOME.tenantId.toUpperCase()]) {
      expect(list.find(name).isHome).toBe(true);
    }
  });

  it('has the home tenant first and the others by name', () => {
    const list = listOf(
      rowOf(createTenant(1, { name: 'b' })),
      rowOf(createTenant(2, { name: 'A' })),
      rowOf(createTenant(3, { id: HOME.tenantId, name: 'z' })),
    );
    expect(list.tenants.map(({ name }) => name)).toEqual(['z', 'A', 'b']);
    expect(() => list.find('home')).toThrow(TenantNotFound);
    expect(list.find('Z').isHome).toBe(true);
  });

  it('leads to a tenant by its whole id or name only, whatever the case, and to no other', () => {
    const name = fc.constantFrom('Contoso', 'contoso ltd', 'Fabrikam', 'home', 'a.b-c', 'A');
    const row = fc.record({ number: fc.integer({ min: 1, max: 5 }), name, isEnabled: fc.boolean() });
    const rows = fc.uniqueArray(row, { maxLength: 5, selector: ({ number }) => number });
    const text = fc.oneof(
      name,
      name.map((one) => one.slice(1)),
      name.map((one) => one.toUpperCase()),
      fc.integer({ min: 1, max: 6 }).map(tenantId),
      fc.string(),
    );
    fc.assert(
      fc.property(rows, text, (given, wanted) => {
        const list = listOf(...given.map(({ number, ...rest }) => rowOf(createTenant(number, rest))));
        const matches = list.tenants.filter(({ id, name: its }) =>
          [id, its].some((one) => one.toLowerCase() === wanted.toLowerCase()),
        );
        if (matches.length === 1) expect(list.find(wanted)).toBe(matches[0]);
        else expect(() => list.find(wanted)).toThrow(matches.length === 0 ? TenantNotFound : TenantUntrusted);
      }),
    );
  });

  it('closes a tenant whose row is damaged, and no other', () => {
    const list = listOf(
      rowOf(createTenant(1), { isEnabled: 'no' }),
      rowOf(createTenant(2)),
      rowOf(createTenant(3), { tenantId: 5 }),
    );
    for (const name of [tenantId(1), 'tenant-1', 'TENANT-1', tenantId(3)])
      expect(() => list.find(name)).toThrow(TenantUntrusted);
    expect(list.find('tenant-2').id).toBe(tenantId(2));
    expect(list.tenants.map(({ name }) => name)).toEqual(['home', 'tenant-2']);
    expect(list.untrusted.map(({ rowKey }) => rowKey)).toEqual([tenantId(1), tenantId(3)]);
  });

  it('closes the home tenant when its row is damaged: somebody may have wished to stop it', () => {
    for (const damage of [{ isEnabled: 0 }, { tenantId: 'x' }, { tenantId: undefined }]) {
      const list = listOf(rowOf(createTenant(1, { id: HOME.tenantId }), damage));
      expect(list.tenants).toEqual([]);
      expect(() => list.find(undefined)).toThrow(TenantUntrusted);
    }
  });
});

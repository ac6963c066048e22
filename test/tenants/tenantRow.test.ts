import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TenantRecord } from '../../src/tenants/TenantRecord.ts';
import { createHomeRecord, fromTenantRow } from '../../src/tenants/tenantRow.ts';
import { createTenant, HOME, rowOf } from '../support/tenants.ts';

const time = fc.option(fc.integer({ min: 0, max: 4e12 }), { nil: undefined });
const tenant: fc.Arbitrary<TenantRecord> = fc
  .record({
    name: fc.stringMatching(/^[A-Za-z]([A-Za-z0-9 ._-]{0,60}[A-Za-z])?$/),
    cloud: fc.constantFrom('global', 'gcc'),
    isEnabled: fc.boolean(),
    addedAt: time,
    addedBy: fc.string(),
    consentedAt: time,
    lastAttempt: time,
    lastSuccess: time,
    lastOutcome: fc.constantFrom('', 'finished', 'paused', 'credential_refused'),
  })
  .map((changes) => createTenant(7, changes));

describe("a tenant's row", () => {
  it('gives back what was stored', () => {
    fc.assert(
      fc.property(tenant, (record) => {
        expect(fromTenantRow(rowOf(record), HOME)).toEqual(record);
      }),
    );
  });

  it('gives a reason or a tenant for whatever stands in it, never an error', () => {
    const anything = fc.option(fc.anything(), { nil: undefined });
    const property = fc.constantFrom(...Object.keys(rowOf(createTenant(1))));
    fc.assert(
      fc.property(property, anything, (name, value) => {
        const found = fromTenantRow(rowOf(createTenant(1), { [name]: value }), HOME);
        if (typeof found !== 'string') expect(found.id).toBe(createTenant(1).id);
      }),
    );
  });

  it.each([
    [{ schemaVersion: 2 }, 'schema version'],
    [{ schemaVersion: undefined }, 'schema version'],
    [{ rowKey: 'other' }, 'the one of its key'],
    [{ tenantId: 'contoso.com', rowKey: 'contoso.com' }, 'not a GUID'],
    [{ name: undefined }, 'its name'],
    [{ name: ' x' }, 'its name'],
    [{ name: createTenant(2).id }, 'its name'],
    [{ cloud: 'moon' }, 'its cloud is not known'],
    // An application is never used across clouds.
    [{ cloud: 'dod' }, 'another Entra'],
    [{ isEnabled: 'false' }, '`isEnabled`'],
    [{ isEnabled: undefined }, '`isEnabled`'],
    [{ lastSuccess: 'yesterday' }, 'a time that is none'],
  ])('is not trusted with %j', (changes, why) => {
    expect(fromTenantRow(rowOf(createTenant(1), changes), HOME)).toContain(why);
  });

  it('changes of the home tenant only what it says', () => {
    const row = { ...rowOf(createTenant(1, { id: HOME.tenantId })), addedBy: '', addedAt: '' };
    const { name, cloud, isEnabled, ...rest } = row;
    expect(fromTenantRow(rest, HOME)).toEqual(createHomeRecord(HOME));
    expect(fromTenantRow({ ...rest, isEnabled: false }, HOME)).toMatchObject({
      name: 'home',
      isEnabled: false,
    });
    expect(fromTenantRow({ ...rest, name: 'hq' }, HOME)).toMatchObject({ name: 'hq', isEnabled: true });
    expect(fromTenantRow({ ...rest, isEnabled: 'no' }, HOME)).toContain('`isEnabled`');
    // The home tenant's cloud is a setting.
    expect(fromTenantRow({ ...rest, cloud: 'gcc' }, HOME)).toContain('its cloud');
  });

  it('may belong to a home tenant that is known by its domain', () => {
    const home = { tenantId: 'contoso.onmicrosoft.com', cloud: 'gcc' } as const;
    const row = rowOf(createTenant(1, { id: home.tenantId, cloud: 'gcc' }));
    expect(fromTenantRow(row, home)).toMatchObject({ id: home.tenantId, isHome: true });
  });
});

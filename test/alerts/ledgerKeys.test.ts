import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOldGroup, ledgerGroup, ledgerGroupsBefore, ledgerRow } from '../../src/alerts/ledgerKeys.ts';
import { formatTicks, type Ticks } from '../../src/alerts/ticks.ts';
import { createVersion, ORIGIN, ticksOf } from '../support/alerts.ts';

const HORIZON = ticksOf('2026-10-22T15:00:00Z');
const instant = fc.bigInt({ min: ticksOf('2020-01-01T00:00:00Z'), max: ticksOf('2030-01-01T00:00:00Z') });
const id = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => text.trim() !== '');
const version = (alertId: string, ticks: Ticks, origin = ORIGIN) =>
  createVersion({ id: alertId, lastUpdateTime: formatTicks(ticks) }, origin);

describe('ledger keys', () => {
  it('hold only characters that Table Storage allows', () => {
    fc.assert(
      fc.property(id, instant, (alertId, ticks) => {
        const found = version(alertId, ticks);
        expect(ledgerGroup(found, HORIZON)).toMatch(/^[A-Za-z0-9._-]+$/);
        expect(ledgerRow(found)).toMatch(/^\d{19}-[0-9a-f]{32}$/);
      }),
    );
  });

  it('of rows order as the instants of their versions do', () => {
    fc.assert(
      fc.property(id, id, instant, instant, (first, second, a, b) => {
        fc.pre(a !== b);
        expect(ledgerRow(version(first, a)) < ledgerRow(version(second, b))).toBe(a < b);
      }),
    );
  });

  it('differ for different versions of one group', () => {
    const at = ticksOf('2026-11-21T12:00:00Z');
    const rows = [version('a', at), version('b', at), version('a', at + 1n)].map(ledgerRow);
    expect(new Set(rows).size).toBe(3);
    const undated = [{ status: 'New' }, { status: 'Resolved' }].map((alert) =>
      ledgerRow(createVersion({ ...alert, lastUpdateTime: 'never' })),
    );
    expect(new Set(undated).size).toBe(2);
  });

  it('spread a day over four groups and keep all versions of an alert and a day together', () => {
    const at = ticksOf('2026-11-21T00:00:00Z');
    const groups = Array.from({ length: 200 }, (_, index) => ledgerGroup(version(`da${index}`, at), HORIZON));
    expect(new Set(groups).size).toBe(4);
    const late = ticksOf('2026-11-21T23:59:59.9999999Z');
    expect(ledgerGroup(version('da1', late), HORIZON)).toBe(ledgerGroup(version('da1', at), HORIZON));
    expect(ledgerGroup(version('da1', late + 1n), HORIZON)).not.toBe(groups[1]);
  });

  it('separate tenants and sources', () => {
    const at = ticksOf('2026-11-21T12:00:00Z');
    const origins = [ORIGIN, { ...ORIGIN, tenantId: 'fabrikam.example' }, { ...ORIGIN, source: 'graph' }];
    expect(new Set(origins.map((origin) => ledgerGroup(version('a', at, origin), HORIZON))).size).toBe(3);
  });

  it('say of a group whether its whole day lies before the horizon', () => {
    const day = (ticks: Ticks) => formatTicks(ticks).slice(0, 10);
    fc.assert(
      fc.property(id, instant, instant, (alertId, ticks, horizon) => {
        const [first, end] = ledgerGroupsBefore(ORIGIN, horizon);
        // As it was recorded when the horizon lay long before it.
        const group = ledgerGroup(version(alertId, ticks), 0n);
        expect(group >= first && group < end).toBe(day(ticks) < day(horizon));
      }),
    );
  });

  it('never count the group of versions from before the horizon among the days to delete', () => {
    fc.assert(
      fc.property(id, instant, instant, (alertId, ticks, horizon) => {
        fc.pre(ticks < horizon);
        const [first, end] = ledgerGroupsBefore(ORIGIN, horizon);
        const group = ledgerGroup(version(alertId, ticks), horizon);
        expect(group >= first && group < end).toBe(false);
      }),
    );
  });

  it('say of a group whether it is one that is never deleted', () => {
    fc.assert(
      fc.property(id, instant, instant, (alertId, ticks, horizon) => {
        expect(isOldGroup(ledgerGroup(version(alertId, ticks), horizon))).toBe(ticks < horizon);
      }),
    );
  });

  it('name no group of another tenant or source among the days to delete', () => {
    const [first, end] = ledgerGroupsBefore(ORIGIN, HORIZON);
    const at = ticksOf('2026-09-01T00:00:00Z');
    const others = ['contoso', 'contoso.example2', 'contoso.exampl', 'z'].flatMap((tenantId) => [
      { ...ORIGIN, tenantId },
      { ...ORIGIN, source: `endpoint${tenantId}` },
    ]);
    for (const origin of others) {
      const group = ledgerGroup(version('a', at, origin), 0n);
      expect(group >= first && group < end).toBe(false);
    }
  });
});

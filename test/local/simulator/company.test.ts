import { afterEach, describe, expect, it } from 'vitest';
import { createCompany } from '../../../local/simulator/company/Company.ts';
import { createHistory } from '../../../local/simulator/company/history.ts';
import { findTicks, ticksPerSecond } from '../../../local/simulator/clock/ticks.ts';
import { startTestSimulator, type TestSimulator } from './startTestSimulator.ts';

let simulator: TestSimulator | undefined;
afterEach(async () => {
  await simulator?.stop();
  simulator = undefined;
});

const company = createCompany(1);
const nowTicks = findTicks('2026-09-01T12:00:00Z') ?? 0n;
const hour = 3600n * ticksPerSecond;
const createPast = (seed: number, at = nowTicks): ReturnType<typeof createHistory> =>
  createHistory({ company, seed, count: 150, nowTicks: at });

// https://learn.microsoft.com/defender-endpoint/api/alerts
const documentedProperties = [
  'aadTenantId',
  'alertCreationTime',
  'assignedTo',
  'category',
  'classification',
  'comments',
  'computerDnsName',
  'description',
  'detectionSource',
  'detectorId',
  'determination',
  'evidence',
  'firstEventTime',
  'id',
  'incidentId',
  'investigationId',
  'investigationState',
  'lastEventTime',
  'lastUpdateTime',
  'machineId',
  'mitreTechniques',
  'rbacGroupName',
  'relatedUser',
  'resolvedTime',
  'severity',
  'status',
  'threatFamilyName',
  'threatName',
  'title',
];

describe('The company', () => {
  it('is the same for the same seed and differs for another', () => {
    expect(createCompany(1)).toEqual(company);
    expect(createCompany(2).devices).not.toEqual(company.devices);
    expect(createCompany(2).tenantId).toBe(company.tenantId); // A stored checkpoint belongs to the tenant.
    expect([company.devices.length, company.users.length]).toEqual([40, 60]);
  });

  it('gives each alert the documented properties, in the documented shapes', () => {
    for (const { alert } of createPast(1)) {
      expect(Object.keys(alert).sort()).toEqual(documentedProperties);
      expect(alert.id).toMatch(/^da\d{18}_-?\d{1,10}$/);
      expect(alert.machineId).toMatch(/^[0-9a-f]{40}$/);
      for (const item of alert.evidence) expect(Object.keys(item)).toHaveLength(25);
    }
  });

  it('varies what varies in real alerts: nulls and the digits of timestamps', () => {
    const alerts = createPast(1).map(({ alert }) => alert);
    for (const name of [
      'incidentId',
      'investigationId',
      'relatedUser',
      'detectorId',
      'threatName',
    ] as const) {
      expect(new Set(alerts.map((alert) => alert[name] === null))).toEqual(new Set([true, false]));
    }
    const digits = new Set(
      alerts.map(({ alertCreationTime }) => /\.(\d+)Z$/.exec(alertCreationTime)?.[1]?.length ?? 0),
    );
    expect(digits.size).toBeGreaterThan(4);
    expect(digits).toContain(7);
  });

  it('orders the times of an alert: events, creation, update', () => {
    for (const { alert } of createPast(3)) {
      const times = [
        alert.firstEventTime,
        alert.lastEventTime,
        alert.alertCreationTime,
        alert.lastUpdateTime,
      ];
      const ticks = times.map((time) => findTicks(time) ?? 0n);
      expect(ticks).toEqual(ticks.toSorted((left, right) => (left < right ? -1 : 1)));
    }
  });
});

describe('The history', () => {
  it('has as many alerts as asked for, spread over the past 48 hours', () => {
    const ticks = createPast(1).map(({ alert }) => findTicks(alert.lastUpdateTime) ?? 0n);
    expect(ticks).toHaveLength(150);
    expect(ticks.every((one) => one < nowTicks && one > nowTicks - 49n * hour)).toBe(true);
    expect(ticks.filter((one) => one > nowTicks - 24n * hour).length).toBeGreaterThan(60);
  });

  it('changes about a third of them', () => {
    const changed = createPast(1).filter(({ change }) => change !== undefined);
    expect(changed.length).toBeGreaterThan(30);
    expect(changed.length).toBeLessThan(75);
  });

  it('is the same life when the simulator starts again later', () => {
    const before = createPast(1);
    const after = createPast(1, nowTicks + 5n * hour);
    const known = new Map(before.map((past) => [past.alert.id, past]));
    const shared = after.filter(({ alert }) => known.has(alert.id));
    expect(shared.length).toBeGreaterThan(120);
    expect(shared.length).toBeLessThan(150);
    for (const past of shared) expect(past).toEqual(known.get(past.alert.id));
  });

  it('is what Defender shows at the start', async () => {
    simulator = await startTestSimulator({ history: 150 });
    const alerts = await simulator.list({ $expand: 'evidence' });
    expect(alerts).toHaveLength(150);
    expect(alerts.some(({ status }) => status !== 'New')).toBe(true);
  });
});

describe('Arrivals', () => {
  it('bring new alerts, whose update time is not in the future', async () => {
    simulator = await startTestSimulator({ arrivalMeanSeconds: 0.05 });
    // Through control: asking Defender so often would use up the quota on a slow machine.
    const count = async (): Promise<number> =>
      ((await simulator?.control('GET', '/alerts'))?.alerts as unknown[]).length;
    await expect.poll(count, { timeout: 10_000 }).toBeGreaterThan(5);
    for (const { lastUpdateTime } of await simulator.list({})) {
      expect(Date.parse(String(lastUpdateTime))).toBeLessThanOrEqual(Date.now());
    }
  });

  it('stop when control says so', async () => {
    simulator = await startTestSimulator({ arrivalMeanSeconds: 0.05 });
    await simulator.control('POST', '/arrivals', { off: true });
    const before = (await simulator.control('GET', '/alerts')).alerts;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await simulator.control('GET', '/alerts')).alerts).toEqual(before);
  });

  it('do not come unless asked for', async () => {
    simulator = await startTestSimulator();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await simulator.control('GET', '/alerts')).alerts).toEqual([]);
  });
});

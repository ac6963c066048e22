import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DefenderAccess } from '../../src/defender/DefenderAccess.ts';
import type { TokenSource } from '../../src/identity/TokenSource.ts';
import { AlertReader } from '../../src/reading/AlertReader.ts';
import { IncidentReader } from '../../src/reading/IncidentReader.ts';
import { startTestSimulator, type TestSimulator } from '../local/simulator/startTestSimulator.ts';

const never = new AbortController().signal;
const AUDIENCES = {
  endpoint: 'https://api.securitycenter.microsoft.com',
  xdr: 'https://api.security.microsoft.com',
  graph: 'https://graph.microsoft.com',
};
const COUNT = 260;

let simulator: TestSimulator;
let access: DefenderAccess;
/** The last updates of all alerts, newest first. */
let updates: string[];
let since: number;
/** Alerts come three to an incident, but for the newest. */
const incidentOf = (index: number) => 1_000 + Math.floor(index / 3);

beforeAll(async () => {
  simulator = await startTestSimulator();
  const secret = await simulator.readSecret();
  const credential = simulator.signIn(secret);
  const tokens: TokenSource = {
    getToken: async (audience) => (await credential.getToken(`${audience}/.default`)).token,
  };
  const { defender, graph } = simulator.urls;
  access = new DefenderAccess({
    ...{ tenantId: simulator.company.tenantId, isHome: true, kind: 'application', tokens },
    endpoints: {
      endpoint: { url: defender, audience: AUDIENCES.endpoint },
      xdr: { url: defender, audience: AUDIENCES.xdr },
      graph: { url: graph, audience: AUDIENCES.graph },
    },
    requestTimeoutMs: 20_000,
  });
  const start = Date.now() - 40 * 3_600_000;
  since = start - 1_000;
  // Created in one order, updated in another: the lists are in the order of creation.
  const alerts = Array.from({ length: COUNT }, (_, index) => ({
    id: `da${index}_1`,
    incidentId: incidentOf(index),
    severity: index % 4 === 0 ? 'High' : 'Medium',
    alertCreationTime: new Date(start - 3_600_000 - index * 1_000).toISOString(),
    lastUpdateTime: new Date(start + ((index * 7_919) % COUNT) * 60_000).toISOString(),
  }));
  await simulator.control('POST', '/alerts', alerts);
  updates = alerts
    .map(({ lastUpdateTime }) => lastUpdateTime)
    .sort()
    .reverse();
});
afterAll(() => simulator.stop());
afterEach(() => simulator.control('DELETE', '/faults'));

const instants = (records: readonly { lastUpdateDateTime: string | undefined }[]) =>
  records.map(({ lastUpdateDateTime = '' }) => new Date(lastUpdateDateTime).toISOString());

describe('the alerts of the simulated company', () => {
  it.each(['endpoint', 'graph'] as const)('are read from %s, all and the newest', async (api) => {
    const reader = new AlertReader(access, api);
    const all = await reader.list({ since, top: 1_000 }, never);
    expect(instants(all.value)).toEqual(updates);
    expect(all.truncated).toBe(false);
    const newest = await reader.list({ since, top: 40 }, never);
    expect(instants(newest.value)).toEqual(updates.slice(0, 40));
    expect(newest).toMatchObject({ truncated: true, truncatedBy: 'top' });
  });

  it('are the same from both APIs, one by one as well', async () => {
    const [endpoint, graph] = [new AlertReader(access, 'endpoint'), new AlertReader(access, 'graph')];
    const query = { since, top: 1_000, severity: 'high', status: 'new' };
    const common = (alerts: readonly Record<string, unknown>[]) =>
      alerts.map(({ source, record, evidenceOmitted, partial, ...rest }) => rest);
    const [fromEndpoint, fromGraph] = [await endpoint.list(query, never), await graph.list(query, never)];
    expect(fromEndpoint.value).toHaveLength(COUNT / 4);
    expect(common(fromGraph.value)).toEqual(common(fromEndpoint.value));
    const single = [await endpoint.get('da8_1', never), await graph.get('da8_1', never)];
    expect(common(single.slice(0, 1))).toEqual(common(single.slice(1)));
    expect(single[0]?.evidenceOmitted).toBe(false);
    expect(single[0]?.deviceIds).toHaveLength(1);
  });

  it.each(['endpoint', 'graph'] as const)('are not found in %s when they do not exist', async (api) => {
    const get = new AlertReader(access, api).get('da9999_1', never);
    await expect(get).rejects.toMatchObject({ code: 'alert_not_found' });
  });
});

describe('the incidents of the simulated company', () => {
  const count = Math.ceil(COUNT / 3);

  it.each(['graph', 'xdr'] as const)('are read from %s, all and the newest', async (api) => {
    const reader = new IncidentReader(access, api);
    const all = await reader.list({ since, top: 1_000 }, never);
    expect(all.value).toHaveLength(count);
    expect(instants(all.value)).toEqual(instants(all.value).sort().reverse());
    const newest = await reader.list({ since, top: 20 }, never);
    expect(newest.value.map(({ id }) => id)).toEqual(all.value.slice(0, 20).map(({ id }) => id));
    const high = await reader.list({ since, top: 30, severity: 'high' }, never);
    const expected = all.value.filter(({ severity }) => severity === 'high').slice(0, 30);
    expect(high.value.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
  });

  it('have the same alerts from both APIs', async () => {
    const graph = await new IncidentReader(access, 'graph').get('1002', never);
    const xdr = await new IncidentReader(access, 'xdr').get('1002', never);
    expect(graph.alertsOmitted).toBe(false);
    expect(graph.alerts).toHaveLength(3);
    expect(graph.alerts).toEqual(xdr.alerts);
    expect(graph.deviceIds).toEqual(xdr.deviceIds);
    expect([graph.title, graph.status, graph.severity]).toEqual([xdr.title, xdr.status, xdr.severity]);
  });

  it('come without their alerts when Graph lastingly fails over them', async () => {
    await simulator.control('POST', '/faults', {
      service: 'graph',
      match: { queryContains: 'expand' },
      effect: { status: 500 },
    });
    const incident = await new IncidentReader(access, 'graph').get('1002', never);
    expect(incident).toMatchObject({ id: '1002', alertsOmitted: true });
  });

  it.each(['graph', 'xdr'] as const)('say so when %s answers in part', async (api) => {
    const service = api === 'graph' ? 'graph' : 'defender';
    const fault = { service, match: { pathContains: 'incidents' }, effect: { partial: true } };
    await simulator.control('POST', '/faults', fault);
    const answer = await new IncidentReader(access, api).list({ since, top: 20 }, never);
    expect(answer).toMatchObject({ truncated: true, truncatedBy: 'partial' });
    expect(answer.completeSince).toBeUndefined();
  });

  it.each(['graph', 'xdr'] as const)('are not found in %s when they do not exist', async (api) => {
    const get = new IncidentReader(access, api).get('999999', never);
    await expect(get).rejects.toMatchObject({ code: 'incident_not_found' });
  });
});

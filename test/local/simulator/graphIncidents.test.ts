import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordsOf, signInApplication, type Caller } from './signInAs.ts';
import { startTestSimulator, type TestSimulator } from './startTestSimulator.ts';

let simulator: TestSimulator;
let caller: Caller;
beforeAll(async () => {
  simulator = await startTestSimulator();
  caller = signInApplication(simulator);
  await simulator.control('POST', '/alerts', [
    {
      id: 'da1_1',
      incidentId: 100,
      severity: 'Low',
      alertCreationTime: '2026-05-20T08:00:00Z',
      lastUpdateTime: '2026-05-20T08:00:02Z',
    },
    {
      id: 'da1_2',
      incidentId: 100,
      severity: 'High',
      alertCreationTime: '2026-05-20T09:00:00Z',
      lastUpdateTime: '2026-05-20T09:00:02Z',
    },
    {
      id: 'da1_3',
      incidentId: 200,
      severity: 'Medium',
      status: 'Resolved',
      classification: 'FalsePositive',
      determination: 'NotMalicious',
      assignedTo: 'ada@harbourlane.example',
      alertCreationTime: '2026-05-20T10:00:00Z',
      lastUpdateTime: '2026-05-20T10:00:01Z',
    },
  ]);
});
afterAll(() => simulator.stop());

const path = '/v1.0/security/incidents';
const ids = async (query?: Readonly<Record<string, string>>): Promise<unknown[]> =>
  recordsOf(await caller.get('graph', path, query)).map(({ id }) => id);

// https://learn.microsoft.com/graph/api/security-list-incidents
describe('Graph lists incidents', () => {
  it('in its own words, the most recent first, without their alerts', async () => {
    const { tenantId } = simulator.company;
    const incidents = recordsOf(await caller.get('graph', path));
    expect(incidents).toMatchObject([
      {
        id: '200',
        status: 'resolved',
        severity: 'medium',
        classification: 'falsePositive',
        determination: 'clean',
        assignedTo: 'ada@harbourlane.example',
      },
      {
        id: '100',
        tenantId,
        incidentWebUrl: `https://security.microsoft.com/incidents/100?tid=${tenantId}`,
        redirectIncidentId: null,
        status: 'active',
        severity: 'high',
        classification: 'unknown',
        determination: 'unknown',
        assignedTo: null,
        createdDateTime: '2026-05-20T08:00:00Z',
        lastUpdateDateTime: '2026-05-20T09:00:02Z',
        customTags: [],
        comments: [],
      },
    ]);
    expect(incidents.every((incident) => !Object.hasOwn(incident, 'alerts'))).toBe(true);
  });

  it('with their alerts when these are expanded', async () => {
    const [, incident] = recordsOf(await caller.get('graph', path, { $expand: 'alerts' }));
    expect((incident?.alerts as unknown[]).map((alert) => (alert as { id: string }).id)).toEqual([
      'da1_1',
      'da1_2',
    ]);
    expect(incident?.alerts).toMatchObject([{ incidentId: '100', severity: 'low' }, { severity: 'high' }]);
  });

  it.each([
    ["severity eq 'high' and status eq 'active'", ['100']],
    ["assignedTo eq 'ada@harbourlane.example'", ['200']],
    ["classification eq 'falsePositive' and determination eq 'clean'", ['200']],
    ['createdDateTime lt 2026-05-20T10:00:00Z', ['100']],
    ['lastUpdateDateTime ge 2026-05-20T09:00:02Z', ['200', '100']],
  ])('filtered by %s', async ($filter, expected) => {
    expect(await ids({ $filter })).toEqual(expected);
  });

  it('in pages of 50 that lead to each other, with a count when asked', async () => {
    const alertCreationTime = '2026-05-19T00:00:00Z';
    const many = Array.from({ length: 70 }, (_value, index) => ({
      incidentId: 1000 + index,
      alertCreationTime,
    }));
    await simulator.control('POST', '/alerts', many);
    const first = await caller.get('graph', path, { $count: 'true' });
    expect([recordsOf(first).length, first.json['@odata.count']]).toEqual([50, 72]);
    const next = String(first.json['@odata.nextLink']);
    expect(next.startsWith(`${simulator.urls.graph}${path}?`)).toBe(true);
    const second = await caller.get('graph', next.slice(simulator.urls.graph.length));
    expect(recordsOf(second)).toHaveLength(22);
    expect(second.json).not.toHaveProperty('@odata.nextLink');
    expect(await ids({ $top: '2', $skip: '1' })).toHaveLength(2);
  });

  it.each([['$top=51'], ['$expand=evidence'], ['$orderby=createdDateTime'], ["$filter=displayName eq 'x'"]])(
    'and refuses the query %s by 400',
    async (query) => {
      const { status, json } = await caller.get('graph', `${path}?${query}`);
      expect([status, json]).toMatchObject([400, { error: { code: 'BadRequest' } }]);
    },
  );
});

// https://learn.microsoft.com/graph/api/security-incident-get
describe('Graph shows one incident', () => {
  it('by its id, with its alerts when these are expanded', async () => {
    const plain = await caller.get('graph', `${path}/100`);
    expect([plain.status, plain.json]).toMatchObject([200, { id: '100', severity: 'high' }]);
    const { json } = await caller.get('graph', `${path}/100`, { $expand: 'alerts' });
    expect(json.alerts).toHaveLength(2);
  });

  it('and answers 404 to an unknown id', async () => {
    const { status, json } = await caller.get('graph', `${path}/999`);
    expect([status, json]).toMatchObject([404, { error: { code: 'ResourceNotFound' } }]);
  });

  it('that was merged into another', async () => {
    await simulator.control('PATCH', '/incidents/100', { status: 'Redirected', redirectIncidentId: 200 });
    const { json } = await caller.get('graph', `${path}/100`);
    expect(json).toMatchObject({ status: 'redirected', redirectIncidentId: '200' });
  });
});

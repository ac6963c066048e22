import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { recordsOf, signInApplication, type Caller } from './signInAs.ts';
import { startTestSimulator, type TestSimulator } from './startTestSimulator.ts';

let simulator: TestSimulator;
let caller: Caller;
beforeAll(async () => {
  simulator = await startTestSimulator();
  caller = signInApplication(simulator);
});
afterAll(() => simulator.stop());
beforeEach(async () => {
  await simulator.control('DELETE', '/alerts');
  await simulator.control('POST', '/limits', {});
  await simulator.control('POST', '/alerts', [
    {
      id: 'da1_1',
      incidentId: 100,
      title: 'First',
      severity: 'Low',
      alertCreationTime: '2026-05-20T08:00:00.1234567Z',
      lastUpdateTime: '2026-05-20T08:00:02Z',
    },
    {
      id: 'da1_2',
      incidentId: 100,
      severity: 'High',
      alertCreationTime: '2026-05-20T09:00:00Z',
      lastUpdateTime: '2026-05-20T09:00:02.57Z',
    },
    {
      id: 'da1_3',
      incidentId: 200,
      severity: 'Medium',
      assignedTo: 'ada@harbourlane.example',
      alertCreationTime: '2026-05-20T10:00:00Z',
      lastUpdateTime: '2026-05-20T10:00:01Z',
    },
    { id: 'da1_4', incidentId: null },
  ]);
});

const list = async (
  query?: Readonly<Record<string, string>>,
): Promise<readonly Readonly<Record<string, unknown>>[]> =>
  recordsOf(await caller.get('xdr', '/api/incidents', query));

const idsOf = (incidents: readonly Readonly<Record<string, unknown>>[]): unknown[] =>
  incidents.map(({ incidentId }) => incidentId);

// https://learn.microsoft.com/defender-xdr/api-list-incidents
describe('Defender XDR lists incidents', () => {
  it('made of the alerts that share an incidentId, the most recent first', async () => {
    const [recent, older] = await list();
    expect(recent).toMatchObject({ incidentId: 200, assignedTo: 'ada@harbourlane.example' });
    expect(older).toMatchObject({
      incidentId: 100,
      redirectIncidentId: null,
      createdTime: '2026-05-20T08:00:00.1234567Z',
      lastUpdateTime: '2026-05-20T09:00:02.57Z',
      assignedTo: null,
      classification: 'Unknown',
      determination: 'NotAvailable',
      status: 'Active',
      severity: 'High',
      tags: [],
      comments: [],
    });
    expect(older?.incidentName).toMatch(/^First and 1 more/);
    expect((older?.alerts as { alertId: string }[]).map(({ alertId }) => alertId)).toEqual([
      'da1_1',
      'da1_2',
    ]);
  });

  it('with alerts that name their device and what else was found', async () => {
    const { machines } = await simulator.control('GET', '/machines');
    const [machine] = machines as { id: string; computerDnsName: string }[];
    await simulator.control('PATCH', '/alerts/da1_3', {
      machineId: machine?.id,
      evidence: [{ entityType: 'File', sha1: 'ab', fileName: 'tool.dll' }],
    });
    const [incident] = await list({ $filter: "assignedTo eq 'ada@harbourlane.example'" });
    expect((incident?.alerts as unknown[])[0]).toMatchObject({
      alertId: 'da1_3',
      incidentId: 200,
      serviceSource: expect.any(String) as unknown,
      creationTime: '2026-05-20T10:00:00Z',
      severity: 'Medium',
      devices: [
        { mdatpDeviceId: machine?.id, deviceDnsName: machine?.computerDnsName, healthStatus: 'Active' },
      ],
      entities: [
        { entityType: 'File', sha1: 'ab', fileName: 'tool.dll', deviceId: machine?.id, mailboxAddress: null },
      ],
    });
  });

  it('that change when their alerts do', async () => {
    for (const id of ['da1_1', 'da1_2']) {
      const verdict = { status: 'Resolved', classification: 'TruePositive', determination: 'Malware' };
      await simulator.control('PATCH', `/alerts/${id}`, verdict);
    }
    const [, incident] = await list();
    expect(incident).toMatchObject({
      status: 'Resolved',
      classification: 'TruePositive',
      determination: 'Malware',
    });
    expect(Date.parse(String(incident?.lastUpdateTime))).toBeGreaterThan(Date.parse('2026-05-20T09:00:03Z'));
    await simulator.control('POST', '/alerts', { incidentId: 100, status: 'New' });
    expect((await list()).find(({ incidentId }) => incidentId === 100)).toMatchObject({
      status: 'Active',
      classification: 'Unknown',
    });
  });

  it('not before one of their alerts is indexed', async () => {
    await simulator.control('POST', '/alerts', { incidentId: 300, heldBackSeconds: 900 });
    expect(idsOf(await list())).toEqual([200, 100]);
  });

  it.each([
    ["status eq 'Active'", [200, 100]],
    ["status eq 'Resolved'", []],
    ['createdTime gt 2026-05-20T09:30:00Z', [200]],
    ['lastUpdateTime ge 2026-05-20T09:00:02.57Z and lastUpdateTime lt 2026-05-20T10:00:00Z', [100]],
    ["assignedTo eq 'ada@harbourlane.example'", [200]],
  ])('filtered by %s', async ($filter, expected) => {
    expect(idsOf(await list({ $filter }))).toEqual(expected);
  });

  it('in pages of at most 100, with $top and $skip', async () => {
    const many = Array.from({ length: 120 }, (_value, index) => ({ incidentId: 1000 + index }));
    await simulator.control('POST', '/alerts', many);
    expect(await list()).toHaveLength(100);
    expect(await list({ $top: '100', $skip: '100' })).toHaveLength(22);
  });

  it.each([
    ['$top=101'],
    ["$filter=severity eq 'High'"],
    ['$expand=alerts'],
    ['$orderby=createdTime'],
    ['$count=true'],
  ])('and refuses the query %s by 400', async (query) => {
    const { status, json } = await caller.get('xdr', `/api/incidents?${query}`);
    expect([status, json]).toMatchObject([400, { error: { code: 'ODataError' } }]);
  });

  it('and refuses the 51st call within a minute by 429', async () => {
    const statuses = new Set<number>();
    for (let index = 0; index < 50; index += 1)
      statuses.add((await caller.get('xdr', '/api/incidents')).status);
    expect(statuses).toEqual(new Set([200]));
    const refused = await caller.get('xdr', '/api/incidents');
    expect([refused.status, refused.headers.has('retry-after')]).toEqual([429, true]);
    expect((await caller.get('xdr', '/api/incidents/100')).status).toBe(200);
  });

  it('and refuses a token for Defender for Endpoint by 403, because it has no role for incidents', async () => {
    const { status, text } = await caller.get('endpoint', '/api/incidents');
    expect(status).toBe(403);
    expect(text).toContain('API required roles: Incident.Read.All,Incident.ReadWrite.All');
  });
});

// https://learn.microsoft.com/defender-xdr/api-get-incident
describe('Defender XDR shows one incident', () => {
  it('by its id', async () => {
    const { json } = await caller.get('xdr', '/api/incidents/100');
    expect(json).toMatchObject({
      '@odata.context': `${simulator.urls.defender}/api/$metadata#Incidents/$entity`,
      incidentId: 100,
    });
  });

  it.each([['300'], ['da1_1']])('and answers 404 to %s', async (id) => {
    const { status, json } = await caller.get('xdr', `/api/incidents/${id}`);
    expect([status, json]).toMatchObject([404, { error: { code: 'ResourceNotFound' } }]);
  });

  it('as people changed it in the portal', async () => {
    await simulator.control('PATCH', '/incidents/100', {
      status: 'InProgress',
      tags: ['vip'],
      comment: 'Mine.',
    });
    await simulator.control('PATCH', '/incidents/100', {
      assignedTo: 'bo@harbourlane.example',
      severity: 'Low',
    });
    const { json } = await caller.get('xdr', '/api/incidents/100');
    expect(json).toMatchObject({
      status: 'InProgress',
      severity: 'Low',
      tags: ['vip'],
      assignedTo: 'bo@harbourlane.example',
      comments: [{ comment: 'Mine.' }],
    });
    expect(Date.parse(String(json.lastUpdateTime))).toBeGreaterThan(Date.parse('2026-05-20T09:00:03Z'));
  });
});

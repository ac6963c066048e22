import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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
  await simulator.control('POST', '/limits', {});
  await simulator.control('POST', '/alerts', [
    {
      id: 'da1_1',
      incidentId: 100,
      severity: 'High',
      status: 'InProgress',
      assignedTo: 'ada@harbourlane.example',
      classification: 'TruePositive',
      determination: 'Malware',
      detectionSource: 'WindowsDefenderAv',
      alertCreationTime: '2026-05-20T08:00:00Z',
      lastUpdateTime: '2026-05-20T08:00:02.57Z',
    },
    {
      id: 'da1_2',
      incidentId: null,
      severity: 'UnSpecified',
      detectionSource: 'OfficeATP',
      alertCreationTime: '2026-05-20T09:00:00Z',
      lastUpdateTime: '2026-05-20T09:00:02Z',
      relatedUser: null,
    },
  ]);
});
afterEach(async () => {
  await simulator.control('DELETE', '/alerts');
  await simulator.control('DELETE', '/faults');
});

const path = '/v1.0/security/alerts_v2';
const ids = async (query?: Readonly<Record<string, string>>): Promise<unknown[]> =>
  recordsOf(await caller.get('graph', path, query)).map(({ id }) => id);

// https://learn.microsoft.com/graph/api/security-list-alerts_v2
describe('Graph lists alerts', () => {
  it('in its own words, the most recent first', async () => {
    const reply = await caller.get('graph', path);
    expect(reply.json['@odata.context']).toBe(`${simulator.urls.graph}/v1.0/$metadata#security/alerts_v2`);
    expect(recordsOf(reply)).toMatchObject([
      {
        id: 'da1_2',
        incidentId: null,
        incidentWebUrl: null,
        status: 'new',
        severity: 'unknown',
        classification: 'unknown',
        determination: 'unknown',
        serviceSource: 'microsoftDefenderForOffice365',
        assignedTo: null,
      },
      {
        id: 'da1_1',
        providerAlertId: 'da1_1',
        incidentId: '100',
        status: 'inProgress',
        severity: 'high',
        classification: 'truePositive',
        determination: 'malware',
        serviceSource: 'microsoftDefenderForEndpoint',
        detectionSource: 'antivirus',
        tenantId: simulator.company.tenantId,
        assignedTo: 'ada@harbourlane.example',
        createdDateTime: '2026-05-20T08:00:00Z',
        lastUpdateDateTime: '2026-05-20T08:00:02.57Z',
      },
    ]);
  });

  it('with the device first among the evidence, and every item of the type that Graph has for it', async () => {
    const { machines } = await simulator.control('GET', '/machines');
    const [machine] = machines as { id: string; computerDnsName: string }[];
    const evidence = ['User', 'Process', 'File', 'Ip', 'Url', 'Registry'].map((entityType) => ({
      entityType,
    }));
    await simulator.control('PATCH', '/alerts/da1_1', { machineId: machine?.id, evidence });
    const { json } = await caller.get('graph', `${path}/da1_1`);
    expect((json.evidence as unknown[])[0]).toMatchObject({
      '@odata.type': '#microsoft.graph.security.deviceEvidence',
      mdeDeviceId: machine?.id,
      deviceDnsName: machine?.computerDnsName,
      healthStatus: 'active',
      onboardingStatus: 'onboarded',
    });
    const types = (json.evidence as Record<string, string>[]).map((item) =>
      item['@odata.type']?.replace('#microsoft.graph.security.', ''),
    );
    expect(types).toEqual([
      'deviceEvidence',
      'userEvidence',
      'processEvidence',
      'fileEvidence',
      'ipEvidence',
      'urlEvidence',
      'registryValueEvidence',
    ]);
  });

  it.each([
    ["severity eq 'high'", ['da1_1']],
    ["severity ne 'high'", ['da1_2']],
    ["status eq 'inProgress' or status eq 'new'", ['da1_2', 'da1_1']],
    ["serviceSource eq 'microsoftDefenderForEndpoint'", ['da1_1']],
    ["assignedTo eq 'ada@harbourlane.example'", ['da1_1']],
    ["classification eq 'truePositive' and determination eq 'malware'", ['da1_1']],
    ['createdDateTime ge 2026-05-20T09:00:00Z', ['da1_2']],
    [
      'lastUpdateDateTime gt 2026-05-20T08:00:02.569Z and lastUpdateDateTime lt 2026-05-20T09:00:00Z',
      ['da1_1'],
    ],
  ])('filtered by %s', async ($filter, expected) => {
    expect(await ids({ $filter })).toEqual(expected);
  });

  it('in pages that lead to each other, beyond the limit of $skip, with a count when asked', async () => {
    await simulator.control('POST', '/alerts', { count: 700, title: 'Many' });
    let reply = await caller.get('graph', path, { $top: '300', $count: 'true' });
    const seen = new Set<unknown>();
    for (;;) {
      expect(reply.json['@odata.count']).toBe(702);
      for (const { id } of recordsOf(reply)) seen.add(id);
      const next = reply.json['@odata.nextLink'];
      if (typeof next !== 'string') break;
      expect(next.startsWith(`${simulator.urls.graph}${path}?`)).toBe(true);
      reply = await caller.get('graph', next.slice(simulator.urls.graph.length));
    }
    expect(seen.size).toBe(702);
    expect(await ids()).toHaveLength(100);
    expect(await ids({ $top: '1000', $skip: '500' })).toHaveLength(202);
  });

  it.each([
    ['$top=1001'],
    ['$top=10&$skip=501'],
    ["$filter=investigationState eq 'running'"],
    ["$filter=severity eq 'High'"],
    ["$filter=lastUpdateDateTime ge '2026-05-20T08:00:00Z'"],
    ['$orderby=createdDateTime'],
    ['$select=id'],
    ['$expand=evidence'],
    ['$search=x'],
    ['$count=yes'],
    ['$skiptoken=abc'],
  ])('and refuses the query %s by 400', async (query) => {
    const { status, json } = await caller.get('graph', `${path}?${query}`);
    expect([status, json]).toMatchObject([
      400,
      { error: { code: 'BadRequest', innerError: { 'request-id': expect.any(String) as unknown } } },
    ]);
  });

  // https://learn.microsoft.com/graph/throttling-limits
  it('and refuses the 151st call within a minute by 429, counting incidents too', async () => {
    const targets = [path, '/v1.0/security/incidents', `${path}/da1_1`];
    const call = (index: number): Promise<number> =>
      caller.get('graph', targets[index % 3] ?? path).then(({ status }) => status);
    const statuses = await Promise.all(Array.from({ length: 150 }, (_value, index) => call(index)));
    expect(new Set(statuses)).toEqual(new Set([200]));
    const refused = await caller.get('graph', '/v1.0/security/incidents');
    expect([refused.status, refused.json]).toMatchObject([429, { error: { code: 'TooManyRequests' } }]);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    const hunt = { Query: 'print 1' };
    expect((await caller.post('graph', '/v1.0/security/runHuntingQuery', hunt)).status).toBe(200);
  });

  it('partly, with a warning, when a fault rule says so', async () => {
    await simulator.control('POST', '/faults', { service: 'graph', times: 1, effect: { partial: true } });
    const { status, headers, json } = await caller.get('graph', path);
    expect([status, headers.has('warning'), (json.value as unknown[]).length]).toEqual([206, true, 1]);
  });

  it('and refuses a token without the permission by 403', async () => {
    const change = {
      principal: simulator.company.defenderClientId,
      resource: 'Microsoft Graph',
      role: 'SecurityAlert.Read.All',
    };
    await simulator.control('POST', '/entra/roles', { ...change, granted: false });
    const { status, text } = await signInApplication(simulator).get('graph', path);
    await simulator.control('POST', '/entra/roles', change);
    expect(status).toBe(403);
    expect(text).toContain('API required roles: SecurityAlert.Read.All,SecurityAlert.ReadWrite.All');
  });
});

// https://learn.microsoft.com/graph/api/security-alert-get
describe('Graph shows one alert', () => {
  it('by its id', async () => {
    const { status, json } = await caller.get('graph', `${path}/da1_1`);
    expect([status, json]).toMatchObject([
      200,
      { '@odata.context': `${simulator.urls.graph}/v1.0/$metadata#security/alerts_v2/$entity`, id: 'da1_1' },
    ]);
  });

  it('and answers 404 to an unknown id', async () => {
    const { status, json } = await caller.get('graph', `${path}/da9_9`);
    expect([status, json]).toMatchObject([404, { error: { code: 'ResourceNotFound' } }]);
  });

  it.each([
    ['PATCH', '/v1.0/security/alerts_v2/da1_1', 501],
    ['GET', '/v1.0/security/alerts_v2/da1_1/comments', 501],
    ['GET', '/v1.0/security/alerts', 501],
    ['GET', '/beta/security/alerts_v2', 501],
    ['GET', '/v1.0/security/nothing', 400],
    ['DELETE', '/v1.0/security/alerts_v2', 405],
  ])('and answers %s %s with %i', async (method, target, expected) => {
    const token = await simulator.getToken('https://graph.microsoft.com/.default');
    const reply = await simulator.fetch(`${simulator.urls.graph}${target}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
    });
    expect(reply.status).toBe(expected);
  });
});

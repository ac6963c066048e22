import { afterEach, afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Api, codeOf, type Reply } from './support/Api.ts';
import { System } from './support/System.ts';

let system: System;
const apis = new Map<string, Api>();
beforeAll(async () => {
  system = await System.start();
  for (const HUNTING_API of ['graph', 'endpoint', 'xdr']) {
    const functions = await system.startFunctions({ HUNTING_API, HUNTING_TIMEOUT: 'PT8S' });
    apis.set(HUNTING_API, new Api(system, functions.host.url));
  }
});
afterEach(async () => {
  for (const route of ['/hunting/rules', '/hunting/rows', '/faults']) await system.control('DELETE', route);
  await system.control('POST', '/hunting/limits', {});
  await system.control('POST', '/hunting/answers', {});
});
afterAll(async () => {
  await system.stop();
});

async function hunt(query: string, more: Record<string, unknown> = {}, api = 'graph'): Promise<Reply> {
  const target = apis.get(api);
  if (!target) throw new Error(`No functions hunt with ${api}.`);
  return await target.call('POST', '/api/hunts', { as: 'hunters', body: { query, ...more } });
}

const rows = [
  { FileName: 'mimikatz.exe', DeviceName: 'a.example', ProcessId: 1 },
  { FileName: 'calc.exe', DeviceName: 'a.example', ProcessId: 2 },
  { FileName: 'mimikatz.exe', DeviceName: 'b.example', ProcessId: 3 },
];
const QUERY =
  "DeviceProcessEvents | where FileName == 'mimikatz.exe' | summarize Count = count() by DeviceName | sort by DeviceName asc";

describe.each(['graph', 'endpoint', 'xdr'])('a hunt through %s', (api) => {
  it('gives columns and rows as they are, with either casing and without annotations', async () => {
    await system.control('POST', '/hunting/rows', { table: 'DeviceProcessEvents', rows });
    for (const casing of ['lower', 'upper']) {
      await system.control('POST', '/hunting/answers', { casing, odataTypes: true });
      const reply = await hunt(QUERY, {}, api);
      expect(reply.status).toBe(200);
      expect(reply.body).toMatchObject({
        columns: [{ name: 'DeviceName' }, { name: 'Count' }],
        rows: [
          { DeviceName: 'a.example', Count: 1 },
          { DeviceName: 'b.example', Count: 1 },
        ],
        rowCount: 2,
        truncated: false,
      });
      // Only Graph is documented to give one with every answer.
      if (api === 'graph') expect(reply.body.requestId).toEqual(expect.any(String));
      expect(JSON.stringify(reply.body)).not.toContain('@odata');
    }
  });

  it.each([
    ['an unknown column', 'DeviceProcessEvents | where NoSuchColumn == 1', /NoSuchColumn/],
    ['an unknown table', 'NoSuchTable | take 1', /NoSuchTable/],
    ['what is no query', 'DeviceInfo | | take', /./],
  ])('refuses %s with the words of the service', async (_name, query, words) => {
    const reply = await hunt(query, {}, api);
    expect([reply.status, codeOf(reply)]).toEqual([400, 'hunt_query_invalid']);
    expect(String(reply.body.detail).replace('The query is not accepted: ', '')).toMatch(words);
    expect(reply.body.serviceRequestId).toEqual(expect.any(String));
  });

  it('says that a result was cut at the limit of rows', async () => {
    await system.control('POST', '/hunting/limits', { rows: 100_000 });
    const reply = await hunt('range x from 1 to 100001 step 1', {}, api);
    expect(reply.body).toMatchObject({ rowCount: 100_000, truncated: true });
  });

  it.each([
    ['the result is too large', { resultBytes: 100 }, undefined, 422, 'hunt_result_too_large'],
    ['the service stops the query', undefined, { outcome: 'preempt' }, 422, 'hunt_preempted'],
    ['the tenant calls too often', { callsPerMinute: 0 }, undefined, 429, 'hunt_throttled'],
    ['the quota of CPU time is used up', undefined, { outcome: 'exhaustCpu' }, 429, 'hunt_quota_exhausted'],
  ])('says so when %s', async (_name, limits, rule, status, code) => {
    if (limits) await system.control('POST', '/hunting/limits', limits);
    if (rule) await system.control('POST', '/hunting/rules', rule);
    const reply = await hunt('DeviceInfo', {}, api);
    expect([reply.status, codeOf(reply)]).toEqual([status, code]);
    if (status !== 422) expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
    const line = system.log.findLast((one) => one.includes('event=hunt_failed'));
    expect(line).toContain(`code=${code}`);
  });

  it('is repeated once when the service is busy', async () => {
    const service = api === 'graph' ? 'graph' : 'defender';
    await system.addFault({ service, times: 1, effect: { status: 503 } });
    expect((await hunt('DeviceInfo | take 1', {}, api)).status).toBe(200);
    await system.addFault({ service, times: 1, effect: { throttle: { retryAfter: 1, as: 'seconds' } } });
    expect((await hunt('DeviceInfo | take 1', {}, api)).status).toBe(200);
  });
});

describe('a hunt', () => {
  it.each([
    ['the service times out', { outcome: 'timeOut', times: 2 }],
    ['the answer does not come in time', { delayMs: 20_000 }],
  ])('says so when %s', async (_name, rule) => {
    await system.control('POST', '/hunting/rules', rule);
    const reply = await hunt('DeviceInfo');
    expect([reply.status, codeOf(reply)]).toEqual([504, 'hunt_timed_out']);
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('looks back no further than the time span', async () => {
    const old = new Date(Date.now() - 3 * 86_400_000).toISOString();
    await system.control('POST', '/hunting/rows', {
      table: 'DeviceProcessEvents',
      rows: [
        { ...rows[0], FileName: 'old.exe', Timestamp: old },
        { ...rows[0], FileName: 'new.exe' },
      ],
    });
    const query =
      "DeviceProcessEvents | where FileName in ('old.exe', 'new.exe') | project FileName | sort by FileName asc";
    expect((await hunt(query)).body.rowCount).toBe(2);
    expect((await hunt(query, { timespan: 'P1D' })).body.rows).toEqual([{ FileName: 'new.exe' }]);
    const refused = await hunt(query, { timespan: 'P1D' }, 'xdr');
    expect([refused.status, codeOf(refused)]).toEqual([400, 'hunt_timespan_unsupported']);
  });

  it.each([
    ['no query', { query: ' ' }],
    ['an unknown member', { query: 'DeviceInfo', Timespan: 'P1D' }],
    ['a wrong time span', { query: 'DeviceInfo', timespan: "P1D'; drop" }],
  ])('with %s is refused', async (_name, body) => {
    const reply = await apis.get('graph')?.call('POST', '/api/hunts', { as: 'hunters', body });
    expect([reply?.status, reply && codeOf(reply)]).toEqual([400, 'input_invalid']);
  });

  it('names the permission that is missing', async () => {
    const grant = (granted: boolean) =>
      system.control('POST', '/entra/roles', {
        ...{
          principal: 'defender-functions-identity',
          resource: 'Microsoft Graph',
          role: 'ThreatHunting.Read.All',
          granted,
        },
      });
    await grant(false);
    await system.control('DELETE', '/identity/cache');
    const fresh = new Api(system, (await system.startFunctions()).host.url);
    const reply = await fresh.call('POST', '/api/hunts', { as: 'hunters', body: { query: 'DeviceInfo' } });
    await grant(true);
    expect([reply.status, codeOf(reply)]).toEqual([502, 'defender_permission_missing']);
    expect(String(reply.body.detail)).toContain('ThreatHunting.Read.All');
  });

  it('warns that the older APIs stop, and does not show the query in the log', async () => {
    await hunt("DeviceInfo | where DeviceName == 'CANARY-query-text'", {}, 'xdr');
    const warned = system.log.find((line) => line.includes('event=hunting_api_retiring'));
    expect(warned).toContain('stopsOn=2027-02-01');
    expect(system.log.some((line) => line.includes('CANARY-query-text'))).toBe(false);
  });
});

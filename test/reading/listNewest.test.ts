import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTicks, fromUnixMs, toTicks } from '../../src/alerts/ticks.ts';
import { listNewest, type Newest, type NewestInit } from '../../src/reading/listNewest.ts';
import { alertApis, incidentApis, type ReadingApi } from '../../src/reading/readingApis.ts';
import { VirtualClock } from '../support/VirtualClock.ts';
import { createAccess, FakeService, SERVICE, type FakeRecord } from './support/FakeService.ts';

const NOW = Date.parse('2026-11-21T08:00:00Z');
const SINCE = NOW - 48 * 3_600_000;
const never = new AbortController().signal;

const apis: readonly ReadingApi[] = [...Object.values(alertApis), ...Object.values(incidentApis)];

/** With pages so small, and calls so many, that a test need not be large. */
const small = (api: ReadingApi, pageSize: number, maxCalls = 2_000): ReadingApi => ({
  ...api,
  limits: { ...api.limits, pageSize },
  maxCalls,
});

interface Scene extends Partial<Omit<NewestInit, 'api'>> {
  readonly api: ReadingApi;
  readonly service: FakeService;
}

function list({ api, service, ...more }: Scene): Promise<Newest> {
  return listNewest({
    operation: 'Read records',
    api,
    client: createAccess(service).client(api.api),
    baseUrl: SERVICE,
    filter: '',
    matches: () => true,
    since: SINCE,
    top: 100,
    clock: new VirtualClock(NOW),
    timeoutMs: 60_000,
    signal: never,
    ...more,
  });
}

/** A record with this id that was updated so many milliseconds after the beginning. */
const recordOf = (api: ReadingApi, id: number, afterMs: number, extraTicks = 0n): FakeRecord => ({
  [api.id[0] ?? 'id']: `r${id}`,
  [api.lastUpdate]: formatTicks(fromUnixMs(SINCE) + toTicks(afterMs) + extraTicks),
});
const serve = (api: ReadingApi, records: readonly FakeRecord[], maxSkip = Infinity) =>
  new FakeService({
    records,
    lastUpdate: api.lastUpdate,
    paging: api.paging,
    pageSize: api.limits.pageSize,
    maxSkip,
  });
const idsOf = (api: ReadingApi, records: readonly FakeRecord[]) =>
  records.map((record) => record[api.id[0] ?? 'id']);

describe('the newest records', () => {
  it('are exactly those, newest first, for any number, order, pages and ties', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...apis),
        fc.array(fc.tuple(fc.integer({ min: -5, max: 40 }), fc.integer({ min: 0, max: 3 })), {
          maxLength: 60,
        }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom('newest', 'oldest', 'as they come'),
        async (which, times, pageSize, top, order) => {
          const api = small(which, pageSize);
          const records = times.map(([second, ticks], id) => recordOf(api, id, second * 1000, BigInt(ticks)));
          const at = (record: FakeRecord) => String(record[api.lastUpdate]);
          if (order !== 'as they come') {
            records.sort((a, b) => (at(a) < at(b) ? -1 : 1) * (order === 'newest' ? -1 : 1));
          }
          const answer = await list({ api, service: serve(api, records), top });

          const wanted = records.filter((record) => at(record) >= formatTicks(fromUnixMs(SINCE)));
          const newest = wanted.map(at).sort().reverse().slice(0, top);
          // Of equal instants any may be left out; nothing else may be lost, doubled or out of order.
          expect(answer.value.map(at)).toEqual(newest);
          expect(new Set(idsOf(api, answer.value)).size).toBe(answer.value.length);
          if (wanted.length > top) expect(answer).toMatchObject({ truncated: true, truncatedBy: 'top' });
          if (wanted.length < top) expect(answer).toMatchObject({ truncated: false });
          const missing = wanted.filter((record) => !answer.value.some((one) => at(one) === at(record)));
          for (const record of missing) expect(at(record) <= (answer.completeSince ?? '')).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each(apis.map((api) => [`${api.api} ${api.path}`, api] as const))(
    'of %s cost one call when one page holds them',
    async (_name, api) => {
      const service = serve(
        api,
        Array.from({ length: 30 }, (_, id) => recordOf(api, id, id * 1000)),
      );
      const answer = await list({ api, service });
      expect(answer).toMatchObject({ truncated: false, calls: 1, limits: api.limits });
      expect(answer.completeSince).toBe(formatTicks(fromUnixMs(SINCE)));
      expect(service.urls).toHaveLength(1);
      const [url] = service.urls;
      expect(url?.pathname).toBe(api.path);
      expect(url?.searchParams.get('$filter')).toBe(`${api.lastUpdate} ge 2026-11-19T08:00:00Z`);
      expect(url?.searchParams.get('$top')).toBe(String(api.limits.pageSize));
    },
  );

  it.each([
    ['newest first', (count: number, id: number) => count - id],
    ['oldest first', (_count: number, id: number) => id],
    ['in no order', (count: number, id: number) => (id * 7_919) % count],
  ])('of many, listed %s, are found within the calls that one list may take', async (_order, place) => {
    for (const which of apis) {
      const count = 4_000;
      const records = Array.from({ length: count }, (_, id) =>
        recordOf(which, id, place(count, id) * 40_000),
      );
      const service = serve(which, records, which.maxSkip);
      const answer = await list({ api: which, service });
      const expected = records
        .map((record) => String(record[which.lastUpdate]))
        .sort()
        .slice(-100)
        .reverse();
      expect(answer.value.map((record) => record[which.lastUpdate])).toEqual(expected);
      expect(answer).toMatchObject({ truncated: true, truncatedBy: 'top' });
    }
  });

  it('are found among more of one instant than a page holds', async () => {
    const api = small(incidentApis.graph, 5);
    const records = Array.from({ length: 23 }, (_, id) => recordOf(api, id, 1_000));
    const answer = await list({ api, service: serve(api, records, 500), top: 30 });
    expect(new Set(idsOf(api, answer.value)).size).toBe(23);
    expect(answer.truncated).toBe(false);
  });

  it('do without $skip beyond its documented limit', async () => {
    // No links, as if the service left them out: only $skip and narrower ranges lead on.
    const api: ReadingApi = { ...small(alertApis.graph, 50), maxSkip: 100, paging: 'link' };
    const records = Array.from({ length: 700 }, (_, id) => recordOf(api, id, id * 1_000));
    const service = new FakeService({
      ...{ records, lastUpdate: api.lastUpdate, paging: 'skip', pageSize: 50, maxSkip: 100 },
    });
    const answer = await list({ api, service, top: 1_000 });
    expect(new Set(idsOf(api, answer.value)).size).toBe(700);
    expect(answer.truncated).toBe(false);
  });

  it('cut the range also when the service refuses to page on earlier than documented', async () => {
    const api = small(incidentApis.xdr, 50);
    const records = Array.from({ length: 400 }, (_, id) => recordOf(api, id, id * 1_000));
    const answer = await list({ api, service: serve(api, records, 120), top: 1_000 });
    expect(new Set(idsOf(api, answer.value)).size).toBe(400);
    expect(answer.truncated).toBe(false);
  });

  it('say that something is missing when an instant cannot be paged through', async () => {
    const api = small(incidentApis.xdr, 50);
    const records = Array.from({ length: 400 }, (_, id) => recordOf(api, id, 1_000));
    const answer = await list({ api, service: serve(api, records, 120), top: 1_000 });
    expect(answer).toMatchObject({ truncated: true, truncatedBy: 'partial' });
    expect(answer.completeSince).toBeUndefined();
    expect(answer.value).toHaveLength(150);
  });

  it('are the newest version of each, when pages repeat a record', async () => {
    const api = small(alertApis.endpoint, 2);
    const old = recordOf(api, 1, 1_000);
    const records = [old, recordOf(api, 2, 2_000), recordOf(api, 3, 3_000), recordOf(api, 1, 9_000)];
    const answer = await list({ api, service: serve(api, records) });
    expect(idsOf(api, answer.value)).toEqual(['r1', 'r3', 'r2']);
  });

  it('include records without an id or a time, and once', async () => {
    const api = small(alertApis.endpoint, 2);
    const value = [{ title: 'no id' }, { id: 5, lastUpdateTime: null }, null, 'text'];
    const service = new FakeService({
      ...{ records: [], lastUpdate: api.lastUpdate, paging: 'skip', pageSize: 2 },
      intercept: (call) =>
        Response.json({ value: call === 1 ? value.slice(0, 2) : [value[0], ...value.slice(2)] }),
    });
    const answer = await list({ api: small(alertApis.endpoint, 4), service });
    expect(answer.value).toEqual([{ id: 5, lastUpdateTime: null }, { title: 'no id' }]);
  });

  it('order timestamps by instant, whatever their digits and the case of their names', async () => {
    const api = alertApis.endpoint;
    const records = [
      { id: 'a', lastUpdateTime: '2026-11-21T07:00:00.1Z' },
      { id: 'b', LastUpdateTime: '2026-11-21T07:00:00.1000001Z' },
      { id: 'c', lastUpdateTime: null, alertCreationTime: '2026-11-21T07:00:00Z' },
      { id: 'd', lastUpdateTime: '2026-11-21T07:00:00.09Z' },
      { id: 'old', lastUpdateTime: '2026-11-01T07:00:00Z' },
    ];
    const service = new FakeService({
      ...{ records: [], lastUpdate: api.lastUpdate, paging: 'skip', pageSize: 10 },
      intercept: () => Response.json({ value: records }),
    });
    const answer = await list({ api, service });
    // What is older than asked for is left out, should the service not do that.
    expect(idsOf(api, answer.value)).toEqual(['b', 'a', 'd', 'c']);
  });
});

describe('a list that cannot be completed', () => {
  const api = small(incidentApis.graph, 5);
  const records = Array.from({ length: 200 }, (_, id) => recordOf(api, id, (id * 7_919) % 200_000));

  it('ends after as many calls as one may take, and says from when on nothing is missing', async () => {
    // Over the whole range, so that its newest part is read to the end before the calls are used up.
    const spread = Array.from({ length: 200 }, (_, id) => recordOf(api, id, ((id * 7_919) % 200) * 800_000));
    const answer = await list({ api: small(api, 5, 30), service: serve(api, spread), top: 30 });
    expect(answer).toMatchObject({ truncated: true, truncatedBy: 'calls', calls: 30 });
    const since = answer.completeSince ?? '';
    const expected = spread.filter((record) => String(record.lastUpdateDateTime) >= since);
    const given = answer.value.filter((record) => String(record.lastUpdateDateTime) >= since);
    expect(given.length).toBeGreaterThan(0);
    expect(given).toHaveLength(expected.length);
  });

  it('ends when its time is over', async () => {
    const clock = new VirtualClock(NOW);
    const service = new FakeService({
      ...{ records, lastUpdate: api.lastUpdate, paging: 'link', pageSize: 5 },
      intercept: () => {
        clock.advance(20_000);
        return undefined;
      },
    });
    const answer = await list({ api, service, clock });
    expect(answer).toMatchObject({ truncated: true, truncatedBy: 'time', calls: 3 });
    expect(answer.value).toHaveLength(15);
  });

  it('ends when its time is over while a page is on its way', async () => {
    const service = new FakeService({
      ...{ records, lastUpdate: api.lastUpdate, paging: 'link', pageSize: 5 },
      intercept: (call) => (call < 3 ? undefined : 'silence'),
    });
    const answer = await list({ api, service, timeoutMs: 300 });
    expect(answer).toMatchObject({ truncated: true, truncatedBy: 'time' });
    expect(answer.value).toHaveLength(10);
  });

  it('fails when not even a page came in time', async () => {
    const service = new FakeService({
      ...{ records, lastUpdate: api.lastUpdate, paging: 'link', pageSize: 5 },
      intercept: () => 'silence',
    });
    await expect(list({ api, service, timeoutMs: 200 })).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('says so when the service left something out', async () => {
    const service = new FakeService({
      ...{ records: [], lastUpdate: api.lastUpdate, paging: 'link', pageSize: 5 },
      intercept: () => Response.json({ value: [recordOf(api, 1, 1)] }, { status: 206 }),
    });
    const answer = await list({ api, service });
    expect(answer).toMatchObject({ truncated: true, truncatedBy: 'partial', value: [{ id: 'r1' }] });
    expect(answer.completeSince).toBeUndefined();
  });

  it('gives the newest that fit when records are large', async () => {
    const large = Array.from({ length: 40 }, (_, id) => ({
      ...recordOf(api, id, id * 1_000),
      text: 'x'.repeat(10_000),
    }));
    const answer = await list({ api, service: serve(api, large), maxBytes: 105_000 });
    expect(answer).toMatchObject({ truncated: true, truncatedBy: 'size' });
    expect(idsOf(api, answer.value)).toEqual(Array.from({ length: 10 }, (_, index) => `r${39 - index}`));
  });

  it('leaves out a monstrous record, and not its neighbours', async () => {
    const monster = { ...recordOf(api, 2, 2_000), text: 'x'.repeat(4 * 1024 * 1024) };
    const service = serve(api, [recordOf(api, 1, 1_000), monster, recordOf(api, 3, 3_000)]);
    const answer = await list({ api, service });
    expect(idsOf(api, answer.value)).toEqual(['r3', 'r1']);
    expect(answer).toMatchObject({ truncated: true, truncatedBy: 'partial' });
  });
});

describe('a link to the next page', () => {
  const api = small(incidentApis.graph, 5);
  const linking = (link: string) =>
    new FakeService({
      ...{ records: [], lastUpdate: api.lastUpdate, paging: 'link', pageSize: 5 },
      intercept: () => Response.json({ value: [recordOf(api, 1, 1)], '@odata.nextLink': link }),
    });

  it.each([
    'https://elsewhere.example/v1.0/security/incidents?$skiptoken=2',
    'http://service.example/v1.0/security/incidents?$skiptoken=2',
    'https://service.example:8443/v1.0/security/incidents?$skiptoken=2',
    'https://service.example@elsewhere.example/v1.0/security/incidents',
    'https://token@service.example/v1.0/security/incidents',
    'https://service.example.elsewhere.example/v1.0',
    '//elsewhere.example/v1.0/security/incidents',
    '/v1.0/security/incidents?$skiptoken=2',
    'javascript:alert(1)',
    'not a link',
  ])('is refused when it leads to %s: calls carry a token', async (link) => {
    const service = linking(link);
    await expect(list({ api, service })).rejects.toMatchObject({ code: 'defender_answer_unreadable' });
    expect([...service.hosts]).toEqual(['service.example']);
    expect(service.urls).toHaveLength(1);
  });

  it('never makes anything leave for another host, for any text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.webUrl({ withQueryParameters: true }), fc.string()), async (link) => {
        const service = linking(link);
        await list({ api: small(api, 5, 3), service }).catch(() => undefined);
        expect([...service.hosts]).toEqual(['service.example']);
      }),
      { numRuns: 100 },
    );
  });

  it('keeps the path prefix of a gateway, and does not leave it', async () => {
    const seen: string[] = [];
    const gateway = (next: string) => ({
      fetch: ((input: string) => {
        seen.push(input);
        const isFirst = seen.length === 1;
        return Promise.resolve(
          Response.json({
            value: [recordOf(api, seen.length, 1)],
            ...(isFirst ? { '@odata.nextLink': next } : {}),
          }),
        );
      }) as typeof fetch,
    });
    const read = (next: string) =>
      listNewest({
        operation: 'Read records',
        api,
        client: createAccess(gateway(next), 'https://gateway.example/graph').client('graph'),
        baseUrl: 'https://gateway.example/graph',
        filter: '',
        matches: () => true,
        since: SINCE,
        top: 10,
        clock: new VirtualClock(NOW),
        timeoutMs: 60_000,
        signal: never,
      });
    const answer = await read('https://gateway.example/graph/v1.0/security/incidents?$skiptoken=2');
    expect(answer.value).toHaveLength(2);
    expect(seen[1]).toBe('https://gateway.example/graph/v1.0/security/incidents?$skiptoken=2');
    seen.length = 0;
    await expect(read('https://gateway.example/other/v1.0?$skiptoken=2')).rejects.toMatchObject({
      code: 'defender_answer_unreadable',
    });
  });
});

describe('a call that fails', () => {
  const api = small(alertApis.graph, 5);
  const records = Array.from({ length: 12 }, (_, id) => recordOf(api, id, id * 1_000));
  const failing = (intercept: (call: number) => Response | undefined) =>
    new FakeService({ ...{ records, lastUpdate: api.lastUpdate, paging: 'link', pageSize: 5 }, intercept });
  const throttled = (headers: Record<string, string>) =>
    Response.json({ error: { code: 'TooManyRequests' } }, { status: 429, headers });

  it.each([
    ['is throttled for a while', () => throttled({ 'retry-after': '10' }), 10_000],
    ['meets a fault of the service', () => Response.json({}, { status: 503 }), 1_000],
    ['breaks off', () => new Response('{"value":[{"id":"r0"},'), 1_000],
  ])('is repeated once when it %s, and nothing is doubled', async (_what, failure, waitMs) => {
    const clock = new VirtualClock(NOW);
    const answer = await list({
      api,
      service: failing((call) => (call === 2 ? failure() : undefined)),
      clock,
    });
    expect(idsOf(api, answer.value)).toHaveLength(12);
    expect(answer).toMatchObject({ truncated: false, calls: 4 });
    expect(clock.now()).toBe(NOW + waitMs);
  });

  it('is not waited for longer than the caller waits: the 429 goes on to them', async () => {
    const service = failing(() => throttled({ 'retry-after': '3600' }));
    await expect(list({ api, service })).rejects.toMatchObject({
      ...{ code: 'read_throttled', httpStatus: 429, retryAfterMs: 3_600_000 },
    });
    expect(service.urls).toHaveLength(1);
  });

  it('is a 429 with a minute to wait when the service does not say how long', async () => {
    const service = failing(() => throttled({}));
    await expect(list({ api, service })).rejects.toMatchObject({
      code: 'read_throttled',
      retryAfterMs: 60_000,
    });
    expect(service.urls).toHaveLength(1);
  });

  it('is repeated once only', async () => {
    const service = failing(() => throttled({ 'retry-after': '1' }));
    await expect(list({ api, service })).rejects.toMatchObject({ code: 'read_throttled' });
    expect(service.urls).toHaveLength(2);
  });

  it('is not repeated when that is no use', async () => {
    const service = failing(() => Response.json({ error: { code: 'BadRequest' } }, { status: 400 }));
    await expect(list({ api, service })).rejects.toMatchObject({ serviceStatus: 400 });
    expect(service.urls).toHaveLength(1);
  });

  it('ends at once when the caller goes away', async () => {
    const gone = new AbortController();
    const service = failing((call) => {
      if (call === 2) gone.abort(new Error('gone'));
      return undefined;
    });
    await expect(list({ api, service, signal: gone.signal })).rejects.toThrow('gone');
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestSimulator, type TestSimulator } from './startTestSimulator.ts';

let simulator: TestSimulator;
beforeAll(async () => {
  simulator = await startTestSimulator();
  await simulator.control('POST', '/alerts', [
    { id: 'early', lastUpdateTime: '2026-06-01T00:00:00Z' },
    { id: 'middle', lastUpdateTime: '2026-06-01T12:00:00Z' },
    { id: 'late', lastUpdateTime: '2026-06-01T23:00:00Z' },
  ]);
});
afterAll(() => simulator.stop());
afterEach(() => simulator.control('DELETE', '/faults'));

const addFault = (rule: Record<string, unknown>): Promise<Readonly<Record<string, unknown>>> =>
  simulator.control('POST', '/faults', { service: 'defender', ...rule });

const window = (from: string, to: string): string =>
  `/api/alerts?${new URLSearchParams({ $filter: `lastUpdateTime ge ${from} and lastUpdateTime lt ${to}` }).toString()}`;

describe('A fault rule', () => {
  it('answers with a status, body and headers', async () => {
    await addFault({ effect: { status: 503, body: { error: 'busy' }, headers: { 'Retry-After': '7' } } });
    const { status, json, headers } = await simulator.get('/api/alerts');
    expect([status, json, headers.get('retry-after')]).toEqual([503, { error: 'busy' }, '7']);
  });

  it('answers with a body that is not JSON', async () => {
    await addFault({ effect: { status: 502, body: 'Bad gateway' } });
    expect((await simulator.get('/api/alerts')).text).toBe('Bad gateway');
  });

  it('delays an answer', async () => {
    await addFault({ effect: { delayMs: 300 } });
    const started = performance.now();
    expect((await simulator.get('/api/alerts')).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThan(290);
  });

  it('ends a body early without breaking the connection', async () => {
    await addFault({ effect: { truncateAfterBytes: 100 } });
    const { status, text } = await simulator.get('/api/alerts');
    expect([status, Buffer.byteLength(text)]).toEqual([200, 100]);
  });

  it('drops the connection before the answer', async () => {
    await addFault({ effect: { dropConnection: 'beforeAnswer' } });
    await expect(simulator.get('/api/alerts')).rejects.toThrow('fetch failed');
  });

  it('drops the connection in the middle of the body', async () => {
    await addFault({ effect: { dropConnection: 'midBody' } });
    await expect(simulator.get('/api/alerts')).rejects.toThrow('terminated');
  });

  it('throttles with seconds', async () => {
    await addFault({ effect: { throttle: { retryAfter: 12, as: 'seconds' } } });
    const { status, headers, json } = await simulator.get('/api/alerts');
    expect([status, headers.get('retry-after')]).toEqual([429, '12']);
    expect(json).toMatchObject({ error: { code: 'TooManyRequests' } });
  });

  it('throttles with a date on the services’ clock', async () => {
    await addFault({ effect: { throttle: { retryAfter: 12, as: 'date' } } });
    const { headers } = await simulator.get('/api/alerts');
    const waitMs = Date.parse(headers.get('retry-after') ?? '') - Date.parse(headers.get('date') ?? '');
    expect(waitMs).toBe(12_000);
  });

  it('answers in part, with 206 and a Warning', async () => {
    await addFault({ effect: { partial: true } });
    const { status, headers, json } = await simulator.get('/api/alerts');
    expect([status, headers.get('warning')]).toEqual([206, expect.stringMatching(/^199 - "/)]);
    expect(json.value).toHaveLength(2);
  });

  it('makes a body that no JSON parser accepts', async () => {
    await addFault({ effect: { corruptJson: true } });
    const { status, text } = await simulator.get('/api/alerts');
    expect(status).toBe(200);
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
  });

  it('answers with an HTML page', async () => {
    await addFault({ effect: { html: true } });
    const { headers, text } = await simulator.get('/api/alerts');
    expect([headers.get('content-type'), text]).toEqual([
      expect.stringContaining('text/html'),
      expect.stringContaining('<html>'),
    ]);
  });

  it.each([
    ['entra', { error: 'temporarily_unavailable' }],
    ['identity', { statusCode: 429 }],
    ['keyVault', { error: { code: 'Throttled' } }],
  ])('throttles %s in its own shape', async (service, body) => {
    await simulator.control('POST', '/faults', { service, effect: { throttle: { retryAfter: 3 } } });
    const { entra, identity, keyVault } = simulator.urls;
    const reply = await simulator.fetch({ entra, identity, keyVault }[service] ?? '');
    expect([reply.status, reply.headers.get('retry-after')]).toEqual([429, '3']);
    expect(reply.json).toMatchObject(body);
  });
});

describe('A fault rule applies', () => {
  it('only to its service, method, path and query', async () => {
    await addFault({ match: { method: 'POST' }, effect: { status: 500 } });
    await addFault({ match: { pathContains: '/machines' }, effect: { status: 501 } });
    await addFault({ match: { queryContains: '$top=7' }, effect: { status: 503 } });
    await simulator.control('POST', '/faults', { service: 'keyVault', effect: { status: 502 } });
    expect((await simulator.get('/api/alerts')).status).toBe(200);
    expect((await simulator.get('/api/alerts?%24top=7')).status).toBe(503);
  });

  it('to as many calls as it says, after those it lets pass', async () => {
    const { id } = await addFault({ skipFirst: 1, times: 2, effect: { status: 500 } });
    const statuses = [];
    for (let index = 0; index < 5; index += 1) statuses.push((await simulator.get('/api/alerts')).status);
    expect(statuses).toEqual([200, 500, 500, 200, 200]);
    const { faults } = await simulator.control('GET', '/faults');
    expect(faults).toMatchObject([{ id, hits: 2, matched: 3 }]);
  });

  it('until it is removed', async () => {
    const { id } = await addFault({ effect: { status: 500 } });
    await simulator.control('DELETE', `/faults/${String(id)}`);
    expect((await simulator.get('/api/alerts')).status).toBe(200);
    expect((await simulator.tryControl('DELETE', `/faults/${String(id)}`)).status).toBe(404);
  });

  it('to the queries whose window touches an instant, the upper bound excluded', async () => {
    await addFault({ match: { filterOverlaps: { from: '2026-06-01T12:00:00Z' } }, effect: { status: 500 } });
    const day = ['2026-06-01T00:00:00Z', '2026-06-01T12:00:00Z', '2026-06-02T00:00:00Z'] as const;
    expect((await simulator.get(window(day[0], day[1]))).status).toBe(200);
    expect((await simulator.get(window(day[1], day[2]))).status).toBe(500);
    expect((await simulator.get('/api/alerts')).status).toBe(500); // No bound: every instant.
  });

  it('to the queries that would return an alert', async () => {
    await addFault({ match: { alertInResult: 'middle' }, effect: { status: 500 } });
    expect((await simulator.get(window('2026-06-01T00:00:00Z', '2026-06-01T12:00:00Z'))).status).toBe(200);
    expect((await simulator.get(window('2026-06-01T11:00:00Z', '2026-06-01T13:00:00Z'))).status).toBe(500);
    expect((await simulator.get('/api/alerts/middle')).status).toBe(500);
    expect((await simulator.get('/api/alerts/late')).status).toBe(200);
  });

  it('before an older rule is spent only once per call', async () => {
    await addFault({ times: 1, effect: { status: 500 } });
    await addFault({ times: 1, effect: { status: 503 } });
    const statuses = [];
    for (let index = 0; index < 3; index += 1) statuses.push((await simulator.get('/api/alerts')).status);
    expect(statuses).toEqual([500, 503, 200]);
  });
});

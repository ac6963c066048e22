import { ManagedIdentityCredential } from '@azure/identity';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { defenderScope, startTestSimulator, type Reply, type TestSimulator } from './startTestSimulator.ts';

let simulator: TestSimulator;
let token: string;
beforeAll(async () => {
  simulator = await startTestSimulator();
  await simulator.control('POST', '/clock', { freezeAt: '2026-05-01T00:00:00Z' });
  await simulator.control('POST', '/entra/token-lifetime', { seconds: 86_400 });
  token = await simulator.getToken();
});
afterAll(() => simulator.stop());
beforeEach(() => simulator.control('POST', '/limits', {}));

const call = (): Promise<Reply> => simulator.get('/api/alerts?$top=0', token);
const advance = (advanceSeconds: number): Promise<unknown> =>
  simulator.control('POST', '/clock', { advanceSeconds });

async function callTimes(count: number): Promise<Set<number>> {
  const statuses = new Set<number>();
  for (let index = 0; index < count; index += 1) statuses.add((await call()).status);
  return statuses;
}

// https://learn.microsoft.com/defender-endpoint/api/get-alerts#limitations
describe('Defender call limits', () => {
  it('refuses the 101st call within a minute, until the first one is a minute old', async () => {
    expect(await callTimes(1)).toEqual(new Set([200]));
    await advance(20);
    expect(await callTimes(99)).toEqual(new Set([200]));
    const refused = await call();
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('40');
    expect(refused.json).toMatchObject({
      error: {
        code: 'TooManyRequests',
        message: 'API calls quota exceeded! maximum allowed 100 per 00:01:00',
      },
    });
    await advance(39);
    expect((await call()).status).toBe(429);
    await advance(1);
    expect((await call()).status).toBe(200);
    expect((await call()).status).toBe(429); // The window slides: only one place became free.
  });

  it('refuses over the hourly limit with a long wait', async () => {
    await simulator.control('POST', '/limits', { perHour: 5 });
    expect(await callTimes(5)).toEqual(new Set([200]));
    await advance(600);
    const refused = await call();
    expect(refused.headers.get('retry-after')).toBe('3000');
    expect(refused.text).toContain('maximum allowed 5 per 01:00:00');
    await advance(3000);
    expect((await call()).status).toBe(200);
  });

  it('tells the wait as an HTTP date when control asks for it', async () => {
    await simulator.control('POST', '/limits', { perMinute: 1, retryAfterAs: 'date' });
    await call();
    const { headers } = await call();
    const waitMs = Date.parse(headers.get('retry-after') ?? '') - Date.parse(headers.get('date') ?? '');
    expect(waitMs).toBe(60_000);
  });

  it('counts per application', async () => {
    await simulator.control('POST', '/limits', { perMinute: 1 });
    expect(await callTimes(2)).toEqual(new Set([200, 429]));
    const other = (await new ManagedIdentityCredential().getToken(defenderScope)).token;
    expect((await simulator.get('/api/alerts?$top=0', other)).status).toBe(200);
  });

  it('does not count calls that were refused for their token or role', async () => {
    await simulator.control('POST', '/limits', { perMinute: 1 });
    for (let index = 0; index < 5; index += 1) await simulator.get('/api/alerts', 'nonsense');
    expect((await call()).status).toBe(200);
  });
});

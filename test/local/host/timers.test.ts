import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { eventually, logged, startFixture, temporaryFolder, type FixtureHost } from './harness.ts';

interface TimerCall {
  at: number;
  timer: {
    schedule: { adjustForDST: boolean };
    scheduleStatus: { last: string; next: string; lastUpdated: string } | null;
    isPastDue: boolean;
  };
  retry: { retryCount: number; maxRetryCount: number; exception?: { message: string } } | null;
}

function callsOf(host: FixtureHost): TimerCall[] {
  return logged<TimerCall>(host.lines);
}

function waitForCalls(host: FixtureHost, count: number): Promise<TimerCall[]> {
  return eventually(() => (callsOf(host).length >= count ? callsOf(host) : undefined), { lines: host.lines });
}

/** A schedule that is due at most once a day, and not while a test runs. */
function farAway(): string {
  const hour = (new Date().getUTCHours() + 12) % 24;
  return `0 0 ${hour} * * *`;
}

async function writeStatus(stateFolder: string, name: string, status: object): Promise<void> {
  await mkdir(path.join(stateFolder, 'timers'), { recursive: true });
  await writeFile(path.join(stateFolder, 'timers', `${name}.json`), JSON.stringify(status));
}

async function readStatus(stateFolder: string, name: string): Promise<Record<string, string>> {
  const text = await readFile(path.join(stateFolder, 'timers', `${name}.json`), 'utf8');
  return JSON.parse(text) as Record<string, string>;
}

describe('a timer', () => {
  it('is first called at its first due moment and has no status when it is due more than once a minute', async () => {
    const host = await startFixture('timers', { env: { TIMERS: 'tick', TICK: '*/2 * * * * *' } });
    try {
      const [first, second] = await waitForCalls(host, 2);
      for (const call of [first, second]) {
        expect(call?.timer).toEqual({
          schedule: { adjustForDST: true },
          scheduleStatus: null,
          isPastDue: false,
        });
        // Due at even seconds; a call is never early.
        const intoPeriod = (call?.at ?? 0) % 2000;
        expect(intoPeriod).toBeLessThan(1000);
      }
    } finally {
      await host.stop();
    }
  });

  it('takes a time span as its schedule', async () => {
    const startedAt = Date.now();
    const host = await startFixture('timers', { env: { TIMERS: 'tick', TICK: '00:00:01' } });
    try {
      const [first, second] = await waitForCalls(host, 2);
      expect(first?.timer.schedule).toEqual({ adjustForDST: false });
      // Two spans after the start at the earliest; a busy machine may bring it later.
      expect((second?.at ?? 0) - startedAt).toBeGreaterThanOrEqual(1990);
    } finally {
      await host.stop();
    }
  });

  it('is never called twice at a time; missed moments collapse into one call right after the long one', async () => {
    const host = await startFixture('timers', { env: { TIMERS: 'long' } });
    try {
      const calls = await waitForCalls(host, 4);
      const gaps = calls.slice(1).map(({ at }, index) => at - (calls[index]?.at ?? 0));
      // 1.5 s of work on a schedule of 1 s: the next call comes at once and not at the next full second. A busy machine
      // may delay some of them, but not all would come two seconds apart.
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1490);
      expect(Math.min(...gaps)).toBeLessThan(1900);
    } finally {
      await host.stop();
    }
  });

  it('is called at the start with runOnStartup, and that is not past due', async () => {
    const host = await startFixture('timers', { env: { TIMERS: 'startup' } });
    try {
      const [call] = await waitForCalls(host, 1);
      expect(call?.timer.isPastDue).toBe(false);
      expect(call?.timer.scheduleStatus?.last).toBe('0001-01-01T00:00:00+00:00');
    } finally {
      await host.stop();
    }
  });
});

describe('a monitored timer', () => {
  it('that missed a moment while the host was down is called once, at once, with isPastDue', async () => {
    const stateFolder = await temporaryFolder();
    const schedule = farAway();
    const [, , hour] = schedule.split(' ');
    const last = new Date(Date.now() - 3 * 86_400_000);
    last.setUTCHours(Number(hour), 0, 0, 12);
    const missed = new Date(last.getTime() + 86_400_000);
    missed.setUTCHours(Number(hour), 0, 0, 0);
    await writeStatus(stateFolder, 'daily', {
      Last: last.toISOString(),
      Next: missed.toISOString(),
      LastUpdated: last.toISOString(),
    });
    const host = await startFixture('timers', { stateFolder, env: { TIMERS: 'daily', DAILY: schedule } });
    try {
      const [call] = await waitForCalls(host, 1);
      expect(call?.timer.isPastDue).toBe(true);
      expect(Date.parse(call?.timer.scheduleStatus?.next ?? '')).toBe(missed.getTime());
      await delay(300);
      expect(callsOf(host)).toHaveLength(1);
      const stored = await readStatus(stateFolder, 'daily');
      expect(Date.parse(stored.Last ?? '')).toBeGreaterThan(Date.now() - 10_000);
      expect(Date.parse(stored.Next ?? '')).toBeGreaterThan(Date.now());
    } finally {
      await host.stop();
    }
    const again = await startFixture('timers', { stateFolder, env: { TIMERS: 'daily', DAILY: schedule } });
    await delay(300);
    await again.stop();
    expect(callsOf(again)).toHaveLength(0);
  });

  it('is not past due at its first start, nor after its schedule was changed', async () => {
    const stateFolder = await temporaryFolder();
    const first = await startFixture('timers', { stateFolder, env: { TIMERS: 'daily', DAILY: farAway() } });
    await first.stop();
    const stored = await readStatus(stateFolder, 'daily');
    expect(stored.Last).toBe('0001-01-01T00:00:00+00:00');
    const dayAgo = new Date(Date.now() - 86_400_000).toISOString();
    await writeStatus(stateFolder, 'daily', { Last: dayAgo, Next: dayAgo, LastUpdated: dayAgo });
    const second = await startFixture('timers', { stateFolder, env: { TIMERS: 'daily', DAILY: farAway() } });
    await delay(300);
    await second.stop();
    expect([...callsOf(first), ...callsOf(second)]).toEqual([]);
    expect(Date.parse((await readStatus(stateFolder, 'daily')).Next ?? '')).toBeGreaterThan(Date.now());
  });
});

describe('a retry policy', () => {
  it('repeats a failing timer with the delay it asks for and tells the function the count', async () => {
    const host = await startFixture('timers', { env: { TIMERS: 'failing' } });
    try {
      const calls = await waitForCalls(host, 3);
      expect(calls.map(({ retry }) => retry)).toEqual([
        { retryCount: 0, maxRetryCount: 2 },
        { retryCount: 1, maxRetryCount: 2, exception: { message: 'not this time', source: '' } },
        { retryCount: 2, maxRetryCount: 2, exception: { message: 'not this time', source: '' } },
      ]);
      expect((calls[1]?.at ?? 0) - (calls[0]?.at ?? 0)).toBeGreaterThanOrEqual(990);
      await delay(1300);
      expect(callsOf(host)).toHaveLength(3);
    } finally {
      await host.stop();
    }
  });

  it('does not keep the host from stopping', async () => {
    const host = await startFixture('timers', { env: { TIMERS: 'failing' } });
    await waitForCalls(host, 1);
    const before = performance.now();
    await host.stop();
    expect(performance.now() - before).toBeLessThan(900);
    expect(callsOf(host)).toHaveLength(1);
  });
});

describe('the admin API', () => {
  it('starts a timer now', async () => {
    const host = await startFixture('timers', { env: { TIMERS: 'daily', DAILY: farAway() } });
    try {
      const response = await host.get('/admin/functions/Daily', { method: 'POST', body: '{"input":"test"}' });
      expect([response.status, await response.text()]).toEqual([202, '']);
      const [call] = await waitForCalls(host, 1);
      expect(call?.timer.isPastDue).toBe(false);
    } finally {
      await host.stop();
    }
  });

  it('answers 404 for an unknown function, 400 without a body, and tells the status of host and functions', async () => {
    const host = await startFixture('timers', {
      env: { TIMERS: 'daily,tick', DAILY: farAway(), LOCAL_HOST_FUNCTION_KEY: 'the-key' },
    });
    const headers = { 'x-functions-key': 'the-key' };
    try {
      const post = (name: string, body: string): Promise<Response> =>
        host.get(`/admin/functions/${name}`, { method: 'POST', body, headers });
      expect((await post('unknown', '{"input":""}')).status).toBe(404);
      expect((await post('daily', '')).status).toBe(400);
      expect((await host.get('/admin/host/status')).status).toBe(401);
      const status = await host.get('/admin/host/status', { headers });
      expect(await status.json()).toMatchObject({ state: 'Running' });
      const tick = await host.get('/admin/functions/tick/status', { headers });
      expect(await tick.json()).toEqual({ errors: ["'%TICK%' does not resolve to a value."] });
      const daily = await host.get('/admin/functions/daily/status', { headers });
      expect(await daily.json()).toEqual({});
    } finally {
      await host.stop();
    }
  });
});

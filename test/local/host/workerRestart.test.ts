import { afterEach, describe, expect, it } from 'vitest';
import { eventually, startFixture, type FixtureHost } from './harness.ts';

let host: FixtureHost;

afterEach(() => host.stop());

async function pidOf(fixture: FixtureHost): Promise<number> {
  const { pid } = (await (await fixture.get('/api/byName')).json()) as { pid: number };
  return pid;
}

describe('functionTimeout', () => {
  it('fails the call with 500, and with it everything else in the worker process, which is replaced', async () => {
    host = await startFixture('http', { env: { AzureFunctionsJobHost__functionTimeout: '00:00:01' } });
    const before = await pidOf(host);
    const late = host.get('/api/never');
    // Started later, so its own limit has not passed when the process is replaced.
    await new Promise((resolve) => setTimeout(resolve, 600));
    const innocent = host.get('/api/slow/900');
    expect([(await late).status, (await innocent).status]).toEqual([500, 500]);
    expect(await pidOf(host)).not.toBe(before);
    const log = host.lines.join('\n');
    expect(log).toContain("Timeout value of 00:00:01 exceeded by function 'never'");
    expect(log).toMatch(/slow: Failed after \d+ms/);
  });

  it('also ends a function that never lets go of the event loop', async () => {
    host = await startFixture('http', { env: { AzureFunctionsJobHost__functionTimeout: '00:00:01' } });
    expect((await host.get('/api/blocks')).status).toBe(500);
    expect((await host.get('/api/slow/1')).status).toBe(200);
  });
});

describe('a worker process that crashes', () => {
  it('fails what ran in it and is started again', async () => {
    host = await startFixture('http');
    const before = await pidOf(host);
    const running = host.get('/api/slow/20000');
    expect((await host.get('/api/crash')).status).toBe(500);
    expect((await running).status).toBe(500);
    expect(await pidOf(host)).not.toBe(before);
    expect(host.lines.join('\n')).toContain('The worker process ended unexpectedly (exit code 7).');
  });

  it('names what was thrown outside of any handler', async () => {
    host = await startFixture('http');
    expect((await host.get('/api/late-throw')).status).toBe(500);
    const line = host.lines.find((candidate) => candidate.includes('Uncaught exception'));
    expect(line).toContain('Uncaught exception in the app: outside of any handler');
  });

  it('is given up after the fourth crash within a minute', async () => {
    host = await startFixture('http');
    let reason: string | undefined;
    void host.gaveUp.then((text) => (reason = text));
    for (let crash = 1; crash <= 4; crash += 1) {
      expect(reason).toBeUndefined();
      expect((await host.get('/api/crash')).status).toBe(500);
    }
    expect(await eventually(() => reason)).toBe(
      'The app crashed 4 times within a minute; it is not started again.',
    );
    expect((await host.get('/api/byName')).status).toBe(500);
  });
});

describe('stopping', () => {
  it('lets a running function end and takes no new request', async () => {
    host = await startFixture('http');
    const running = host.get('/api/slow/800');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const stopped = host.stop();
    await expect(host.get('/api/slow/1')).rejects.toThrow();
    expect([(await running).status, await (await running).text()]).toEqual([200, 'done']);
    await stopped;
  });

  it('cuts a function off that takes longer than the grace period', async () => {
    host = await startFixture('http', { stopGraceMs: 300 });
    const running = host.get('/api/never');
    await new Promise((resolve) => setTimeout(resolve, 200));
    await host.stop();
    expect((await running).status).toBe(500);
  });
});

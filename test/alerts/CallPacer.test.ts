import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CallPacer, isSourceFailure, type CallPacerInit } from '../../src/alerts/CallPacer.ts';
import { CallQuota } from '../../src/alerts/CallQuota.ts';
import { CheckpointLost } from '../../src/alerts/CheckpointLost.ts';
import { PullPaused } from '../../src/alerts/PullPaused.ts';
import { DefenderAnswerUnreadable } from '../../src/defender/DefenderAnswerUnreadable.ts';
import { DefenderPermissionMissing } from '../../src/defender/DefenderPermissionMissing.ts';
import { DefenderUnreachable } from '../../src/defender/DefenderUnreachable.ts';
import { CredentialRefused } from '../../src/identity/CredentialRefused.ts';
import { CredentialUnavailable } from '../../src/identity/CredentialUnavailable.ts';
import { SecretUnavailable } from '../../src/identity/SecretUnavailable.ts';
import { permissionTable } from '../../src/identity/permissions.ts';
import { systemClock } from '../../src/runtime/Clock.ts';
import { collectLogs } from '../support/collectLogs.ts';
import { httpError, storageError } from '../support/errors.ts';
import { VirtualClock } from '../support/VirtualClock.ts';

const START = Date.parse('2026-11-21T12:00:00Z');
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

function createPacer(init: Partial<CallPacerInit> = {}) {
  const clock = new VirtualClock(START);
  const { logger, events } = collectLogs();
  const pacer = new CallPacer({
    quota: new CallQuota({ perMinute: 100, perHour: 1500 }),
    clock,
    random: () => 0.5,
    logger,
    deadline: START + 8 * MINUTE_MS,
    keepHold: () => Promise.resolve(),
    signal: new AbortController().signal,
    ...init,
  });
  return { pacer, clock, events, elapsed: () => clock.now() - START };
}

/** A service that fails with these errors, one per call, and then answers. */
function failing(...errors: Error[]) {
  const waiting = [...errors];
  const service = {
    calls: 0,
    attempt: () => {
      service.calls += 1;
      const error = waiting.shift();
      return error ? Promise.reject(error) : Promise.resolve('answer');
    },
  };
  return service;
}

const unreachable = () => new DefenderUnreachable('Read alerts', new Error('no route'));
const unreadable = () => new DefenderAnswerUnreadable('Read alerts', 'it was cut off');
const refused = () =>
  new CredentialRefused({
    subject: 'x',
    error: 'invalid_client',
    number: undefined,
    correlationId: undefined,
    cause: undefined,
  });
const forbidden = () =>
  new DefenderPermissionMissing({
    operation: 'Read alerts',
    permission: permissionTable.pullAlerts,
    claims: undefined,
    wasAsked: true,
    requestId: undefined,
  });
const secretError = (status: number | undefined) =>
  new SecretUnavailable({
    secretName: 'defender',
    status,
    serviceCode: undefined,
    requestId: undefined,
    cause: undefined,
  });

describe('the call pacer, when the service fails', () => {
  it.each([
    ['503', () => httpError(503)],
    ['500', () => httpError(500)],
    ['408', () => httpError(408)],
    ['no answer', unreachable],
    ['an unreadable answer', unreadable],
  ])('calls again after %s and gives the answer', async (_case, error) => {
    const { pacer, events } = createPacer();
    expect(await pacer.call(3, failing(error(), error()).attempt)).toBe('answer');
    expect(events()).toEqual(['defender_call_retried', 'defender_call_retried']);
  });

  it('gives up with the last error after so many tries', async () => {
    const { pacer } = createPacer();
    const last = httpError(500);
    const service = failing(httpError(503), unreachable(), last);
    await expect(pacer.call(3, service.attempt)).rejects.toBe(last);
    expect(service.calls).toBe(3);
  });

  it.each([
    ['a bad request', () => httpError(400)],
    ['a redirect', () => httpError(302)],
    ['an unknown path', () => httpError(404)],
    ['a refused token', () => httpError(401)],
    ['a missing permission', forbidden],
    ['a refused credential', refused],
    ['a secret that may not be read', () => secretError(403)],
    ['storage out of reach', storageError],
    ['a lost checkpoint', () => new CheckpointLost()],
    ['a fault of our own', () => new TypeError('x is not a function')],
  ])('does not call again after %s', async (_case, error) => {
    const { pacer, elapsed } = createPacer();
    const failure = error();
    const service = failing(failure, failure);
    await expect(pacer.call(5, service.attempt)).rejects.toBe(failure);
    expect(service.calls).toBe(1);
    expect(elapsed()).toBe(0);
  });

  it('waits longer after each failure, each time between half and the whole of a limit that doubles up to 30 s', async () => {
    const limits = [2, 4, 8, 16, 30, 30].map((seconds) => seconds * SECOND_MS);
    const jitter = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
      minLength: limits.length,
      maxLength: limits.length,
    });
    await fc.assert(
      fc.asyncProperty(jitter, async (numbers) => {
        const random = numbers.values();
        const { pacer, clock } = createPacer({ random: () => random.next().value ?? 0 });
        const times: number[] = [];
        await expect(
          pacer.call(limits.length + 1, () => {
            times.push(clock.now());
            return Promise.reject(httpError(503));
          }),
        ).rejects.toMatchObject({ serviceStatus: 503 });
        limits.forEach((limit, index) => {
          const waited = (times[index + 1] ?? NaN) - (times[index] ?? NaN);
          // The clock shows whole milliseconds.
          expect(waited).toBeGreaterThanOrEqual(limit / 2 - 1);
          expect(waited).toBeLessThanOrEqual(limit + 1);
        });
      }),
      { numRuns: 50 },
    );
  });

  it('waits as long as the service asks, also when it is not throttling', async () => {
    const { pacer, elapsed } = createPacer();
    await pacer.call(2, failing(httpError(503, 25 * SECOND_MS)).attempt);
    expect(elapsed()).toBe(25 * SECOND_MS);
  });
});

describe('the call pacer, when the service throttles', () => {
  it('waits as told and calls again, without using up a try', async () => {
    const { pacer, elapsed } = createPacer();
    const service = failing(httpError(429, 30_000), httpError(429, 40_000), httpError(429, 50_000));
    expect(await pacer.call(1, service.attempt)).toBe('answer');
    expect(elapsed()).toBe(120_000);
    expect(pacer.throttledUntil).toBeUndefined();
  });

  it('waits longer each time when it is not told how long', async () => {
    const { pacer, elapsed } = createPacer();
    await pacer.call(1, failing(httpError(429), httpError(429), httpError(429)).attempt);
    expect(elapsed()).toBe((15 + 30 + 45) * SECOND_MS);
  });

  it('believes no wait of more than a day, so that one absurd header cannot stop the pull for good', async () => {
    for (const retryAfterMs of [25 * 60 * MINUTE_MS, 1e20, Infinity]) {
      const { pacer } = createPacer();
      await expect(pacer.call(1, failing(httpError(429, retryAfterMs)).attempt)).rejects.toMatchObject({
        reason: 'throttled',
      });
      expect(pacer.throttledUntil).toBe(START + 24 * 60 * MINUTE_MS);
    }
  });

  it('pauses at once and notes until when, when the wait lies beyond the end of the run', async () => {
    const { pacer, elapsed } = createPacer();
    const service = failing(httpError(429, 60 * MINUTE_MS));
    await expect(pacer.call(3, service.attempt)).rejects.toMatchObject({
      name: 'PullPaused',
      reason: 'throttled',
    });
    expect(pacer.throttledUntil).toBe(START + 60 * MINUTE_MS);
    expect(elapsed()).toBe(0);
    expect(service.calls).toBe(1);
  });
});

describe('the call pacer, when no token can be got', () => {
  it.each([
    ['Entra does not answer', () => new CredentialUnavailable('x', new Error('down'))],
    ['Key Vault does not answer', () => secretError(undefined)],
    ['Key Vault is overloaded', () => secretError(503)],
  ])('tries again and then pauses the run, when %s', async (_case, error) => {
    const { pacer } = createPacer();
    expect(await pacer.call(2, failing(error()).attempt)).toBe('answer');

    const last = error();
    // No window can be blamed for it, so it must not look like a failing window.
    await expect(pacer.call(2, failing(error(), last).attempt)).rejects.toMatchObject({
      name: 'PullPaused',
      reason: 'unavailable',
      cause: last,
    });
  });
});

describe('the call pacer and the end of the run', () => {
  it('pauses before a request that would be sent at or after the end', async () => {
    const { pacer, clock } = createPacer();
    pacer.checkTime();
    clock.advance(8 * MINUTE_MS);
    expect(() => {
      pacer.checkTime();
    }).toThrow(expect.objectContaining({ name: 'PullPaused', reason: 'time' }) as Error);
    let sent = 0;
    const send = pacer.call(1, async ({ beforeSend }) => {
      await beforeSend();
      sent += 1;
    });
    await expect(send).rejects.toMatchObject({ reason: 'time' });
    expect(sent).toBe(0);
    expect(pacer.calls).toBe(0);
  });

  it('pauses instead of backing off beyond the end', async () => {
    const { pacer, elapsed } = createPacer({ deadline: START + 1_000 });
    await expect(pacer.call(3, failing(httpError(503)).attempt)).rejects.toMatchObject({ reason: 'time' });
    expect(elapsed()).toBe(0);
  });

  it('waits until just before the end, but not up to it', async () => {
    const { pacer, elapsed } = createPacer();
    await pacer.wait(8 * MINUTE_MS - 1, 'time');
    expect(elapsed()).toBe(8 * MINUTE_MS - 1);
    await expect(pacer.wait(1, 'quota')).rejects.toMatchObject({ reason: 'quota' });
  });
});

describe('the call pacer and the quota', () => {
  const request = (pacer: CallPacer) => pacer.call(1, ({ beforeSend }) => beforeSend());

  it('sends a request only when the quota allows it', async () => {
    const { pacer, elapsed } = createPacer({ quota: new CallQuota({ perMinute: 2, perHour: 100 }) });
    const times: number[] = [];
    for (let call = 0; call < 5; call += 1) {
      await request(pacer);
      times.push(elapsed());
    }
    expect(times).toEqual([0, 0, MINUTE_MS, MINUTE_MS, 2 * MINUTE_MS]);
    expect(pacer.calls).toBe(5);
  });

  it('counts every request that one call sends', async () => {
    const { pacer, elapsed } = createPacer({ quota: new CallQuota({ perMinute: 2, perHour: 100 }) });
    // As after a refused token: one call, two requests.
    const twice = () =>
      pacer.call(1, async ({ beforeSend }) => {
        await beforeSend();
        await beforeSend();
      });
    await twice();
    await twice();
    expect(elapsed()).toBe(MINUTE_MS);
    expect(pacer.calls).toBe(4);
  });

  it('pauses when the quota is used up beyond the end of the run', async () => {
    const { pacer } = createPacer({ quota: new CallQuota({ perMinute: 100, perHour: 1 }) });
    await request(pacer);
    await expect(request(pacer)).rejects.toMatchObject({ reason: 'quota' });
  });
});

describe('the call pacer and the checkpoint', () => {
  it('keeps the hold at least every 20 seconds of a wait', async () => {
    const kept: number[] = [];
    const { pacer, clock } = createPacer({
      keepHold: () => {
        kept.push(clock.now());
        return Promise.resolve();
      },
    });
    await pacer.wait(3 * MINUTE_MS + 5_000, 'throttled');
    const steps = kept.map((at, index) => at - (kept[index - 1] ?? START));
    expect(Math.max(...steps)).toBeLessThanOrEqual(20_000);
    expect(kept.at(-1)).toBe(START + 3 * MINUTE_MS + 5_000);
  });

  it('ends a wait, and sends nothing, once another run has taken the checkpoint', async () => {
    const { pacer, clock, elapsed } = createPacer({
      keepHold: () =>
        clock.now() >= START + 40_000 ? Promise.reject(new CheckpointLost()) : Promise.resolve(),
    });
    const service = failing(httpError(429, 5 * MINUTE_MS));
    await expect(pacer.call(3, service.attempt)).rejects.toThrow(CheckpointLost);
    expect(elapsed()).toBe(40_000);
    expect(service.calls).toBe(1);
    await expect(pacer.call(3, ({ beforeSend }) => beforeSend())).rejects.toThrow(CheckpointLost);
    expect(pacer.calls).toBe(0);
  });

  it('ends a wait when the run is aborted', async () => {
    const { pacer } = createPacer({
      clock: systemClock,
      deadline: systemClock.now() + 60 * MINUTE_MS,
      signal: AbortSignal.timeout(20),
    });
    await expect(pacer.wait(30 * MINUTE_MS, 'throttled')).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});

describe('a failure of the source', () => {
  it('is only what may pass by calling again', () => {
    const failures = [httpError(503), httpError(429), httpError(408), unreachable(), unreadable()];
    const others = [httpError(400), httpError(401), httpError(404), forbidden(), refused(), storageError()];
    const notEven = [new PullPaused('time'), new CheckpointLost(), new Error('x'), undefined, 'text'];
    expect(failures.filter((error) => !isSourceFailure(error))).toEqual([]);
    expect([...others, ...notEven].filter(isSourceFailure)).toEqual([]);
  });
});

import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CachedTokenSource, type IssuedToken } from '../../src/identity/CachedTokenSource.ts';
import { CredentialUnavailable } from '../../src/identity/CredentialUnavailable.ts';
import { VirtualClock } from '../support/VirtualClock.ts';

const START = Date.parse('2026-11-21T12:00:00Z');
const MINUTE_MS = 60_000;
const AUDIENCE = 'https://api.securitycenter.microsoft.com';
const never = new AbortController().signal;

/** A small Entra: tokens `audience-1`, `audience-2`, ... of this lifetime, asked for as often as `asked` says. */
function createEntra(lifetimeMs = 60 * MINUTE_MS) {
  const clock = new VirtualClock(START);
  const entra = {
    asked: 0,
    isDown: false,
    lifetimeMs,
    /** Awaited before each answer. */
    gate: Promise.resolve() as Promise<unknown>,
    signals: [] as AbortSignal[],
  };
  const acquire = async (audience: string, signal: AbortSignal): Promise<IssuedToken> => {
    entra.asked += 1;
    entra.signals.push(signal);
    const token = `${audience}-${entra.asked}`;
    await entra.gate;
    if (entra.isDown) throw new CredentialUnavailable(audience, new Error('down'));
    return { token, expiresOnTimestamp: clock.now() + entra.lifetimeMs };
  };
  return { entra, clock, tokens: new CachedTokenSource(acquire, clock) };
}

describe('a cached token', () => {
  it('is given until five minutes before it expires, and then a new one', async () => {
    const { entra, clock, tokens } = createEntra();
    expect(await tokens.getToken('a', never)).toBe('a-1');
    clock.advance(55 * MINUTE_MS - 1);
    expect(await tokens.getToken('a', never)).toBe('a-1');
    clock.advance(1);
    expect(await tokens.getToken('a', never)).toBe('a-2');
    expect(entra.asked).toBe(2);
  });

  it('is kept for each audience on its own', async () => {
    const { tokens } = createEntra();
    expect(await tokens.getToken('a', never)).toBe('a-1');
    expect(await tokens.getToken('b', never)).toBe('b-2');
    expect(await tokens.getToken('a', never)).toBe('a-1');
  });

  it('is used for half its life when that is short, instead of asking at every call', async () => {
    const { entra, clock, tokens } = createEntra(4 * MINUTE_MS);
    await tokens.getToken('a', never);
    clock.advance(2 * MINUTE_MS - 1);
    expect(await tokens.getToken('a', never)).toBe('a-1');
    clock.advance(1);
    expect(await tokens.getToken('a', never)).toBe('a-2');
    expect(entra.asked).toBe(2);
  });

  it('is asked for once, however many callers want it at the same time', async () => {
    const { entra, tokens } = createEntra();
    const callers = Array.from({ length: 50 }, () => tokens.getToken(AUDIENCE, never));
    expect(new Set(await Promise.all(callers))).toEqual(new Set([`${AUDIENCE}-1`]));
    expect(entra.asked).toBe(1);
  });

  it('is asked for again after a failure, which all who waited are told', async () => {
    const { entra, tokens } = createEntra();
    entra.isDown = true;
    const callers = await Promise.allSettled([1, 2, 3].map(() => tokens.getToken('a', never)));
    expect(callers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(entra.asked).toBe(1);
    entra.isDown = false;
    expect(await tokens.getToken('a', never)).toBe('a-2');
  });
});

describe('an Entra that never answers', () => {
  it('ends the wait as one that cannot be reached, and is asked anew the next time', async () => {
    const clock = new VirtualClock(START);
    let asked = 0;
    // As the SDK does: it goes on waiting, whatever the signal says.
    const acquire = () => {
      asked += 1;
      return asked === 1
        ? new Promise<IssuedToken>(() => undefined)
        : Promise.resolve({ token: 'late', expiresOnTimestamp: START + 60 * MINUTE_MS });
    };
    const tokens = new CachedTokenSource(acquire, clock, 20);
    const waiting = await Promise.allSettled([tokens.getToken('a', never), tokens.getToken('a', never)]);
    expect(waiting).toMatchObject(Array(2).fill({ reason: { code: 'credential_unavailable' } }));
    expect(asked).toBe(1);
    expect(await tokens.getToken('a', never)).toBe('late');
  });
});

describe('a refused token', () => {
  it('is not given again: a new one is asked for, once for all who were refused', async () => {
    const { entra, tokens } = createEntra();
    const refused = await tokens.getToken('a', never);
    const callers = Array.from({ length: 20 }, () => tokens.getToken('a', never, refused));
    expect(new Set(await Promise.all(callers))).toEqual(new Set(['a-2']));
    expect(entra.asked).toBe(2);
  });

  it('does not cost the newer token that another caller has already got', async () => {
    const { entra, tokens } = createEntra();
    const refused = await tokens.getToken('a', never);
    await tokens.getToken('a', never, refused);
    expect(await tokens.getToken('a', never, refused)).toBe('a-2');
    expect(entra.asked).toBe(2);
  });

  it('is not given again either while no new one can be had', async () => {
    const { entra, tokens } = createEntra();
    const refused = await tokens.getToken('a', never);
    entra.isDown = true;
    await expect(tokens.getToken('a', never, refused)).rejects.toThrow(CredentialUnavailable);
    // Whoever was not refused may still try it.
    expect(await tokens.getToken('a', never)).toBe(refused);
  });
});

describe('a token that a resource does not accept at all', () => {
  it('is replaced each time, ten times a minute at most', async () => {
    const { entra, clock, tokens } = createEntra();
    let kept = await tokens.getToken('a', never);
    const replaced: number[] = [];
    for (let minute = 0; minute < 3; minute += 1) {
      const before = entra.asked;
      for (let second = 0; second < 60; second += 1) {
        kept = await tokens.getToken('a', never, kept);
        clock.advance(1_000);
      }
      replaced.push(entra.asked - before);
    }
    expect(replaced).toEqual([10, 10, 10]);
  });
});

describe('a token that a resource does not take, because a role is missing from it', () => {
  it('is replaced at once, and then once a minute at most, however often the call is tried', async () => {
    const { entra, clock, tokens } = createEntra();
    let kept = await tokens.getToken('a', never);
    const asked: number[] = [];
    for (let second = 0; second < 600; second += 5) {
      const before = entra.asked;
      kept = await tokens.getToken('a', never, kept, true);
      if (entra.asked > before) asked.push(second);
      clock.advance(5_000);
    }
    expect(asked).toEqual([0, 60, 120, 180, 240, 300, 360, 420, 480, 540]);
  });

  it('is given again in between, so that the caller can tell what it lacks', async () => {
    const { tokens } = createEntra();
    const first = await tokens.getToken('a', never);
    const second = await tokens.getToken('a', never, first, true);
    expect(second).not.toBe(first);
    expect(await tokens.getToken('a', never, second, true)).toBe(second);
  });

  it('does not keep the tokens for other audiences from being replaced', async () => {
    const { tokens } = createEntra();
    await tokens.getToken('a', never, await tokens.getToken('a', never), true);
    const other = await tokens.getToken('b', never);
    expect(await tokens.getToken('b', never, other, true)).not.toBe(other);
  });

  it('does not make Entra be asked more often while that is down', async () => {
    const { entra, tokens } = createEntra();
    const kept = await tokens.getToken('a', never);
    entra.isDown = true;
    await expect(tokens.getToken('a', never, kept, true)).rejects.toThrow(CredentialUnavailable);
    expect(await tokens.getToken('a', never, kept, true)).toBe(kept);
    expect(entra.asked).toBe(2);
  });
});

describe('whatever is asked for in whatever order', () => {
  it('no token is given that has expired, and Entra is asked a bounded number of times', async () => {
    const step = fc.record({
      audience: fc.constantFrom('a', 'b'),
      isRefused: fc.boolean(),
      waitMs: fc.nat({ max: 20 * MINUTE_MS }),
      isDown: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 50 }), async (steps) => {
        const { entra, clock, tokens } = createEntra();
        const issued = new Map<string, number>();
        const last = new Map<string, string>();
        for (const { audience, isRefused, waitMs, isDown } of steps) {
          clock.advance(waitMs);
          entra.isDown = isDown;
          const before = entra.asked;
          const token = await tokens
            .getToken(audience, never, isRefused ? last.get(audience) : undefined)
            .catch(() => undefined);
          expect(entra.asked - before).toBeLessThanOrEqual(1);
          if (token === undefined) continue;
          if (!issued.has(token)) issued.set(token, clock.now());
          last.set(audience, token);
          expect(clock.now() - (issued.get(token) ?? 0)).toBeLessThan(60 * MINUTE_MS);
        }
      }),
    );
  });
});

describe('an old token', () => {
  it('serves while the renewal fails, until a minute before it expires', async () => {
    const { entra, clock, tokens } = createEntra();
    await tokens.getToken('a', never);
    entra.isDown = true;
    clock.advance(55 * MINUTE_MS);
    expect(await tokens.getToken('a', never)).toBe('a-1');
    clock.advance(4 * MINUTE_MS - 1);
    expect(await tokens.getToken('a', never)).toBe('a-1');
    clock.advance(1);
    await expect(tokens.getToken('a', never)).rejects.toThrow(CredentialUnavailable);
  });

  it('gives way as soon as a renewal succeeds', async () => {
    const { entra, clock, tokens } = createEntra();
    await tokens.getToken('a', never);
    entra.isDown = true;
    clock.advance(56 * MINUTE_MS);
    await tokens.getToken('a', never);
    entra.isDown = false;
    expect(await tokens.getToken('a', never)).toBe('a-3');
  });
});

describe('a caller who gives up', () => {
  it('is let go at once, with the reason, and the others still get the token', async () => {
    const { entra, tokens } = createEntra();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    entra.gate = promise;
    const controller = new AbortController();
    const reason = new Error('the run is over');
    const impatient = tokens.getToken('a', controller.signal);
    const patient = tokens.getToken('a', never);
    controller.abort(reason);
    await expect(impatient).rejects.toBe(reason);
    // The request that both shared goes on.
    expect(entra.signals[0]?.aborted).toBe(false);
    resolve(undefined);
    expect(await patient).toBe('a-1');
    expect(entra.asked).toBe(1);
  });

  it('gets no token after that, not even an old one that would still serve', async () => {
    const { clock, tokens } = createEntra();
    await tokens.getToken('a', never);
    clock.advance(56 * MINUTE_MS);
    const reason = new Error('the run is over');
    await expect(tokens.getToken('a', AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it('before asking leaves no failure behind that nobody handles and that would end the process', async () => {
    const { entra, tokens } = createEntra();
    entra.isDown = true;
    const unhandled: unknown[] = [];
    const note = (error: unknown) => unhandled.push(error);
    // Vitest's own listeners would fail the whole run instead of this test.
    const others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', note);
    try {
      await expect(tokens.getToken('a', AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
      await nextTurn();
      await nextTurn();
    } finally {
      process.removeAllListeners('unhandledRejection');
      for (const listener of others) process.on('unhandledRejection', listener);
    }
    expect(unhandled).toEqual([]);
  });
});

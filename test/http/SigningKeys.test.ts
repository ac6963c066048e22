import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { SigningKeysUnavailable } from '../../src/http/SigningKeysUnavailable.ts';
import { TokenVerifier } from '../../src/http/TokenVerifier.ts';
import type { Clock } from '../../src/runtime/Clock.ts';
import { json, keepSilent, plain, startServer, type Answer } from '../support/startServer.ts';
import { VirtualClock } from '../support/VirtualClock.ts';
import {
  APP,
  createKey,
  NOW,
  startIssuer,
  TENANT,
  type SigningKey,
  type TestIssuer,
} from './support/testIssuer.ts';

let first: SigningKey;
let second: SigningKey;
beforeAll(async () => {
  [first, second] = await Promise.all([createKey('key-1'), createKey('key-2')]);
});

let issuer: TestIssuer;
let clock: VirtualClock;
let verifier: TokenVerifier;
beforeEach(async () => {
  issuer = await startIssuer(first);
  clock = new VirtualClock(NOW);
  verifier = new TokenVerifier(issuer.settings, clock);
});
afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await issuer.close();
});

const signedWith = async (key: SigningKey) => await issuer.bearer(issuer.claims(), key);
const verify = async (key: SigningKey) => (await verifier.verify(await signedWith(key))).caller.id;
/** A token that names a key nobody has. */
const unknownKey = async (kid = 'key-9') => await issuer.bearer(issuer.claims(), { ...first, kid });

/** Lets the age of what was read grow, by the clock that the key cache reads. */
function passTime(ms: number): void {
  const now = Date.now() + ms;
  if (!vi.isFakeTimers()) vi.useFakeTimers({ toFake: ['Date'] });
  vi.setSystemTime(now);
  clock.advance(ms);
}

describe('the signing keys', () => {
  it('are asked for when the first token comes, and not again for the next ones', async () => {
    expect(issuer.asked()).toEqual({ discovery: 0, keys: 0 });
    for (let i = 0; i < 5; i += 1) await verify(first);
    expect(issuer.asked()).toEqual({ discovery: 1, keys: 1 });
  });

  it('are asked for once by all that come at once', async () => {
    const tokens = await Promise.all(Array.from({ length: 30 }, () => signedWith(first)));
    const verified = await Promise.all(tokens.map((token) => verifier.verify(token)));
    const callers = verified.map(({ caller }) => caller);
    expect(callers.every(({ id }) => id === APP)).toBe(true);
    expect(issuer.asked()).toEqual({ discovery: 1, keys: 1 });
  });

  it('may change while the app runs: the first token with the new key is taken, and so is the old key', async () => {
    await verify(first);
    issuer.published = [first, second];
    expect(await verify(second)).toBe(APP);
    expect(await verify(first)).toBe(APP);
    expect(issuer.asked()).toEqual({ discovery: 1, keys: 2 });
  });

  it('may change under the load of many callers at once', async () => {
    await verify(first);
    issuer.published = [second];
    const tokens = await Promise.all(Array.from({ length: 30 }, () => signedWith(second)));
    const verified = await Promise.all(tokens.map((token) => verifier.verify(token)));
    const callers = verified.map(({ caller }) => caller);
    expect(callers.every(({ id }) => id === APP)).toBe(true);
    expect(issuer.asked().keys).toBe(2);
  });

  it('are trusted for an hour and not longer, because Entra may withdraw one', async () => {
    await verify(first);
    issuer.published = [second];
    passTime(59 * 60_000);
    const bearer = await issuer.bearer(issuer.claims({ exp: NOW / 1000 + 86_400 }), first);
    expect((await verifier.verify(bearer)).caller.id).toBe(APP);
    passTime(2 * 60_000);
    await expect(verifier.verify(bearer)).rejects.toThrow('unknown key');
  });
});

describe('when Entra gives no keys', () => {
  const unavailable = { code: 'signing_keys_unavailable', httpStatus: 503, retryable: true };

  it.each(['discovery', 'keys'] as const)(
    '(no %s) nobody is let in, until it answers again',
    async (document) => {
      issuer.broken.add(document);
      await expect(verify(first)).rejects.toMatchObject(unavailable);
      await expect(verify(first)).rejects.toBeInstanceOf(SigningKeysUnavailable);
      issuer.broken.clear();
      expect(await verify(first)).toBe(APP);
    },
  );

  it('those that are known still do, and an unknown one is not called wrong', async () => {
    await verify(first);
    issuer.published = [first, second];
    issuer.broken.add('keys');
    expect(await verify(first)).toBe(APP);
    await expect(verify(second)).rejects.toMatchObject(unavailable);
    issuer.broken.clear();
    expect(await verify(second)).toBe(APP);
  });

  it('those that are known do no more after an hour', async () => {
    const bearer = await issuer.bearer(issuer.claims({ exp: NOW / 1000 + 86_400 }));
    await verifier.verify(bearer);
    issuer.broken.add('keys');
    passTime(61 * 60_000);
    await expect(verifier.verify(bearer)).rejects.toMatchObject(unavailable);
    issuer.broken.clear();
    expect((await verifier.verify(bearer)).caller.id).toBe(APP);
  });

  const keysAt = (url: string) => json(200, { issuer: `${url}/${TENANT}/v2.0`, jwks_uri: `${url}/keys` });
  it.each<[string, (url: string) => Answer[]]>([
    ['the discovery document is no JSON', () => [plain(200, '<html>')]],
    ['the discovery document names no keys', () => [json(200, { issuer: 'https://x' })]],
    ['the discovery document names no issuer', (url) => [json(200, { jwks_uri: `${url}/keys` })]],
    ['the discovery document names keys at no URL', () => [json(200, { issuer: 'x', jwks_uri: 'keys' })]],
    ['the discovery document is null', () => [json(200, null)]],
    ['the keys are no JSON', (url) => [keysAt(url), plain(200, '<html>')]],
    ['the keys are no set', (url) => [keysAt(url), json(200, { key: [] })]],
  ])('because %s, it is not the caller who is wrong', async (_title, answers) => {
    const server = await startServer();
    server.answerWith(...answers(server.url));
    try {
      const broken = new TokenVerifier({ ...issuer.settings, authorityHost: server.url }, clock);
      await expect(broken.verify(await signedWith(first))).rejects.toMatchObject(unavailable);
    } finally {
      await server.close();
    }
  });

  it.each(['discovery', 'keys'])('because the %s lead elsewhere, it does not go there', async (document) => {
    const path = document === 'keys' ? 'discovery/v2.0/keys' : 'v2.0/.well-known/openid-configuration';
    const elsewhere = plain(302, '', { location: `${issuer.url}/${TENANT}/${path}` });
    const server = await startServer();
    server.answerWith(...(document === 'keys' ? [keysAt(server.url)] : []), elsewhere);
    try {
      const led = new TokenVerifier({ ...issuer.settings, authorityHost: server.url }, clock);
      const bearer = await issuer.bearer(issuer.claims({ iss: `${server.url}/${TENANT}/v2.0` }));
      await expect(led.verify(bearer)).rejects.toMatchObject(unavailable);
      expect(issuer.requests).toEqual([]);
    } finally {
      await server.close();
    }
  });

  it('in time, it is given up', async () => {
    const server = await startServer(keepSilent);
    const real = AbortSignal.timeout.bind(AbortSignal);
    const limits: number[] = [];
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
      limits.push(ms);
      return real(20);
    });
    try {
      const silent = new TokenVerifier({ ...issuer.settings, authorityHost: server.url }, clock);
      await expect(silent.verify(await signedWith(first))).rejects.toMatchObject(unavailable);
      expect(Math.max(...limits)).toBeLessThanOrEqual(5_000);
    } finally {
      await server.close();
    }
  });
});

describe('tokens that name made-up keys', () => {
  it('make the app ask Entra at most once a second, however many come one after the other', async () => {
    await verify(first);
    const askedAt: number[] = [];
    issuer.onKeys = () => {
      askedAt.push(clock.now());
    };
    for (let i = 0; i < 12; i += 1) {
      await expect(verifier.verify(await unknownKey(`key-${100 + i}`))).rejects.toThrow('unknown key');
    }
    const gaps = askedAt.slice(1).map((at, index) => at - (askedAt[index] ?? 0));
    expect(gaps.length).toBeGreaterThan(0);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_000);
  });

  it('make it ask once when they come at once, and all wait for that together', async () => {
    await expect(verifier.verify(await unknownKey())).rejects.toThrow('unknown key');
    const before = issuer.asked().keys;
    const tokens = await Promise.all(Array.from({ length: 50 }, (_, i) => unknownKey(`key-${100 + i}`)));
    const outcomes = await Promise.allSettled(tokens.map((token) => verifier.verify(token)));
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    expect(issuer.asked().keys).toBe(before + 1);
    expect(clock.now()).toBe(NOW + 1_000);
  });

  it('hold up nobody whose key is known', async () => {
    const waiting = Promise.withResolvers<undefined>();
    const slow: Clock = { now: () => clock.now(), sleep: () => waiting.promise };
    verifier = new TokenVerifier(issuer.settings, slow);
    await expect(verifier.verify(await unknownKey())).rejects.toThrow('unknown key');
    // The next one has to wait for its second.
    const held = verifier.verify(await unknownKey());
    expect(await verify(first)).toBe(APP);
    waiting.resolve(undefined);
    await expect(held).rejects.toThrow('unknown key');
  });
});

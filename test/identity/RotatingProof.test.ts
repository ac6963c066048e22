import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { CertificateUnusable } from '../../src/identity/CertificateUnusable.ts';
import { CredentialRefused } from '../../src/identity/CredentialRefused.ts';
import { CredentialUnavailable } from '../../src/identity/CredentialUnavailable.ts';
import { RotatingProof } from '../../src/identity/RotatingProof.ts';
import { SecretUnavailable } from '../../src/identity/SecretUnavailable.ts';
import { collectLogs } from '../support/collectLogs.ts';
import { VirtualClock } from '../support/VirtualClock.ts';

const START = Date.parse('2026-11-21T12:00:00Z');
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const AUDIENCE = 'https://api.securitycenter.microsoft.com';
const never = new AbortController().signal;

/** A small vault and a small Entra: Entra takes only the version that is valid; the vault gives the newest. */
function createWorld() {
  const clock = new VirtualClock(START);
  const logs = collectLogs();
  const world = {
    clock,
    logs,
    /** The version that the vault gives. */
    newest: '1',
    /** The versions that Entra takes. */
    valid: new Set(['1']),
    /** What Entra refuses other versions with. */
    error: 'invalid_client',
    number: '7000222',
    /** The tenants that refuse a version although it is valid, as `tenant:version`. */
    refusals: new Set<string>(),
    /** The versions that are known to have expired without asking Entra. */
    expired: new Set<string>(),
    isUnreadable: false,
    /** Called before each read. */
    onRead: (): void => undefined,
    isVaultDown: false,
    isEntraDown: false,
    /** Each of the next requests to Entra waits for one of these. */
    gates: [] as Promise<unknown>[],
    /** When the vault was read, and when Entra was asked with which version. */
    reads: [] as number[],
    asks: [] as { at: number; version: string; tenant: string }[],
    rotate(version: string) {
      world.newest = version;
      world.valid = new Set([version]);
    },
  };
  const proof = new RotatingProof<{ value: string; version: string }>({
    name: 'defender',
    async read() {
      await Promise.resolve();
      world.reads.push(clock.now());
      world.onRead();
      if (world.isUnreadable) throw new CertificateUnusable('defender', 'it is neither PEM nor PFX');
      if (world.isVaultDown) {
        throw new SecretUnavailable({
          secretName: 'defender',
          status: 503,
          serviceCode: undefined,
          requestId: undefined,
          cause: undefined,
        });
      }
      const version = world.newest;
      return { version, material: { version, value: `value-of-${version}` } };
    },
    clock,
    logger: logs.logger,
  });
  /** Entra, asked with one version in one tenant. */
  const ask = async (tenant: string, { value, version }: { value: string; version: string }) => {
    await Promise.resolve();
    if (world.expired.has(version)) throw new CertificateUnusable('defender', 'it expired');
    world.asks.push({ at: clock.now(), version, tenant });
    await world.gates.shift();
    if (world.isEntraDown) throw new CredentialUnavailable(AUDIENCE, new Error('down'));
    if (!world.valid.has(version) || world.refusals.has(`${tenant}:${version}`)) {
      throw new CredentialRefused({
        subject: AUDIENCE,
        error: world.error,
        number: world.number,
        correlationId: undefined,
        cause: undefined,
      });
    }
    return `token-by-${value}`;
  };
  const token = (tenant = 'contoso') => proof.use(tenant, never, (material) => ask(tenant, material));
  return { world, token };
}

/** The most of these times in any interval of this length, its beginning not included. */
function mostWithin(times: readonly number[], lengthMs: number): number {
  return Math.max(0, ...times.map((end) => times.filter((at) => at > end - lengthMs && at <= end).length));
}

describe('a secret in Key Vault', () => {
  it('is read once and kept, because the vault limits how often it is read', async () => {
    const { world, token } = createWorld();
    for (let call = 0; call < 10; call += 1) {
      expect(await token()).toBe('token-by-value-of-1');
      world.clock.advance(60 * MINUTE_MS);
    }
    expect(world.reads).toEqual([START]);
  });

  it('is read once for many callers at the same time', async () => {
    const { world, token } = createWorld();
    const tokens = await Promise.all(Array.from({ length: 30 }, () => token()));
    expect(new Set(tokens)).toEqual(new Set(['token-by-value-of-1']));
    expect(world.reads).toHaveLength(1);
  });

  it('is read again after the vault failed', async () => {
    const { world, token } = createWorld();
    world.isVaultDown = true;
    await expect(token()).rejects.toMatchObject({ code: 'secret_unavailable', retryable: true });
    world.isVaultDown = false;
    expect(await token()).toBe('token-by-value-of-1');
  });
});

describe('a secret that was rotated', () => {
  it('goes on at once with the new version: the caller notices nothing', async () => {
    const { world, token } = createWorld();
    await token();
    world.clock.advance(60 * MINUTE_MS);
    world.rotate('2');
    expect(await token()).toBe('token-by-value-of-2');
    expect(world.logs.of('credential_secret_rotated')).toEqual([
      expect.stringMatching(/ event=credential_secret_rotated name=defender version=2$/),
    ]);
    expect(world.logs.lines.join()).not.toContain('value-of');
  });

  it('is used from then on without asking with the old one', async () => {
    const { world, token } = createWorld();
    await token();
    world.clock.advance(60 * MINUTE_MS);
    world.rotate('2');
    await token();
    const asksBefore = world.asks.length;
    await token();
    expect(world.asks.slice(asksBefore).map(({ version }) => version)).toEqual(['2']);
  });

  it('can be rotated again and again', async () => {
    const { world, token } = createWorld();
    for (let version = 1; version < 6; version += 1) {
      world.rotate(String(version));
      expect(await token()).toBe(`token-by-value-of-${version}`);
      world.clock.advance(60 * MINUTE_MS);
    }
  });

  it('serves all callers who meet the refusal at the same time, with one more look into the vault', async () => {
    const { world, token } = createWorld();
    await token();
    world.clock.advance(60 * MINUTE_MS);
    world.rotate('2');
    const readsBefore = world.reads.length;
    const tokens = await Promise.all(Array.from({ length: 30 }, () => token()));
    expect(new Set(tokens)).toEqual(new Set(['token-by-value-of-2']));
    expect(world.reads.length - readsBefore).toBe(1);
  });

  it('serves a caller who is refused only after another one has found the new version', async () => {
    const { world, token } = createWorld();
    await token();
    world.clock.advance(60 * MINUTE_MS);
    const { promise: gate, resolve: open } = Promise.withResolvers<undefined>();
    world.gates.push(gate);
    const slow = token();
    await vi.waitUntil(() => world.asks.length === 2);
    world.rotate('2');
    expect(await token()).toBe('token-by-value-of-2');
    open(undefined);
    expect(await slow).toBe('token-by-value-of-2');
    // Once in the beginning, and once for both.
    expect(world.reads).toHaveLength(2);
  });

  it('is found within a minute when the new version comes to the vault only after the old one ended', async () => {
    const { world, token } = createWorld();
    await token();
    world.clock.advance(60 * MINUTE_MS);
    world.valid = new Set();
    await expect(token()).rejects.toThrow(CredentialRefused);
    world.clock.advance(10 * SECOND_MS);
    world.rotate('2');
    world.clock.advance(MINUTE_MS);
    expect(await token()).toBe('token-by-value-of-2');
  });

  it('tells what the vault says when that cannot be read for the new version', async () => {
    const { world, token } = createWorld();
    await token();
    world.clock.advance(60 * MINUTE_MS);
    world.rotate('2');
    world.isVaultDown = true;
    await expect(token()).rejects.toMatchObject({ code: 'secret_unavailable' });
    world.isVaultDown = false;
    world.clock.advance(MINUTE_MS);
    expect(await token()).toBe('token-by-value-of-2');
  });
});

describe('a secret that Entra refuses, with no newer one in the vault', () => {
  it('is an error, as Entra gave it', async () => {
    const { world, token } = createWorld();
    world.valid = new Set();
    await expect(token()).rejects.toMatchObject({ code: 'credential_refused', error: 'invalid_client' });
  });

  it('is not shown to Entra again for five minutes, however often a token is wanted', async () => {
    const { world, token } = createWorld();
    world.valid = new Set();
    for (let second = 0; second < 3600; second += 10) {
      await expect(token()).rejects.toThrow(CredentialRefused);
      world.clock.advance(10 * SECOND_MS);
    }
    expect(
      mostWithin(
        world.asks.map(({ at }) => at),
        5 * MINUTE_MS,
      ),
    ).toBe(1);
    expect(world.asks.length).toBeGreaterThan(10);
  });

  it('has the vault asked for a newer one at most once a minute', async () => {
    const { world, token } = createWorld();
    world.valid = new Set();
    for (let second = 0; second < 3600; second += 10) {
      await expect(token()).rejects.toThrow(CredentialRefused);
      world.clock.advance(10 * SECOND_MS);
    }
    expect(mostWithin(world.reads, MINUTE_MS)).toBe(1);
    expect(world.reads.length).toBeGreaterThan(50);
  });

  it('has the vault asked once, also when many callers meet the refusal at the same time', async () => {
    const { world, token } = createWorld();
    await token();
    world.clock.advance(60 * MINUTE_MS);
    world.valid = new Set();
    const readsBefore = world.reads.length;
    const outcomes = await Promise.allSettled(Array.from({ length: 30 }, () => token()));
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['rejected']));
    expect(world.reads.length - readsBefore).toBe(1);
  });

  it('works again within five minutes when Entra takes it after all', async () => {
    const { world, token } = createWorld();
    world.valid = new Set();
    await expect(token()).rejects.toThrow(CredentialRefused);
    world.valid = new Set(['1']);
    world.clock.advance(5 * MINUTE_MS + 1);
    expect(await token()).toBe('token-by-value-of-1');
  });
});

describe('a refusal that is not about the secret', () => {
  it('does not have the vault read again', async () => {
    const { world, token } = createWorld();
    await token();
    world.clock.advance(60 * MINUTE_MS);
    world.valid = new Set();
    world.error = 'unauthorized_client';
    await expect(token()).rejects.toMatchObject({ error: 'unauthorized_client' });
    expect(world.reads).toHaveLength(1);
  });

  it('nor does an Entra that cannot be reached, which may be asked again at once', async () => {
    const { world, token } = createWorld();
    await token();
    world.isEntraDown = true;
    await expect(token()).rejects.toThrow(CredentialUnavailable);
    world.isEntraDown = false;
    expect(await token()).toBe('token-by-value-of-1');
    expect(world.reads).toHaveLength(1);
  });
});

describe('a refusal in one tenant', () => {
  it('stops no other tenant where the same version works', async () => {
    const { world, token } = createWorld();
    await token('fabrikam');
    world.refusals.add('contoso:1');
    await expect(token('contoso')).rejects.toThrow(CredentialRefused);
    expect(await token('fabrikam')).toBe('token-by-value-of-1');
    expect(await token('adatum')).toBe('token-by-value-of-1');
  });

  it('because it does not know the application is not taken for a rotation: the vault is left alone', async () => {
    const { world, token } = createWorld();
    world.refusals.add('contoso:1');
    world.number = '7000229';
    await token('fabrikam');
    await expect(token('contoso')).rejects.toMatchObject({ number: '7000229' });
    expect(world.reads).toHaveLength(1);
  });

  it('of the newest version leaves the one before to it, for as long as that works there', async () => {
    const { world, token } = createWorld();
    await token('contoso');
    await token('fabrikam');
    // The new one is known to all of Entra but to where Contoso is, and the old one works on.
    world.newest = '2';
    world.valid = new Set(['1', '2']);
    world.refusals.add('fabrikam:1').add('contoso:2');
    expect(await token('fabrikam')).toBe('token-by-value-of-2');
    expect(await token('contoso')).toBe('token-by-value-of-1');
  });

  it('makes all others that meet it find the new version with one look into the vault', async () => {
    const { world, token } = createWorld();
    const tenants = Array.from({ length: 100 }, (_, index) => `tenant-${index}`);
    await Promise.all(tenants.map((tenant) => token(tenant)));
    world.clock.advance(60 * MINUTE_MS);
    world.rotate('2');
    const tokens = await Promise.all(tenants.map((tenant) => token(tenant)));
    expect(new Set(tokens)).toEqual(new Set(['token-by-value-of-2']));
    expect(world.reads).toHaveLength(2);
  });

  it('has the vault read every ten seconds at most, and Entra asked once in five minutes by each of many', async () => {
    const { world, token } = createWorld();
    const tenants = Array.from({ length: 50 }, (_, index) => `tenant-${index}`);
    world.valid = new Set();
    // One after the other, so that none finds the look of another still going on.
    for (let second = 0; second < 1_800; second += 1) {
      await expect(token(tenants[second % tenants.length])).rejects.toThrow(CredentialRefused);
      world.clock.advance(SECOND_MS);
    }
    expect(mostWithin(world.reads, 10 * SECOND_MS)).toBe(1);
    expect(world.reads.length).toBeGreaterThan(100);
    for (const name of tenants) {
      const asked = world.asks.filter(({ tenant }) => tenant === name).map(({ at }) => at);
      expect(mostWithin(asked, 5 * MINUTE_MS)).toBe(1);
    }
  });

  it('ends after three versions, also when the vault has another one at each look', async () => {
    const { world, token } = createWorld();
    await token();
    world.valid = new Set();
    let version = 1;
    world.onRead = () => {
      world.newest = String((version += 1));
    };
    const asksBefore = world.asks.length;
    await expect(token()).rejects.toThrow(CredentialRefused);
    expect(world.asks.slice(asksBefore).map((one) => one.version)).toEqual(['1', '2', '3']);
  });
});

describe('a certificate that cannot be read', () => {
  it('is not read and taken apart again for ten seconds', async () => {
    const { world, token } = createWorld();
    world.isUnreadable = true;
    for (let call = 0; call < 5; call += 1) {
      await expect(token()).rejects.toMatchObject({ code: 'certificate_unusable' });
    }
    expect(world.reads).toHaveLength(1);
    world.isUnreadable = false;
    world.clock.advance(10 * SECOND_MS);
    expect(await token()).toBe('token-by-value-of-1');
  });

  it('because it has expired gives way to a newer one in the vault', async () => {
    const { world, token } = createWorld();
    await token();
    world.expired.add('1');
    await expect(token()).rejects.toMatchObject({ code: 'certificate_unusable' });
    world.clock.advance(MINUTE_MS);
    world.rotate('2');
    expect(await token()).toBe('token-by-value-of-2');
  });

  it('does not replace one that works', async () => {
    const { world, token } = createWorld();
    await token();
    world.isUnreadable = true;
    expect(await token()).toBe('token-by-value-of-1');
    world.isVaultDown = true;
    expect(await token()).toBe('token-by-value-of-1');
  });
});

type Step =
  | { readonly do: 'token'; readonly tenant: string }
  | { readonly do: 'rotate' | 'overlap' | 'breakVault' | 'mendVault' }
  | { readonly do: 'wait'; readonly seconds: number };

describe('whatever happens to the secret and whoever asks', () => {
  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('token' as const),
        tenant: fc.constantFrom('contoso', 'fabrikam', 'adatum'),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constantFrom(
          'rotate' as const,
          'overlap' as const,
          'breakVault' as const,
          'mendVault' as const,
        ),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.nat({ max: 600 }) }) },
  );

  it('no call is lost while a version in hand or, for a minute by now, in the vault is taken by Entra', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { world, token } = createWorld();
        await token('contoso');
        let version = 1;
        for (const next of steps) {
          if (next.do === 'wait') world.clock.advance(next.seconds * SECOND_MS);
          else if (next.do === 'breakVault') world.isVaultDown = true;
          else if (next.do === 'mendVault') world.isVaultDown = false;
          else if (next.do === 'rotate') world.rotate(String((version += 1)));
          else if (next.do === 'overlap') {
            world.newest = String((version += 1));
            world.valid = new Set([...world.valid, world.newest].slice(-2));
          } else if ('tenant' in next) {
            const asked = world.asks.length;
            const outcome = await token(next.tenant).catch((error: unknown) => error);
            if (typeof outcome === 'string') expect(world.valid).toContain(outcome.split('-').at(-1));
            else if (!world.isVaultDown) {
              // What was just read in vain may be read again soon.
              world.clock.advance(MINUTE_MS);
              expect(await token(next.tenant)).toBe(`token-by-value-of-${world.newest}`);
            }
            // The newest, the one before, and what the vault then gave, twice at most.
            expect(world.asks.length - asked).toBeLessThanOrEqual(6);
          }
        }
        expect(mostWithin(world.reads, 10 * SECOND_MS)).toBeLessThanOrEqual(4);
      }),
      { numRuns: 300 },
    );
  });
});

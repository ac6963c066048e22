import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCredentialWatch, CredentialWatch } from '../../src/identity/CredentialWatch.ts';
import type { Secret } from '../../src/identity/SecretReader.ts';
import { SecretUnavailable } from '../../src/identity/SecretUnavailable.ts';
import { systemClock } from '../../src/runtime/Clock.ts';
import { readVault } from '../local/simulator/readVault.ts';
import { startTestSimulator, type TestSimulator } from '../local/simulator/startTestSimulator.ts';
import { collectLogs } from '../support/collectLogs.ts';
import { VirtualClock } from '../support/VirtualClock.ts';
import { apiOf, identityOf } from './support/identities.ts';

const START = Date.parse('2026-11-21T12:00:00Z');
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const VALUE = 'CANARY-the-secret-itself';
const never = new AbortController().signal;

const unavailable = () =>
  new SecretUnavailable({
    secretName: 'defender',
    status: 503,
    serviceCode: undefined,
    requestId: undefined,
    cause: undefined,
  });

/** A vault with one secret, which ends so long from the start; and with another one before it that cannot be read. */
function createWatched(lifeMs: number | undefined, hasAnother = false) {
  const clock = new VirtualClock(START);
  const vault = { reads: 0, isDown: false, expiresOn: lifeMs === undefined ? undefined : START + lifeMs };
  const read = async (): Promise<Secret> => {
    await Promise.resolve();
    vault.reads += 1;
    if (vault.isDown) throw unavailable();
    return { value: VALUE, version: '1', contentType: undefined, expiresOn: vault.expiresOn };
  };
  const one = { name: 'defender', kind: 'clientSecret', usedFor: 'defender', read } as const;
  const another = { ...one, name: 'api', read: () => Promise.reject(unavailable()) };
  return { clock, vault, watch: new CredentialWatch(hasAnother ? [another, one] : [one], clock) };
}

describe('the end of a secret', () => {
  it.each([
    [31 * DAY_MS, 31, undefined],
    [30 * DAY_MS + 1, 30, undefined],
    [30 * DAY_MS, 30, 30],
    [7 * DAY_MS + 1, 7, 30],
    [7 * DAY_MS, 7, 7],
    [DAY_MS + 1, 1, 7],
    [DAY_MS, 1, 1],
    [1, 0, 1],
    [0, 0, 0],
    [-1, -1, 0],
    [-DAY_MS, -1, 0],
  ])('%i ms away is %i whole days, and notice %s is due', async (lifeMs, daysLeft, notice) => {
    const { watch } = createWatched(lifeMs);
    expect(await watch.read(never)).toEqual([
      {
        name: 'defender',
        kind: 'clientSecret',
        usedFor: 'defender',
        expiresOn: START + lifeMs,
        daysLeft,
        notice,
      },
    ]);
  });

  it('that the vault does not know is told as that, without a notice', async () => {
    const { watch } = createWatched(undefined);
    expect(await watch.read(never)).toEqual([
      expect.objectContaining({ expiresOn: undefined, daysLeft: undefined, notice: undefined }),
    ]);
  });

  it('is looked up once an hour and once for all who ask, but counted from now each time', async () => {
    const { clock, vault, watch } = createWatched(DAY_MS + HOUR_MS / 2);
    const asked = await Promise.all(Array.from({ length: 10 }, () => watch.read(never)));
    expect(asked.every(([one]) => one?.notice === 7)).toBe(true);
    clock.advance(HOUR_MS - 1);
    expect(await watch.read(never)).toMatchObject([{ notice: 1 }]);
    expect(vault.reads).toBe(1);
    clock.advance(1);
    vault.expiresOn = START + 90 * DAY_MS;
    expect(await watch.read(never)).toMatchObject([{ notice: undefined }]);
    expect(vault.reads).toBe(2);
  });

  it('is an error when the vault cannot be read, which is not kept', async () => {
    const { vault, watch } = createWatched(DAY_MS);
    vault.isDown = true;
    await expect(watch.read(never)).rejects.toMatchObject({ code: 'secret_unavailable' });
    vault.isDown = false;
    expect(await watch.read(never)).toMatchObject([{ notice: 1 }]);
  });

  it('never has a notice that lets more days pass than it says', () => {
    const life = fc.integer({ min: -400 * DAY_MS, max: 400 * DAY_MS });
    return fc.assert(
      fc.asyncProperty(life, async (lifeMs) => {
        const [one] = await createWatched(lifeMs).watch.read(never);
        const due = [0, 1, 7, 30].find((days) => lifeMs <= days * DAY_MS);
        expect(one?.notice).toBe(due);
      }),
    );
  });
});

describe('the log', () => {
  it.each([
    [20 * DAY_MS, 'warn', 30, 20],
    [5 * DAY_MS, 'error', 7, 5],
    [DAY_MS / 2, 'error', 1, 0],
    [-2 * DAY_MS, 'error', 0, -2],
  ])('has a line when %i ms are left, at the level %s', async (lifeMs, level, notice, daysLeft) => {
    const { watch } = createWatched(lifeMs);
    const logs = collectLogs();
    await watch.log(logs.logger, never);
    const expires = new Date(START + lifeMs).toISOString();
    expect(logs.lines).toEqual([
      expect.stringMatching(
        new RegExp(
          `^${level} .* event=credential_expires name=defender usedFor=defender expires=${expires} daysLeft=${daysLeft} notice=${notice}$`,
        ),
      ),
    ]);
    expect(logs.lines.join()).not.toContain(VALUE);
  });

  it('has the line of one also when another one cannot be read, and that is told as well', async () => {
    const { watch } = createWatched(5 * DAY_MS, true);
    const logs = collectLogs();
    await expect(watch.log(logs.logger, never)).rejects.toMatchObject({ code: 'secret_unavailable' });
    expect(logs.of('credential_expires')).toHaveLength(1);
  });

  it('is silent while there is time, and where there is no date', async () => {
    const logs = collectLogs();
    await createWatched(31 * DAY_MS).watch.log(logs.logger, never);
    await createWatched(undefined).watch.log(logs.logger, never);
    expect(logs.lines).toEqual([]);
  });
});

describe('what is watched', () => {
  let simulator: TestSimulator;
  beforeAll(async () => {
    simulator = await startTestSimulator();
  });
  afterAll(() => simulator.stop());

  it('is what lies in the vault: nothing where no secret is used at all', async () => {
    const watch = createCredentialWatch(
      identityOf(simulator, 'federated'),
      apiOf(simulator, 'federated'),
      systemClock,
    );
    expect(await watch.read(never)).toEqual([]);
    const byIdentity = createCredentialWatch(
      identityOf(simulator, 'managedIdentity'),
      undefined,
      systemClock,
    );
    expect(await byIdentity.read(never)).toEqual([]);
  });

  it('are the secret and the certificate of both registrations, by the dates of the vault', async () => {
    const { secretName, apiCertificateName } = simulator.company;
    const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();
    await simulator.control('PATCH', `/keyvault/secrets/${secretName}`, { expiresAt: inDays(6.5) });
    const watch = createCredentialWatch(
      identityOf(simulator, 'clientSecret'),
      apiOf(simulator, 'clientCertificate'),
      systemClock,
    );
    expect(await watch.read(never)).toEqual([
      expect.objectContaining({
        name: secretName,
        kind: 'clientSecret',
        usedFor: 'defender',
        daysLeft: 6,
        notice: 7,
      }),
      expect.objectContaining({
        name: apiCertificateName,
        kind: 'clientCertificate',
        usedFor: 'onBehalfOf',
        expiresOn: expect.any(Number) as number,
      }),
    ]);
  });

  it('is dated by the certificate itself where the vault gives no date', async () => {
    const { apiCertificateName } = simulator.company;
    const api = apiOf(simulator, 'clientCertificate');
    const read = (registration: typeof api) =>
      createCredentialWatch(identityOf(simulator, 'federated'), registration, systemClock).read(never);
    const [dated] = await read(api);
    const { value } = await readVault(simulator, apiCertificateName);
    await simulator.control('POST', '/keyvault/secrets/undated', { value });
    const { proof } = api;
    if (proof.kind === 'federated') throw new Error('It is no certificate.');
    const [undated] = await read({ ...api, proof: { ...proof, name: 'undated' } });
    expect(dated?.expiresOn).toEqual(expect.any(Number));
    expect(undated?.expiresOn).toBe(dated?.expiresOn);
  });
});

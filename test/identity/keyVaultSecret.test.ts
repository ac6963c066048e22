import { afterAll, beforeAll, expect, it } from 'vitest';
import { ManagedIdentityCredential, type AccessToken } from '@azure/identity';
import { createKeyVaultReader } from '../../src/identity/keyVaultSecret.ts';
import { startTestSimulator, type TestSimulator } from '../local/simulator/startTestSimulator.ts';

let simulator: TestSimulator;
beforeAll(async () => {
  simulator = await startTestSimulator();
});
afterAll(() => simulator.stop());

/** With an identity that never gets an answer, which the SDK waits for whatever the signal says. */
const readerWithoutAnswer = (onAsked: () => void = () => undefined) =>
  createKeyVaultReader({
    vaultUrl: simulator.urls.keyVault,
    name: simulator.company.secretName,
    setting: 'DEFENDER_SECRET_NAME',
    credential: {
      getToken: () => {
        onAsked();
        return new Promise<AccessToken>(() => undefined);
      },
    },
  });

it('a secret that does not come in time counts as one that the vault does not give', async () => {
  await expect(readerWithoutAnswer()(AbortSignal.timeout(200))).rejects.toMatchObject({
    code: 'secret_unavailable',
    retryable: true,
  });
});

it('a secret that is disabled is told apart from one that the identity may not read', async () => {
  const { urls, company } = simulator;
  const name = company.secretName;
  await simulator.control('PATCH', `/keyvault/secrets/${name}`, { enabled: false });
  const read = createKeyVaultReader({
    vaultUrl: urls.keyVault,
    name,
    setting: 'DEFENDER_SECRET_NAME',
    credential: new ManagedIdentityCredential(),
  });
  await expect(read(AbortSignal.timeout(10_000))).rejects.toMatchObject({
    code: 'secret_unavailable',
    message: expect.stringContaining(
      'gave 403 Forbidden SecretDisabled; enable its newest version',
    ) as string,
  });
});

it('whoever stops waiting for a secret is let go at once, with the reason', async () => {
  const controller = new AbortController();
  const reason = new Error('the run is over');
  const read = readerWithoutAnswer(() => {
    controller.abort(reason);
  });
  await expect(read(controller.signal)).rejects.toBe(reason);
});

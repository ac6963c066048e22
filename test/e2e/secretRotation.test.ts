import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { System, versionsIn, versionsOf } from './support/System.ts';

let system: System;
beforeEach(async () => {
  system = await System.start();
  // Tokens run out within seconds, as they do within an hour in Azure.
  await system.control('POST', '/entra/token-lifetime', { seconds: 2 });
});
afterEach(async () => {
  await system.stop();
});

describe('a client secret that changes while the app runs', () => {
  it('is read again from Key Vault when Entra refuses the old one, and no alert is lost', async () => {
    const functions = await system.startFunctions({ DEFENDER_CREDENTIAL: 'clientSecret' });
    const before = await system.addAlerts({ count: 3 });
    await system.advance();
    await functions.pull();
    await system.control('POST', '/secret/rotate', { revokeOld: true });
    await system.advance(5);
    const after = await system.addAlerts({ count: 3 });
    await system.advance();
    // The app's clock did not move with the service's: the token must run out for real.
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    expect(await functions.pull()).toContain('event=alert_pull_finished');
    expect(system.log.some((line) => line.includes('event=credential_secret_rotated'))).toBe(true);
    expect(versionsOf(await system.drain())).toEqual(versionsIn([...before, ...after]));
  });

  it('gives a clear error when the vault has no newer one, and asks Entra only once', async () => {
    await system.control('POST', '/entra/secrets/revoke', {});
    const functions = await system.startFunctions({ DEFENDER_CREDENTIAL: 'clientSecret' });
    const line = await functions.pull();
    expect(line).toContain('code=credential_refused');
    expect(line).toContain('AADSTS7000215');
    await functions.pull();
    const { requests } = (await system.control('GET', '/requests?service=entra')) as {
      requests: { method: string; path: string; principal?: string | null }[];
    };
    const tokenCalls = requests.filter(({ method }) => method === 'POST');
    expect(tokenCalls).toHaveLength(1);
  });
});

it('never shows a secret that Entra refuses, and says what is wrong with it', async () => {
  const { secretName } = system.simulator.company;
  await system.control('POST', `/keyvault/secrets/${secretName}`, { value: 'CANARY-secret-in-the-vault' });
  const functions = await system.startFunctions({
    DEFENDER_CREDENTIAL: 'clientSecret',
    LOCAL_HOST_LOG: 'debug',
  });
  const line = await functions.pull();
  expect(line).toContain('the secret is wrong');
  // `system.stop` fails the test when the value stands anywhere in the log, stacks included.
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { System, until, versionsIn, versionsOf } from './support/System.ts';

let system: System;
beforeEach(async () => {
  system = await System.start();
  // Tokens run out within seconds, as they do within an hour in Azure.
  await system.control('POST', '/entra/token-lifetime', { seconds: 2 });
});
afterEach(async () => {
  await system.stop();
});

describe.each([
  ['clientSecret', '/secret/rotate'],
  ['clientCertificate', '/certificate/rotate'],
])('%s, rotated in the middle of a pull', (credential, route) => {
  it('ends the old one at once, and no alert is lost or repeated', async () => {
    const functions = await system.startFunctions({
      DEFENDER_CREDENTIAL: credential,
      ALERT_PAGE_SIZE: '5',
      ALERT_FIRST_LOOKBACK: 'PT1M',
      ALERT_OVERLAP: 'PT0S',
    });
    const added = [];
    for (let batch = 0; batch < 6; batch += 1) {
      added.push(...(await system.addAlerts({ count: 4 })));
      await system.advance();
    }
    // Each page takes a while, so that the token runs out while there are pages left.
    await system.addFault({ service: 'defender', effect: { delayMs: 120 } });
    const seen = system.log.length;
    await functions.trigger('pullAlerts');
    await until(async () => ((await system.defenderCalls()).length > 2 ? true : undefined));
    await system.control('POST', route, { revokeOld: true });
    const line = await functions.logged(/event=alert_pull_(finished|paused|failed)/, seen);
    expect(line).toContain('event=alert_pull_finished');
    expect(system.log.some((one) => one.includes('event=credential_secret_rotated'))).toBe(true);
    expect(versionsOf(await system.drain())).toEqual(versionsIn(added));
  });
});

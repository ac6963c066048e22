import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startHostProcess } from './support/startHostProcess.ts';
import { StorageProxy } from './support/StorageProxy.ts';
import { field, System, versionsIn, versionsOf } from './support/System.ts';

const BATCH = 100;

let system: System;
beforeEach(async () => {
  system = await System.start();
});
afterEach(async () => {
  await system.stop();
});

describe.skipIf(process.platform === 'win32')(
  'a process that is killed at once (needs process groups)',
  () => {
    it('between outbox and ledger loses nothing and repeats at most one batch', async () => {
      const alerts = await system.addAlerts({ count: 350, evidenceItems: 1 });
      await system.advance();
      let ledgerWrites = 0;
      const killed = Promise.withResolvers<undefined>();
      const tablePort = Number(
        /TableEndpoint=http:\/\/127\.0\.0\.1:(\d+)/.exec(system.connectionString)?.[1],
      );
      const proxy = await StorageProxy.start(tablePort, async (_method, url, body) => {
        if (!url.includes('$batch') || !body.includes('/ledger(')) return;
        ledgerWrites += 1;
        if (ledgerWrites < 2) return;
        await host.kill();
        killed.resolve(undefined);
        throw new Error('The process that asked is dead.');
      });
      const connectionString = system.connectionString.replace(`:${tablePort}/`, `:${proxy.port}/`);
      const host = await startHostProcess(system.settings({ AzureWebJobsStorage: connectionString }));
      await fetch(`${host.url}/admin/functions/pullAlerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"input":""}',
      });
      await killed.promise;
      await proxy.stop();

      const functions = await system.startFunctions();
      // The dead run still holds the checkpoint; after three minutes its hold is over.
      expect(await functions.pull()).toContain('event=alert_pull_skipped');
      await system.expireLease();
      const line = await functions.pull();
      expect(line).toContain('event=alert_pull_finished');

      const handed = versionsOf(await system.drain());
      expect([...new Set(handed)]).toEqual(versionsIn(alerts));
      const repeats = handed.length - alerts.length;
      // One batch was sent and not yet noted when the process died.
      expect(repeats).toBeGreaterThan(0);
      expect(repeats).toBeLessThanOrEqual(BATCH);
      expect(Number(field(line, 'handedOver'))).toBeLessThan(alerts.length);
    }, 60_000);
  },
);

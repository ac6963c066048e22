import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../../local/build.ts';
import { collectFunctions } from '../../local/host/collectFunctions.ts';

let bundle: string;
beforeAll(async () => {
  bundle = path.join(await mkdtemp(path.join(tmpdir(), 'defender-functions-bundle-')), 'index.cjs');
  await buildApp(bundle);
});

/** What the Functions runtime is told of each function, without the generated names. */
async function registered(env: Record<string, string>) {
  const functions = await collectFunctions(bundle, { PATH: process.env.PATH, ...env });
  return functions.map(({ name, bindings, retryOptions }) => ({
    name,
    retryOptions,
    bindings: Object.values(bindings).map(({ name: bindingName, properties, ...binding }) => binding),
  }));
}

describe('the functions that the bundle registers', () => {
  it('are these, with these triggers, and nothing is open to callers', async () => {
    expect(await registered({ ALERT_WEBHOOK_URL: 'https://example.com/hook' })).toEqual([
      {
        name: 'pullAlerts',
        retryOptions: undefined,
        bindings: [
          { type: 'timerTrigger', direction: 'in', schedule: '%ALERT_PULL_SCHEDULE%', runOnStartup: false },
        ],
      },
      {
        name: 'deliverAlerts',
        retryOptions: undefined,
        bindings: [
          { type: 'queueTrigger', direction: 'in', queueName: 'alerts', connection: 'AzureWebJobsStorage' },
        ],
      },
    ]);
  });

  it('do not read the queue when there is no webhook', async () => {
    expect((await registered({})).map(({ name }) => name)).toEqual(['pullAlerts']);
  });

  it('need no setting to register: what is wrong with the settings is said when a function runs', async () => {
    expect(await registered({ DEFENDER_CREDENTIAL: 'nonsense', ALERT_PAGE_SIZE: '-1' })).toHaveLength(1);
  });
});

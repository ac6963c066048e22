import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { collectFunctions } from '../../../local/host/collectFunctions.ts';
import { fixtureFolder } from './harness.ts';

describe('collectFunctions', () => {
  it('lists what a bundle registers: names, bindings with unresolved settings, retry options', async () => {
    const functions = await collectFunctions(path.join(fixtureFolder('glob'), 'functions/two.cjs'));
    expect(functions).toMatchObject([
      {
        name: 'fromCommonJs',
        retryOptions: {
          retryStrategy: 'exponentialBackoff',
          maxRetryCount: 2,
          minimumInterval: { seconds: 2 },
          maximumInterval: { seconds: 60 },
        },
      },
    ]);
    const [binding] = Object.values(functions[0]?.bindings ?? {});
    expect(binding).toMatchObject({ type: 'timerTrigger', direction: 'in', schedule: '0 */5 * * * *' });
  });

  it('throws when the bundle does not load', async () => {
    const file = path.join(fixtureFolder('glob'), 'no-such-bundle.cjs');
    await expect(collectFunctions(file)).rejects.toThrow(/"no-such-bundle.cjs" failed to load/);
  });
});

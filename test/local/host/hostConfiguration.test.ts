import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  findConnectionString,
  readHostConfiguration,
  type HostConfiguration,
} from '../../../local/host/hostConfiguration.ts';
import { parseTimeSpan } from '../../../local/host/timeSpan.ts';
import { temporaryFolder } from './harness.ts';

async function read(
  hostJson: object | undefined,
  env: Record<string, string> = {},
): Promise<HostConfiguration> {
  const folder = await temporaryFolder();
  if (hostJson !== undefined) await writeFile(path.join(folder, 'host.json'), JSON.stringify(hostJson));
  return readHostConfiguration(folder, env);
}

describe('host.json', () => {
  it('without a file has the defaults of the real host in the Development environment', async () => {
    expect(await read(undefined)).toEqual({
      routePrefix: 'api',
      functionTimeoutMs: 1_800_000,
      queues: {
        batchSize: 16,
        newBatchThreshold: 8 * availableParallelism(),
        maxDequeueCount: 5,
        visibilityTimeoutMs: 0,
        maxPollingIntervalMs: 2000,
        messageEncoding: 'base64',
      },
      logLevels: new Map(),
    });
  });

  it('gives way to AzureFunctionsJobHost__ settings, whatever the case', async () => {
    const file = {
      version: '2.0',
      functionTimeout: '00:10:00',
      extensions: { queues: { visibilityTimeout: '00:01:00' } },
    };
    const env = {
      AzureFunctionsJobHost__extensions__queues__visibilityTimeout: '00:00:02',
      AZUREFUNCTIONSJOBHOST__EXTENSIONS__QUEUES__BATCHSIZE: '4',
      AzureFunctionsJobHost__functionTimeout: '-1',
    };
    const configuration = await read(file, env);
    expect(configuration.queues).toMatchObject({ visibilityTimeoutMs: 2000, batchSize: 4 });
    expect(configuration.functionTimeoutMs).toBeUndefined();
    expect((await read(file)).functionTimeoutMs).toBe(600_000);
  });

  it.each([
    [{ extensions: { queues: { batchSize: 33 } } }, /extensions.queues.batchSize "33"/],
    [{ extensions: { queues: { maxDequeueCount: 0 } } }, /extensions.queues.maxDequeueCount "0"/],
    [
      { extensions: { queues: { visibilityTimeout: '1 minute' } } },
      /visibilityTimeout "1 minute" is not a time span/,
    ],
    [{ extensions: { queues: { messageEncoding: 'hex' } } }, /must be base64 or none, not "hex"/],
    [{ extensions: { queues: { maxPollingInterval: '00:00:00.050' } } }, /at least 00:00:00.100/],
    [{ functionTimeout: '00:00:00' }, /functionTimeout must be at least/],
    [{ version: 2 }, /must have "version": "2.0"/],
  ])('%j is refused', async (part, message) => {
    await expect(read({ version: '2.0', ...part })).rejects.toThrow(message);
  });
});

it.each([
  ['00:00:02', 2000],
  ['00:05', 300_000],
  ['1.02:03:04.5', 93_784_500],
  ['-00:00:01', -1000],
  ['7', 604_800_000],
  ['24:00:00', undefined],
  ['00:60:00', undefined],
  ['2s', undefined],
])('the time span %s is %s ms', (text, ms) => {
  expect(parseTimeSpan(text)).toBe(ms);
});

it('finds a connection as AzureWebJobs<name>, then as <name>, and AzureWebJobsStorage without a name', () => {
  const settings = {
    AzureWebJobsStorage: 'default',
    AzureWebJobsOutbox: 'prefixed',
    Outbox: 'bare',
    other: 'other',
  };
  expect(
    ['', undefined, 'Storage', 'Outbox', 'Other', 'None'].map((name) => findConnectionString(settings, name)),
  ).toEqual(['default', 'default', 'default', 'prefixed', 'other', undefined]);
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCheckpoint } from '../../src/alerts/Checkpoint.ts';
import { CheckpointUntrusted } from '../../src/alerts/CheckpointUntrusted.ts';
import { TableCheckpointStore } from '../../src/alerts/TableCheckpointStore.ts';
import { formatTicks, parseTicks } from '../../src/alerts/ticks.ts';
import { startAzurite, type Azurite } from '../support/startAzurite.ts';

const root = path.join(import.meta.dirname, '..', '..');
const ORIGIN = { tenantId: 'contoso', source: 'endpoint' };
const WATERMARK = '2026-11-01T08:00:00.1234567Z';
const signal = new AbortController().signal;

let azurite: Azurite;
let connectionString: string;
let table: TableClient;
let store: TableCheckpointStore;

beforeAll(async () => {
  azurite = await startAzurite();
  ({ connectionString } = azurite);
  table = TableClient.fromConnectionString(connectionString, 'checkpoints', {
    allowInsecureConnection: true,
  });
  store = new TableCheckpointStore(() => Promise.resolve(table));
});
afterAll(async () => {
  await azurite.stop();
});

/** One idle checkpoint, as a finished run leaves it. */
beforeEach(async () => {
  await table.createTable();
  for await (const { partitionKey = '', rowKey = '' } of table.listEntities())
    await table.deleteEntity(partitionKey, rowKey);
  const watermark = parseTicks(WATERMARK) ?? 0n;
  const checkpoint = createCheckpoint(watermark, watermark);
  await store.write(
    ORIGIN,
    { checkpoint, lease: { epoch: 4, owner: undefined, until: 0 } },
    undefined,
    signal,
  );
});

async function run(...args: string[]): Promise<{ status: number | null; output: string }> {
  const child = spawn(process.execPath, [path.join(root, 'tools', 'checkpoint.ts'), ...args], {
    env: { PATH: process.env.PATH, AzureWebJobsStorage: connectionString },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => (output += data.toString('utf8')));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, output };
}

async function readWatermark(): Promise<string | undefined> {
  const stored = await store.read(ORIGIN, signal);
  return stored && formatTicks(stored.checkpoint.watermark);
}

describe('npm run checkpoint', () => {
  it('shows where the pull stands', async () => {
    const { status, output } = await run('show');
    expect(status).toBe(0);
    expect(output).toContain(`"watermark": "${WATERMARK}"`);
    expect(output).not.toContain('AccountKey');
  });

  it('sets the watermark, and keeps who did it and why', async () => {
    const set = await run('set', '--watermark', '2026-10-31T00:00:00Z', '--reason', 'read the night again');
    expect(set).toMatchObject({ status: 0 });
    expect(await readWatermark()).toBe('2026-10-31T00:00:00.0000000Z');
    const { output } = await run('show');
    expect(output).toMatch(
      /set contoso endpoint .*08:00:00\.1234567Z -> 2026-10-31.* because read the night again/,
    );
  });

  it('makes a damaged checkpoint usable again', async () => {
    await table.updateEntity(
      { partitionKey: 'contoso', rowKey: 'endpoint', watermark: 'yesterday' },
      'Merge',
    );
    await expect(store.read(ORIGIN, signal)).rejects.toBeInstanceOf(CheckpointUntrusted);
    const set = await run('set', '--watermark', WATERMARK, '--reason', 'it was damaged');
    expect(set).toMatchObject({ status: 0 });
    expect(await readWatermark()).toBe(WATERMARK);
  });

  it('resets the checkpoint, so that the next run begins as the first one did', async () => {
    expect(await run('reset', '--reason', 'new tenant')).toMatchObject({ status: 0 });
    expect(await readWatermark()).toBeUndefined();
  });

  it('changes nothing while a run holds the checkpoint', async () => {
    const stored = await store.read(ORIGIN, signal);
    if (!stored) throw new Error('There is no checkpoint.');
    const lease = { epoch: 5, owner: 'a run', until: Date.now() + 60_000 };
    await store.write(ORIGIN, { checkpoint: stored.checkpoint, lease }, stored.etag, signal);
    const { status, output } = await run(
      'set',
      '--watermark',
      '2026-10-31T00:00:00Z',
      '--reason',
      'impatience',
    );
    expect(status).toBe(1);
    expect(output).toMatch(
      /^A run holds the checkpoint until \S+Z\. Stop the function app, or try again then\.$/m,
    );
    expect(await readWatermark()).toBe(WATERMARK);
  });

  it.each([
    [['set', '--watermark', '2026-10-31T00:00:00Z'], 'Say why with --reason'],
    [['set', '--reason', 'x', '--watermark', 'yesterday'], "'yesterday' is not a timestamp"],
    [['set', '--reason', 'x', '--watermark', '2126-01-01T00:00:00Z'], 'cannot be in the future'],
    [
      ['reset', '--reason', 'x', '--tenant', 'fabrikam', '--source', 'endpoint'],
      'There is no such checkpoint',
    ],
    [['reset', '--reason', 'x', '--tenant', 'fabrikam'], 'Name the checkpoint with --tenant and --source'],
    [['explode'], 'Usage:'],
    [['set', '--force'], 'Usage:'],
  ])('refuses %j in words that say what to write instead', async (args, message) => {
    const { status, output } = await run(...args);
    expect(status).toBe(1);
    expect(output).toContain(message);
    expect(output).not.toMatch(/^ +at /m);
    expect(await readWatermark()).toBe(WATERMARK);
  });
});

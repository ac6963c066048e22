import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { QueueServiceClient, type QueueClient } from '@azure/storage-queue';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startAzuriteQueue, type AzuriteQueue } from './azuriteQueue.ts';
import {
  eventually,
  fixtureFolder,
  logged,
  startFixture,
  temporaryFolder,
  type FixtureHost,
} from './harness.ts';

const mainFile = fileURLToPath(new URL('../../../local/host/main.ts', import.meta.url));

interface QueueCall {
  at: number;
  message: unknown;
  type: string;
  dequeueCount: unknown;
}

let azurite: AzuriteQueue;
let service: QueueServiceClient;
let queue: QueueClient;
let queueNumber = 0;
let host: FixtureHost | undefined;

beforeAll(async () => {
  azurite = await startAzuriteQueue();
  service = QueueServiceClient.fromConnectionString(azurite.connectionString);
});

beforeEach(async () => {
  queueNumber += 1;
  queue = service.getQueueClient(`queue-${queueNumber}`);
  await queue.create();
});

afterEach(async () => {
  await host?.stop();
  host = undefined;
});

afterAll(() => azurite.stop());

async function start(env: Record<string, string> = {}): Promise<FixtureHost> {
  host = await startFixture('queues', {
    env: { AzureWebJobsStorage: azurite.connectionString, QUEUE: queue.name, ...env },
  });
  return host;
}

function send(message: unknown): Promise<unknown> {
  const text = typeof message === 'string' ? message : JSON.stringify(message);
  return queue.sendMessage(Buffer.from(text).toString('base64'));
}

function callsOf(fixture: FixtureHost): QueueCall[] {
  return logged<QueueCall>(fixture.lines);
}

function waitForCalls(fixture: FixtureHost, count: number): Promise<QueueCall[]> {
  const { lines } = fixture;
  return eventually(() => (callsOf(fixture).length >= count ? callsOf(fixture) : undefined), { lines });
}

async function messagesLeft(client: QueueClient): Promise<number> {
  return (await client.getProperties()).approximateMessagesCount ?? 0;
}

async function waitUntilEmpty(fixture: FixtureHost): Promise<void> {
  await eventually(async () => ((await messagesLeft(queue)) === 0 ? true : undefined), {
    lines: fixture.lines,
  });
}

function poisonQueue(): QueueClient {
  return service.getQueueClient(`${queue.name}-poison`);
}

describe('a message', () => {
  it('arrives as object or array when it is base64 of JSON, else as text, and is deleted after success', async () => {
    await send({ id: 'a', nested: { list: [1, 2] } });
    await send(['x', 1]);
    await send('plain text, {not json}');
    const fixture = await start();
    const calls = await waitForCalls(fixture, 3);
    expect(calls.map(({ message }) => message)).toEqual(
      expect.arrayContaining([{ id: 'a', nested: { list: [1, 2] } }, ['x', 1], 'plain text, {not json}']),
    );
    expect(calls.map(({ dequeueCount }) => dequeueCount)).toEqual([1, 1, 1]);
    await waitUntilEmpty(fixture);
  });

  it('comes with the documented metadata, and its own properties as text among them', async () => {
    await send({
      flag: true,
      count: 7,
      when: '2026-03-01T10:20:30.5Z',
      inner: { Deep: 1 },
      list: [1],
      none: null,
    });
    await send({ dequeueCount: 99, id: 'mine' });
    const fixture = await start();
    await waitForCalls(fixture, 2);
    await waitUntilEmpty(fixture);
    const metadata = logged<Record<string, unknown>>(fixture.lines, 'META');
    const [plain, conflicting] = metadata[0]?.flag === undefined ? metadata.reverse() : metadata;
    expect(plain).toMatchObject({
      dequeueCount: 1,
      flag: 'True',
      count: 7,
      when: '03/01/2026 10:20:30',
      inner: { deep: 1 },
    });
    expect(Object.keys(plain ?? {}).sort()).toEqual([
      'count',
      'dequeueCount',
      'expirationTime',
      'flag',
      'id',
      'inner',
      'insertionTime',
      'nextVisibleTime',
      'popReceipt',
      'queueTrigger',
      'when',
    ]);
    expect(Date.parse(String(plain?.insertionTime))).toBeGreaterThan(Date.now() - 60_000);
    // What the message carries wins over what the queue says.
    expect(conflicting).toMatchObject({ dequeueCount: 99, id: 'mine' });
  });

  it('is tried again after visibilityTimeout when its function fails', async () => {
    await send({ do: 'failOnce' });
    const fixture = await start();
    const [first, second] = await waitForCalls(fixture, 2);
    expect(second?.dequeueCount).toBe(2);
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(900);
    await waitUntilEmpty(fixture);
  });

  it('moves to the poison queue as it was after maxDequeueCount tries', async () => {
    await send({ do: 'fail', payload: 'ä' });
    const fixture = await start({ AzureFunctionsJobHost__extensions__queues__visibilityTimeout: '00:00:00' });
    const calls = await waitForCalls(fixture, 3);
    expect(calls.map(({ dequeueCount }) => dequeueCount)).toEqual([1, 2, 3]);
    await waitUntilEmpty(fixture);
    const [poison, ...others] = (await poisonQueue().receiveMessages({ numberOfMessages: 5 }))
      .receivedMessageItems;
    expect(others).toEqual([]);
    expect(Buffer.from(poison?.messageText ?? '', 'base64').toString()).toBe('{"do":"fail","payload":"ä"}');
    expect(callsOf(fixture)).toHaveLength(3);
  });

  it('is not tried any more when it was taken maxDequeueCount times without an end', async () => {
    await send('unlucky');
    for (let taken = 1; taken <= 3; taken += 1) {
      const [message] = (await queue.receiveMessages()).receivedMessageItems;
      await queue.updateMessage(message?.messageId ?? '', message?.popReceipt ?? '', undefined, 0);
    }
    const fixture = await start();
    await waitUntilEmpty(fixture);
    expect(await messagesLeft(poisonQueue())).toBe(1);
    expect(callsOf(fixture)).toEqual([]);
  });

  it('stays hidden for the rest of its lease when its host is killed', async () => {
    await send({ do: 'never' });
    const env = {
      PATH: process.env.PATH,
      AzureWebJobsStorage: azurite.connectionString,
      QUEUE: queue.name,
      LOCAL_HOST_QUEUE_LEASE: '00:00:04',
    };
    const args = [
      mainFile,
      '--app',
      fixtureFolder('queues'),
      '--state',
      await temporaryFolder(),
      '--port',
      '0',
    ];
    const killed = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    killed.stdout.on('data', (data: Buffer) => (output += data.toString()));
    const [first] = await eventually(() => {
      const calls = logged<QueueCall>(output.split('\n').slice(0, -1));
      return calls.length > 0 ? calls : undefined;
    });
    killed.kill('SIGKILL');
    const [again] = await waitForCalls(await start(), 1);
    expect(again?.dequeueCount).toBe(2);
    // Renewed at half of the lease at the latest, so four seconds from the call on is the least.
    expect((again?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(3500);
  });

  it('is repeated in memory by a retry policy before it counts as failed', async () => {
    await send({ do: 'failFirstTry' });
    const fixture = await start({ RETRY: 'yes' });
    const calls = await waitForCalls(fixture, 2);
    expect(calls.map(({ dequeueCount }) => dequeueCount)).toEqual([1, 1]);
    await waitUntilEmpty(fixture);
  });

  it('moves to the poison queue at once, and its function is not called, when it is not base64', async () => {
    await queue.sendMessage('not base64!');
    const fixture = await start();
    await waitUntilEmpty(fixture);
    const [poison] = (await poisonQueue().receiveMessages()).receivedMessageItems;
    expect(poison?.messageText).toBe('not base64!');
    expect(callsOf(fixture)).toEqual([]);
  });

  it('moves to the poison queue after maxDequeueCount tries when its bytes are no text', async () => {
    const body = Buffer.from([0xc3, 0x28]).toString('base64');
    await queue.sendMessage(body);
    const fixture = await start({ AzureFunctionsJobHost__extensions__queues__visibilityTimeout: '00:00:00' });
    await waitUntilEmpty(fixture);
    const [poison] = (await poisonQueue().receiveMessages()).receivedMessageItems;
    expect(poison?.messageText).toBe(body);
    expect(callsOf(fixture)).toEqual([]);
    expect(fixture.lines.filter((line) => line.includes('The message is not UTF-8 text.'))).toHaveLength(3);
  });

  it('is taken as it is with messageEncoding none', async () => {
    await queue.sendMessage('not base64!');
    const fixture = await start({ AzureFunctionsJobHost__extensions__queues__messageEncoding: 'none' });
    const [call] = await waitForCalls(fixture, 1);
    expect(call?.message).toBe('not base64!');
  });

  it('stays hidden while its function runs, longer than the lease it was taken with', async () => {
    await send({ do: 'sleep', ms: 3500 });
    const fixture = await start({ LOCAL_HOST_QUEUE_LEASE: '00:00:02' });
    await eventually(() => (fixture.lines.some((line) => line.endsWith('take: END')) ? true : undefined));
    await waitUntilEmpty(fixture);
    expect(callsOf(fixture)).toHaveLength(1);
  });

  it('is tried again when the host was stopped before its function ended', async () => {
    await send({ do: 'never' });
    const first = await start();
    await waitForCalls(first, 1);
    await first.stop();
    const second = await start();
    const [again] = await waitForCalls(second, 1);
    expect(again?.dequeueCount).toBe(2);
  });
});

describe('a queue trigger', () => {
  it('runs up to batchSize messages plus newBatchThreshold at a time', async () => {
    for (let index = 0; index < 6; index += 1) await send({ do: 'sleep', ms: 1500 });
    const fixture = await start({
      AzureFunctionsJobHost__extensions__queues__batchSize: '2',
      AzureFunctionsJobHost__extensions__queues__newBatchThreshold: '1',
    });
    await waitForCalls(fixture, 2);
    await delay(700);
    // Two run, which is above the threshold of one: nothing more is taken.
    expect(callsOf(fixture)).toHaveLength(2);
    await waitForCalls(fixture, 6);
    await waitUntilEmpty(fixture);
  });

  it('waits for a queue that does not exist and does not create it', async () => {
    const later = service.getQueueClient(`later-${queueNumber}`);
    const fixture = await start({ QUEUE: later.name });
    await delay(500);
    expect(await later.exists()).toBe(false);
    await later.create();
    await later.sendMessage(Buffer.from('at last').toString('base64'));
    const [call] = await waitForCalls(fixture, 1);
    expect(call?.message).toBe('at last');
  });

  it('takes its account from the setting that `connection` names', async () => {
    await send('over there');
    const fixture = await start({
      AzureWebJobsStorage: '',
      CONNECTION_NAME: 'Outbox',
      Outbox: azurite.connectionString,
    });
    expect(await waitForCalls(fixture, 1)).toMatchObject([{ message: 'over there' }]);
  });

  it('can be started with a message of its own through the admin API', async () => {
    const fixture = await start();
    const body = JSON.stringify({ input: '{"by":"hand"}' });
    expect((await fixture.get('/admin/functions/take', { method: 'POST', body })).status).toBe(202);
    expect(await waitForCalls(fixture, 1)).toMatchObject([{ message: { by: 'hand' }, dequeueCount: 0 }]);
  });

  it('goes on when the queue service comes back, and says once that it was away', async () => {
    const first = await startAzuriteQueue();
    const fixture = await start({ AzureWebJobsStorage: first.connectionString });
    await first.stop();
    const complaints = (): string[] => fixture.lines.filter((line) => line.includes('cannot be read'));
    await eventually(() => complaints()[0]);
    await delay(2500);
    expect(complaints()).toHaveLength(1);
    const second = await startAzuriteQueue(first.port);
    try {
      const back = QueueServiceClient.fromConnectionString(second.connectionString).getQueueClient(
        queue.name,
      );
      await back.create();
      await back.sendMessage(Buffer.from('still there').toString('base64'));
      expect(await waitForCalls(fixture, 1)).toMatchObject([{ message: 'still there' }]);
      await fixture.stop();
    } finally {
      await second.stop();
    }
  });
});

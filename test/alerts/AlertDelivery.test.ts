import type { ContainerClient } from '@azure/storage-blob';
import type { QueueClient } from '@azure/storage-queue';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AlertDelivery, MAX_DELIVERY_ATTEMPTS } from '../../src/alerts/AlertDelivery.ts';
import { messageKey, type AlertVersion } from '../../src/alerts/AlertVersion.ts';
import { PoisonQueue } from '../../src/alerts/PoisonQueue.ts';
import { QueueOutbox } from '../../src/alerts/QueueOutbox.ts';
import { TableAlertHistory } from '../../src/alerts/TableAlertHistory.ts';
import { Webhook } from '../../src/alerts/Webhook.ts';
import { createVersion } from '../support/alerts.ts';
import { collectLogs, type CollectedLogs } from '../support/collectLogs.ts';
import { startAzurite, type Azurite } from '../support/startAzurite.ts';
import { hangUp, plain, startServer, type Answer, type TestServer } from '../support/startServer.ts';
import { createStorageClients, readQueue, type StorageClients } from '../support/storageClients.ts';
import { VirtualClock } from '../support/VirtualClock.ts';

const never = new AbortController().signal;
const START = Date.parse('2026-11-21T12:00:00Z');
const MINUTE_MS = 60_000;
const SECRET = 'top-secret-signature';

let azurite: Azurite;
let clients: StorageClients;
let server: TestServer;
let clock: VirtualClock;
let queue: QueueClient;
let container: ContainerClient;
let poison: QueueClient;
let history: TableAlertHistory;
let logs: CollectedLogs;
let delivery: AlertDelivery;

beforeAll(async () => {
  azurite = await startAzurite();
  clients = createStorageClients(azurite.connectionString);
});
afterAll(async () => {
  await azurite.stop();
});
beforeEach(async () => {
  server = await startServer(plain(202));
  clock = new VirtualClock(START);
  const table = await clients.table();
  queue = await clients.queue();
  container = await clients.container();
  poison = await clients.queue();
  history = new TableAlertHistory(() => Promise.resolve(table), clock);
  logs = collectLogs();
  delivery = new AlertDelivery({
    history,
    container: () => Promise.resolve(container),
    webhook: new Webhook({ url: `${server.url}/hook?sig=${SECRET}`, clock, random: () => 0.5 }),
    poison: new PoisonQueue(() => Promise.resolve(poison), clock),
    clock,
  });
});
afterEach(async () => {
  await server.close();
});

/** The message of a version, as the real outbox writes it and the Functions host hands it over. */
async function queued(version: AlertVersion): Promise<unknown> {
  await queue.clearMessages();
  const outbox = new QueueOutbox({
    queue: () => Promise.resolve(queue),
    container: () => Promise.resolve(container),
    clock,
  });
  await outbox.send([version], never);
  const [message] = await readQueue(queue);
  return JSON.parse(message?.json ?? 'null') as unknown;
}

const deliver = (message: unknown, attempt = 1, signal = never) =>
  delivery.deliver(message, attempt, logs.logger, signal);
const posted = () =>
  server.requests.map(({ body }) => JSON.parse(body.toString('utf8')) as Record<string, unknown>);
const poisoned = async () =>
  (await readQueue(poison)).map(({ json }) => JSON.parse(json) as Record<string, unknown>);
const versionAt = (minute: number, alert: object = {}) =>
  createVersion({ id: 'da1', lastUpdateTime: `2026-11-21T02:${minute}:00Z`, ...alert });

describe('delivering an alert', () => {
  it('posts the alert in its envelope, with what this version is to the receiver', async () => {
    const version = versionAt(30, { title: 'Suspicious "thing"', evidence: [{ entityType: 'File' }] });
    await deliver(await queued(version));
    expect(posted()).toEqual([
      {
        schemaVersion: 1,
        messageKey: messageKey(version),
        tenantId: 'contoso.example',
        source: 'endpoint',
        alertId: 'da1',
        alertVersion: '2026-11-21T02:30:00.0000000Z',
        handedOverAt: '2026-11-21T12:00:00.000Z',
        problems: [],
        evidenceOmitted: false,
        change: 'created',
        alert: JSON.parse(version.bytes.toString('utf8')) as unknown,
      },
    ]);
    expect(server.requests[0]?.headers['x-ms-client-tracking-id']).toBe(messageKey(version));
    expect(logs.events()).toEqual(['alert_delivered']);
    expect(logs.lines[0]).toContain('alertId=da1 version=2026-11-21T02:30:00.0000000Z change=created');
  });

  it('says that a later version is an update', async () => {
    await deliver(await queued(versionAt(30)));
    await deliver(await queued(versionAt(31)));
    expect(posted().map(({ change }) => change)).toEqual(['created', 'updated']);
  });

  it('posts nothing for a version that was delivered before, or is older than one that was', async () => {
    await deliver(await queued(versionAt(31)));
    await deliver(await queued(versionAt(31)));
    await deliver(await queued(versionAt(30)));
    expect(posted()).toHaveLength(1);
    expect(logs.events()).toEqual(['alert_delivered', 'alert_stale', 'alert_stale']);
  });

  it('posts an alert from a blob byte for byte', async () => {
    const text = `{"id":"da1", "lastUpdateTime":"2026-11-21T02:30:00Z","n":9007199254740993,"t":"${'ä'.repeat(60_000)}"}`;
    await deliver(await queued({ ...versionAt(30), bytes: Buffer.from(text) }));
    const body = server.requests[0]?.body.toString('utf8') ?? '';
    expect(body.endsWith(`"alert":${text}}`)).toBe(true);
    expect(body).not.toContain('alertBlob');
  });

  it('posts a version once when the queue gives it to two functions at the same time', async () => {
    const message = await queued(versionAt(30));
    await Promise.all([deliver(message), deliver(message)]);
    expect(posted()).toHaveLength(1);
    expect(logs.events().sort()).toEqual(['alert_delivered', 'alert_stale']);
  });

  it('keeps two versions of an alert in their order when they come at the same time', async () => {
    const [first, second] = [await queued(versionAt(30)), await queued(versionAt(31))];
    await Promise.all([deliver(first), deliver(second)]);
    const changes = posted().map(({ change, alertVersion }) => `${String(change)} ${String(alertVersion)}`);
    // Either in their order, or the newer one alone.
    expect([
      ['created 2026-11-21T02:30:00.0000000Z', 'updated 2026-11-21T02:31:00.0000000Z'],
      ['created 2026-11-21T02:31:00.0000000Z'],
    ]).toContainEqual(changes);
  });

  it('leaves out what a redriven message says of its earlier failure', async () => {
    const message = (await queued(versionAt(30))) as object;
    await deliver({ ...message, failure: { code: 'webhook_failed' } });
    expect(posted()[0]).not.toHaveProperty('failure');
  });
});

describe('a webhook that fails', () => {
  it.each([
    ['503', plain(503)],
    ['429', plain(429, '', { 'retry-after': '3' })],
    ['no answer', hangUp],
  ])(
    'for a moment with %s is tried again at once, and the alert counts as delivered',
    async (_case, failure) => {
      server.answerWith(failure, plain(202));
      const message = await queued(versionAt(30));
      await deliver(message);
      await deliver(message);
      expect(server.requests).toHaveLength(2);
      expect(logs.events()).toEqual(['alert_delivered', 'alert_stale']);
    },
  );

  it('leaves the message to the queue, and the next attempt delivers it', async () => {
    server.answerWith(plain(500));
    const message = await queued(versionAt(30));
    await expect(deliver(message)).rejects.toMatchObject({ code: 'webhook_failed', status: 500 });
    expect(logs.lines).toEqual([
      expect.stringMatching(
        /^warn .* event=alert_delivery_failed alertId=\S+ version=\S+ messageKey=\w+ code=webhook_failed .* attempt=1$/,
      ),
    ]);
    expect(await poisoned()).toEqual([]);

    server.answerWith(plain(202));
    await deliver(message, 2);
    expect(posted().at(-1)).toMatchObject({ change: 'created' });
  });

  it.each([400, 404])('with %i is not posted to again within the same attempt', async (status) => {
    server.answerWith(plain(status));
    await expect(deliver(await queued(versionAt(30)))).rejects.toMatchObject({ status });
    expect(server.requests).toHaveLength(1);
  });

  it('at the fifth attempt has the message put aside with the reason, and the queue is done with it', async () => {
    server.answerWith(plain(400, '', { 'x-ms-request-id': 'r-1' }));
    const message = (await queued(versionAt(30))) as object;
    for (let attempt = 1; attempt < MAX_DELIVERY_ATTEMPTS; attempt += 1) {
      await expect(deliver(message, attempt)).rejects.toMatchObject({ code: 'webhook_failed' });
    }
    expect(await poisoned()).toEqual([]);
    await deliver(message, 5);
    expect(await poisoned()).toEqual([
      {
        ...message,
        failure: {
          code: 'webhook_failed',
          message: expect.stringContaining('the webhook answered 400') as string,
          requestId: 'r-1',
          attempts: 5,
          failedAt: '2026-11-21T12:00:00.000Z',
        },
      },
    ]);
    expect(logs.of('alert_poisoned')[0]).toMatch(/^error .*attempt=5$/);
  });

  it('can have the message put back, and it is delivered then', async () => {
    server.answerWith(plain(400));
    await deliver(await queued(versionAt(30)), 5);
    server.answerWith(plain(202));
    const [held] = await poisoned();
    await deliver(held);
    expect(posted().at(-1)).toMatchObject({ change: 'created', alertId: 'da1' });
  });

  it.each([
    ['400', plain(400)],
    ['500', plain(500)],
    ['no answer', hangUp],
    ['a redirect', plain(302, '', { location: `https://contoso.example/?sig=${SECRET}` })],
  ] as [string, Answer][])(
    'with %s leaves its URL out of error, log and poison queue',
    async (_case, answer) => {
      server.answerWith(answer);
      const message = await queued(versionAt(30));
      const [outcome] = await Promise.allSettled([deliver(message, 4)]);
      if (outcome.status === 'fulfilled') throw new Error('it did not fail');
      await deliver(message, 5);
      const { message: text, stack } = outcome.reason as Error;
      const shown = [text, stack, ...logs.lines, JSON.stringify(await poisoned())].join('\n');
      expect(shown).not.toContain(SECRET);
      expect(shown).not.toContain(server.url);
    },
  );
});

describe('a message that cannot be delivered for another reason', () => {
  it.each([['text'], [null], [{ schemaVersion: 2 }], [{ schemaVersion: 1 }]])(
    'such as %j, which the pull never wrote, is put aside in the end as it is',
    async (message) => {
      await expect(deliver(message, 1)).rejects.toMatchObject({ code: 'message_unreadable' });
      await deliver(message, 5);
      expect(await poisoned()).toMatchObject([{ failure: { code: 'message_unreadable', attempts: 5 } }]);
      expect(server.requests).toEqual([]);
    },
  );

  it('such as one whose blob is gone, tells so and leaves the alert free for others', async () => {
    const message = await queued(versionAt(30, { title: 'x'.repeat(100_000) }));
    for await (const { name } of container.listBlobsFlat()) await container.deleteBlob(name);
    await expect(deliver(message)).rejects.toMatchObject({ code: 'storage_error', status: 404 });
    await deliver(await queued(versionAt(31)));
    expect(posted()).toMatchObject([{ change: 'created' }]);
  });

  it('because another version is being delivered, waits for that first', async () => {
    const message = (await queued(versionAt(31))) as Parameters<TableAlertHistory['claim']>[0];
    const other = (await queued(versionAt(30))) as Parameters<TableAlertHistory['claim']>[0];
    const claimed = await history.claim(other, never);
    if (typeof claimed === 'string') throw new Error(`it is ${claimed}`);
    await expect(deliver(message)).rejects.toMatchObject({ code: 'alert_busy', retryable: true });
    expect(clock.now() - START).toBe(20_000);
    await claimed.settle(never);
    await deliver(message, 2);
    expect(posted()).toMatchObject([{ change: 'updated' }]);
  });

  it('because a crash left it claimed, is delivered when the claim has run out, before its last attempt', async () => {
    const message = (await queued(versionAt(30))) as Parameters<TableAlertHistory['claim']>[0];
    await history.claim(message, never);
    let attempt = 1;
    for (; attempt <= MAX_DELIVERY_ATTEMPTS && posted().length === 0; attempt += 1) {
      const [outcome] = await Promise.allSettled([deliver(message, attempt)]);
      // As long as host.json keeps a failed message out of sight.
      if (outcome.status === 'rejected') clock.advance(MINUTE_MS);
    }
    expect(posted()).toMatchObject([{ change: 'created' }]);
    expect(await poisoned()).toEqual([]);
  });

  it('because the function is aborted, is left to the queue and never put aside', async () => {
    const controller = new AbortController();
    const reason = new DOMException('Too late.', 'TimeoutError');
    server.answerWith(() => {
      controller.abort(reason);
    });
    const message = await queued(versionAt(30));
    await expect(deliver(message, 5, controller.signal)).rejects.toBe(reason);
    expect(await poisoned()).toEqual([]);
  });

  it('because of a fault of our own, is left to the queue, which puts it aside by itself', async () => {
    const broken = new AlertDelivery({
      history,
      container: () => Promise.reject(new TypeError('x is not a function')),
      webhook: new Webhook({ url: server.url, clock, random: () => 0.5 }),
      poison: new PoisonQueue(() => Promise.resolve(poison), clock),
      clock,
    });
    const message = await queued(versionAt(30, { title: 'x'.repeat(100_000) }));
    await expect(broken.deliver(message, 5, logs.logger, never)).rejects.toThrow(TypeError);
    expect(await poisoned()).toEqual([]);
  });

  it('because the function is aborted, can be delivered by the next attempt without waiting', async () => {
    const controller = new AbortController();
    server.answerWith(() => {
      controller.abort(new DOMException('Too late.', 'TimeoutError'));
    });
    const message = await queued(versionAt(30));
    await expect(deliver(message, 1, controller.signal)).rejects.toMatchObject({ name: 'TimeoutError' });
    server.answerWith(plain(202));
    const before = clock.now();
    await deliver(message, 2);
    expect(clock.now()).toBe(before);
  });
});

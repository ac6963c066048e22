import type { ContainerClient } from '@azure/storage-blob';
import type { QueueClient } from '@azure/storage-queue';
import { beforeEach, describe, expect, it } from 'vitest';
import { messageKey } from '../../src/alerts/AlertVersion.ts';
import { createEnvelope, type QueuedAlert } from '../../src/alerts/envelope.ts';
import { parseQueuedAlert } from '../../src/alerts/parseQueuedAlert.ts';
import { QueueOutbox } from '../../src/alerts/QueueOutbox.ts';
import { createVersion, ORIGIN } from '../support/alerts.ts';
import { listBlobs, readQueue } from '../support/storageClients.ts';
import { useLossyStorage } from '../support/useLossyStorage.ts';
import { VirtualClock } from '../support/VirtualClock.ts';

const never = new AbortController().signal;
const NOW = Date.parse('2026-11-21T12:00:00Z');

const storage = useLossyStorage('Queue');
let queue: QueueClient;
let container: ContainerClient;
let outbox: QueueOutbox;

beforeEach(async () => {
  // One try, so that a failure comes to the outbox.
  const clients = storage.clients({ tries: 1 });
  queue = await clients.queue();
  container = await clients.container();
  outbox = new QueueOutbox({
    queue: () => Promise.resolve(queue),
    container: () => Promise.resolve(container),
    clock: new VirtualClock(NOW),
  });
});

/** The messages as the function gets them. */
async function received(): Promise<QueuedAlert[]> {
  return (await readQueue(queue)).map(({ json }) => parseQueuedAlert(JSON.parse(json)));
}

async function blobBytes(message: QueuedAlert | undefined): Promise<Buffer> {
  if (!message || !('alertBlob' in message)) throw new Error('the message names no blob');
  return await container.getBlobClient(message.alertBlob).downloadToBuffer();
}

describe('the outbox', () => {
  it('puts one message on the queue per version: the envelope with the alert in it', async () => {
    const versions = ['a', 'b', 'c'].map((id) => createVersion({ id, title: `Alert "${id}" ä 漢` }));
    await outbox.send(versions, never);
    const messages = await received();
    const expected = versions.map((version) => ({
      ...createEnvelope(version, NOW),
      alert: JSON.parse(version.bytes.toString('utf8')) as unknown,
    }));
    expect(messages).toHaveLength(3);
    expect(messages).toEqual(expect.arrayContaining(expected));
    expect(await listBlobs(container)).toEqual([]);
  });

  it('puts messages on the queue that never expire, where the default is seven days', async () => {
    await outbox.send([createVersion()], never);
    const [message] = await readQueue(queue);
    expect(message?.expiresOn.getUTCFullYear()).toBe(9999);
  });

  it('takes a full batch', async () => {
    await outbox.send(
      Array.from({ length: 100 }, (_, index) => createVersion({ id: `da${index}` })),
      never,
    );
    const { approximateMessagesCount } = await queue.getProperties();
    expect(approximateMessagesCount).toBe(100);
  });

  it('sends the alert byte for byte, whatever white space and order it was written in', async () => {
    const text = '{ "lastUpdateTime":"2026-11-21T02:30:00Z",\t"id" : "a", "2":1, "1":2, "u":"\\u00e4" }';
    const version = { ...createVersion(), bytes: Buffer.from(text) };
    await outbox.send([version], never);
    const [message] = await readQueue(queue);
    expect(message?.json.endsWith(`"alert":${text}}`)).toBe(true);
  });
});

describe('an alert that does not fit into a message', () => {
  it('goes into a blob byte for byte, and the message names it', async () => {
    const version = createVersion({ id: 'da1/..', title: 'x'.repeat(100_000) });
    await outbox.send([version], never);
    const [message] = await received();
    expect(message).toEqual({
      ...createEnvelope(version, NOW),
      alertBlob: `contoso.example/endpoint/${messageKey(version)}.json`,
    });
    expect((await blobBytes(message)).equals(version.bytes)).toBe(true);
    const { contentType } = await container
      .getBlobClient(`contoso.example/endpoint/${messageKey(version)}.json`)
      .getProperties();
    expect(contentType).toBe('application/json');
  });

  it.each([44_000, 45_300, 45_600, 45_900, 46_080, 46_300, 48_500, 49_200, 65_536])(
    'or just so, with %i bytes, arrives whole one way or the other',
    async (bytes) => {
      const version = createVersion({ id: 'a' });
      const padded = createVersion({ id: 'a', title: 'x'.repeat(bytes - version.bytes.length) });
      await outbox.send([padded], never);
      const [message] = await received();
      if (message && 'alert' in message)
        expect(message.alert).toEqual(JSON.parse(padded.bytes.toString('utf8')));
      else expect((await blobBytes(message)).equals(padded.bytes)).toBe(true);
    },
  );

  it('is measured in bytes, not in letters', async () => {
    // 30,000 letters of three bytes each.
    const version = createVersion({ id: 'a', title: '漢'.repeat(30_000) });
    await outbox.send([version], never);
    const [message] = await received();
    expect((await blobBytes(message)).equals(version.bytes)).toBe(true);
  });

  it('may be sent again after a crash: it is the same blob', async () => {
    const version = createVersion({ id: 'a', title: 'x'.repeat(100_000) });
    await outbox.send([version], never);
    await outbox.send([version], never);
    expect(await received()).toHaveLength(2);
    expect(await listBlobs(container)).toHaveLength(1);
  });

  it('never shares its blob with another version of the alert, or with another tenant', async () => {
    const title = 'x'.repeat(100_000);
    await outbox.send(
      [
        createVersion({ id: 'a', title }),
        createVersion({ id: 'a', title, lastUpdateTime: '2026-11-21T02:30:01Z' }),
        createVersion({ id: 'a', title }, { ...ORIGIN, tenantId: 'fabrikam.example' }),
      ],
      never,
    );
    expect(await listBlobs(container)).toHaveLength(3);
  });
});

describe('an alert with a number that a parser would change', () => {
  it('goes into a blob byte for byte, however small it is', async () => {
    const text = '{"id":"a","lastUpdateTime":"2026-11-21T02:30:00Z","uniqueProcessId":9007199254740993}';
    const version = { ...createVersion({ id: 'a' }), bytes: Buffer.from(text) };
    await outbox.send([version], never);
    const [message] = await received();
    expect((await blobBytes(message)).toString('utf8')).toBe(text);
  });
});

describe('an outbox that fails', () => {
  it('fails the batch when one message is not taken, with what storage answered', async () => {
    storage.proxy.failNext('POST', 503);
    const versions = Array.from({ length: 40 }, (_, index) => createVersion({ id: `da${index}` }));
    await expect(outbox.send(versions, never)).rejects.toMatchObject({
      code: 'storage_error',
      status: 503,
      message: expect.stringMatching(/^Send to queue 'alerts': Azure Storage gave HTTP 503 /) as string,
    });
  });

  it('sends nothing more once it has told of the failure', async () => {
    storage.proxy.failNext('POST', 503);
    const versions = Array.from({ length: 100 }, (_, index) => createVersion({ id: `da${index}` }));
    await expect(outbox.send(versions, never)).rejects.toMatchObject({ code: 'storage_error' });
    const sentThen = storage.proxy.requests.length;
    const { approximateMessagesCount: before } = await queue.getProperties();
    await outbox.send([], never);
    const { approximateMessagesCount: after } = await queue.getProperties();
    expect(after).toBe(before);
    // The others that were under way came to their end, and no new ones were begun.
    expect(before).toBeLessThan(90);
    // The two looks at the queue, and nothing else.
    expect(storage.proxy.requests.length - sentThen).toBe(2);
  });

  it('fails when the blob of a large alert cannot be written, and sends no message that names it', async () => {
    await container.delete();
    const large = createVersion({ id: 'a', title: 'x'.repeat(100_000) });
    await expect(outbox.send([large], never)).rejects.toMatchObject({ code: 'storage_error', status: 404 });
    expect(await readQueue(queue)).toEqual([]);
  });

  it('ends with the signal of the run', async () => {
    const reason = new Error('the run is over');
    await expect(outbox.send([createVersion()], AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(await readQueue(queue)).toEqual([]);
  });
});

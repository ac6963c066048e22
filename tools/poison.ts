import type { QueueClient } from '@azure/storage-queue';
import { POISON_QUEUE } from '../src/alerts/PoisonQueue.ts';
import { NEVER_EXPIRES, OUTBOX_QUEUE } from '../src/alerts/QueueOutbox.ts';
import { openOperatorStorage } from './operatorStorage.ts';
import { runCommand, UsageError } from './runCommand.ts';

const USAGE = `npm run poison -- show     alerts that could not be delivered, and why
npm run poison -- retry    puts them all back into the queue`;

/** The most that one call of the service gives. */
const PAGE = 32;

await runCommand(async () => {
  const storage = openOperatorStorage(process.env);
  const poison = await storage.queue(POISON_QUEUE);
  switch (process.argv[2]) {
    case 'show':
      await show(poison);
      break;
    case 'retry':
      console.log(
        `${await retry(poison, await storage.queue(OUTBOX_QUEUE))} put back into '${OUTBOX_QUEUE}'.`,
      );
      break;
    default:
      throw new UsageError(`Usage:\n${USAGE}`);
  }
});

async function show(poison: QueueClient): Promise<void> {
  const { approximateMessagesCount = 0 } = await poison.getProperties();
  const { peekedMessageItems } = await poison.peekMessages({ numberOfMessages: PAGE });
  console.log(`${approximateMessagesCount} in '${POISON_QUEUE}'; the first ${peekedMessageItems.length}:`);
  for (const { messageText } of peekedMessageItems) {
    const { alertId, alertVersion, failure } = readMessage(messageText);
    console.log(JSON.stringify({ alertId, alertVersion, failure }));
  }
}

/** Copies before it deletes: a message may come twice, which delivery recognises, but is never lost. */
async function retry(poison: QueueClient, outbox: QueueClient): Promise<number> {
  for (let count = 0; ;) {
    const { receivedMessageItems } = await poison.receiveMessages({
      numberOfMessages: PAGE,
      visibilityTimeout: 300,
    });
    if (receivedMessageItems.length === 0) return count;
    for (const { messageText, messageId, popReceipt } of receivedMessageItems) {
      await outbox.sendMessage(messageText, { messageTimeToLive: NEVER_EXPIRES });
      await poison.deleteMessage(messageId, popReceipt);
      count += 1;
    }
  }
}

function readMessage(text: string): { alertId?: unknown; alertVersion?: unknown; failure?: unknown } {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}

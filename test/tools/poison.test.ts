import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { QueueClient } from '@azure/storage-queue';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startAzurite, type Azurite } from '../support/startAzurite.ts';

const root = path.join(import.meta.dirname, '..', '..');
let azurite: Azurite;
let connectionString: string;

beforeAll(async () => {
  azurite = await startAzurite();
  ({ connectionString } = azurite);
});
afterAll(async () => {
  await azurite.stop();
});

async function run(...args: string[]): Promise<string> {
  const child = spawn(process.execPath, [path.join(root, 'tools', 'poison.ts'), ...args], {
    env: { PATH: process.env.PATH, AzureWebJobsStorage: connectionString },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => (output += data.toString('utf8')));
  await once(child, 'close');
  return output;
}

it('npm run poison shows why alerts were not delivered, and puts all of them back', async () => {
  const poison = new QueueClient(connectionString, 'alerts-poison');
  await poison.create();
  const messages = Array.from({ length: 40 }, (_, index) => {
    const failure = { code: 'webhook_failed', attempts: 5 };
    return Buffer.from(JSON.stringify({ alertId: `alert-${index}`, failure }), 'utf8').toString('base64');
  });
  for (const message of messages) await poison.sendMessage(message);

  const shown = await run('show');
  expect(shown).toContain("40 in 'alerts-poison'");
  expect(shown).toContain('{"alertId":"alert-0","failure":{"code":"webhook_failed","attempts":5}}');

  expect(await run('retry')).toContain("40 put back into 'alerts'");
  const back: string[] = [];
  const outbox = new QueueClient(connectionString, 'alerts');
  for (let page = 0; page < 2; page += 1) {
    const { receivedMessageItems } = await outbox.receiveMessages({ numberOfMessages: 32 });
    back.push(...receivedMessageItems.map(({ messageText }) => messageText));
  }
  expect(back.sort()).toEqual(messages.sort());
  expect(await run('show')).toContain("0 in 'alerts-poison'");
});

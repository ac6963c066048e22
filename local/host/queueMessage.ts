import type { DequeuedMessageItem } from '@azure/storage-queue';
import { LocalHostError } from './LocalHostError.ts';
import type { RpcTypedData } from './workerProtocol.ts';

/** The parts of a queue message that its function sees; dates undefined for a call started by hand. */
export type QueueMessage = Pick<DequeuedMessageItem, 'messageText' | 'dequeueCount'> &
  Partial<
    Pick<DequeuedMessageItem, 'messageId' | 'popReceipt' | 'insertedOn' | 'expiresOn' | 'nextVisibleOn'>
  >;

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const LATEST = new Date('9999-12-31T23:59:59.999Z');
// The date forms that the host's JSON library turns into dates when it reads an object.
const JSON_DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?(Z|[+-]\d\d:\d\d)?$/;

/** The bytes of a message body, undefined when it should be base64 and is not. */
export function decodeBody(body: string, encoding: 'base64' | 'none'): Buffer | undefined {
  if (encoding === 'none') return Buffer.from(body);
  const compact = body.replaceAll(/\s/g, '');
  return BASE64.test(compact) ? Buffer.from(compact, 'base64') : undefined;
}

/** The text of a message. Throws `LocalHostError` when the bytes are not UTF-8. */
export function decodeText(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new LocalHostError('The message is not UTF-8 text.');
  }
}

/**
 * What the host sends along with a message, in its forms: documented names, then the properties of a JSON object,
 * which replace a documented name that is spelled the same (whatever the case).
 *
 * Sources: Triggers/QueueTriggerBinding.cs of the storage extension; `ApplyBindingData` in Utility.cs of
 * Azure/azure-functions-host
 */
export function toTriggerMetadata(message: QueueMessage, text: string): Record<string, RpcTypedData> {
  const metadata: Record<string, RpcTypedData> = {
    QueueTrigger: { string: text },
    DequeueCount: { json: String(message.dequeueCount) },
    ExpirationTime: { json: toJsonDate(message.expiresOn ?? LATEST) },
    InsertionTime: { json: toJsonDate(message.insertedOn ?? new Date()) },
    NextVisibleTime: { json: toJsonDate(message.nextVisibleOn ?? LATEST) },
  };
  if (message.messageId !== undefined) metadata.Id = { string: message.messageId };
  if (message.popReceipt !== undefined) metadata.PopReceipt = { string: message.popReceipt };
  for (const [name, value] of Object.entries(propertiesOf(text))) {
    const data = toMetadataValue(value);
    if (data === undefined) continue;
    const known = Object.keys(metadata).find((key) => key.toLowerCase() === name.toLowerCase());
    metadata[known ?? name] = data;
  }
  return metadata;
}

function propertiesOf(text: string): object {
  const trimmed = text.trim();
  if (!trimmed.startsWith('{') || !trimmed.endsWith('}')) return {};
  try {
    return JSON.parse(trimmed) as object;
  } catch {
    return {};
  }
}

// Objects stay JSON, arrays and null are left out, everything else becomes text as .NET prints it.
function toMetadataValue(value: unknown): RpcTypedData | undefined {
  if (value === null || Array.isArray(value)) return undefined;
  if (typeof value === 'boolean') return { string: value ? 'True' : 'False' };
  if (typeof value === 'string') return { string: JSON_DATE.test(value) ? toInvariantDate(value) : value };
  const json = JSON.stringify(value);
  return typeof value === 'object' ? { json } : { string: json };
}

function toInvariantDate(text: string): string {
  const date = new Date(/Z|[+-]\d\d:\d\d$/.test(text) ? text : `${text}Z`);
  if (Number.isNaN(date.getTime())) return text;
  const [, year = '', month = '', day = '', time = ''] =
    /^(\d+)-(\d\d)-(\d\d)T(\d\d:\d\d:\d\d)/.exec(date.toISOString()) ?? [];
  return `${month}/${day}/${year} ${time}`;
}

function toJsonDate(date: Date): string {
  return JSON.stringify(
    date
      .toISOString()
      .replace(/\.000Z$/, 'Z')
      .replace('Z', '+00:00'),
  );
}

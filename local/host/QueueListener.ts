import {
  QueueServiceClient,
  RestError,
  type DequeuedMessageItem,
  type QueueClient,
} from '@azure/storage-queue';
import { Backoff } from './backoff.ts';
import type { HostFunction, QueueDetails } from './functionTable.ts';
import type { FunctionRunner, TriggerInput } from './FunctionRunner.ts';
import type { QueueOptions } from './hostConfiguration.ts';
import type { HostLog } from './HostLog.ts';
import { LocalHostError, messageOf } from './LocalHostError.ts';
import { decodeBody, decodeText, toTriggerMetadata, type QueueMessage } from './queueMessage.ts';
import { QueueProcessor } from './QueueProcessor.ts';

interface QueueListenerOptions {
  fn: HostFunction;
  queue: QueueDetails;
  options: QueueOptions;
  /** How long a message stays hidden while its function runs, in milliseconds. */
  leaseMs: number;
  runner: FunctionRunner;
  log: HostLog;
}

const FIRST_POLLING_INTERVAL_MS = 100;
const RECEIVE_TIMEOUT_MS = 10_000;
const MAXIMUM_QUEUE_NAME = 63;
// The listener itself asks again; the client's own retries only bridge a short outage.
const CLIENT_RETRIES = { maxTries: 3, retryDelayInMs: 300, maxRetryDelayInMs: 1000 };
const POISON_SUFFIX = '-poison';

/**
 * Calls one function for each message of a storage queue.
 *
 * Takes `batchSize` messages, and the next ones when no more than `newBatchThreshold` run. An empty queue is asked
 * less and less often, up to `maxPollingInterval`. A queue that does not exist is waited for, not created: the real
 * host creates only the poison queue.
 * Source: Queues/QueueListener.cs of the storage extension (Azure/azure-sdk-for-net)
 */
export class QueueListener {
  readonly #options: QueueListenerOptions;
  readonly #queue: QueueClient;
  readonly #processor: QueueProcessor;
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  #loop: Promise<void> = Promise.resolve();
  #failure: string | undefined;

  /** Throws `LocalHostError` when the connection string cannot be used. */
  constructor(options: QueueListenerOptions) {
    this.#options = options;
    const { queueName, connectionString } = options.queue;
    const service = createQueueService(connectionString);
    this.#queue = service.getQueueClient(queueName);
    const poisonName = `${queueName}${POISON_SUFFIX}`;
    const hasPoison = !queueName.endsWith(POISON_SUFFIX) && poisonName.length <= MAXIMUM_QUEUE_NAME;
    this.#processor = new QueueProcessor({
      queue: this.#queue,
      poisonQueue: hasPoison ? service.getQueueClient(poisonName) : undefined,
      functionName: options.fn.name,
      maxDequeueCount: options.options.maxDequeueCount,
      visibilityTimeoutMs: options.options.visibilityTimeoutMs,
      leaseMs: options.leaseMs,
      log: options.log,
    });
  }

  /** Starts asking for messages. */
  start(): void {
    this.#loop = this.#poll();
  }

  /** Takes no more messages; those that run go on. */
  stopReceiving(): void {
    this.#stopping.abort();
  }

  /** Resolves when the last message that was taken is settled. */
  async settled(): Promise<void> {
    await this.#loop;
    await Promise.all(this.#running);
  }

  async #poll(): Promise<void> {
    const { options } = this.#options;
    const backoff = new Backoff(FIRST_POLLING_INTERVAL_MS, options.maxPollingIntervalMs);
    while (!this.#isStopping()) {
      const messages = await this.#receive(options.batchSize);
      if (this.#isStopping()) {
        await Promise.all(messages.map((message) => this.#processor.release(message)));
        return;
      }
      for (const message of messages) this.#process(message);
      if (messages.length === 0) {
        await this.#pause(backoff.next());
        continue;
      }
      backoff.reset();
      while (this.#running.size > options.newBatchThreshold) await Promise.race(this.#running);
    }
  }

  async #receive(count: number): Promise<DequeuedMessageItem[]> {
    try {
      const response = await this.#queue.receiveMessages({
        numberOfMessages: count,
        visibilityTimeout: Math.ceil(this.#options.leaseMs / 1000),
        // Not ended by `stopReceiving`: messages that are on their way would stay hidden for the whole lease.
        abortSignal: AbortSignal.timeout(RECEIVE_TIMEOUT_MS),
      });
      this.#failure = undefined;
      return response.receivedMessageItems;
    } catch (error) {
      if (!this.#isStopping()) this.#report(error);
      return [];
    }
  }

  #process(message: DequeuedMessageItem): void {
    const task = this.#handle(message).finally(() => this.#running.delete(task));
    this.#running.add(task);
  }

  async #handle(message: DequeuedMessageItem): Promise<void> {
    const { fn, options, runner, queue, log } = this.#options;
    const bytes = decodeBody(message.messageText, options.messageEncoding);
    if (bytes === undefined) {
      await this.#processor.reject(message, 'is not base64');
      return;
    }
    await this.#processor.process(message, async () => {
      try {
        const outcome = await runner.runWithRetry(fn, toQueueInput(queue, message, decodeText(bytes)));
        return outcome.ok;
      } catch (error) {
        // Not UTF-8: the function cannot be called, and the message is treated as one that fails each time.
        log.about(fn.name, 'error', messageOf(error));
        return false;
      }
    });
  }

  // Said once until it changes: a queue that is not there yet is asked for every two seconds.
  #report(error: unknown): void {
    const { fn, log, queue } = this.#options;
    const isMissing = error instanceof RestError && error.statusCode === 404;
    const failure = isMissing
      ? `The queue '${queue.queueName}' does not exist yet; waiting for it.`
      : `The queue '${queue.queueName}' cannot be read: ${messageOf(error).split('\n', 1)[0] ?? ''}`;
    if (failure !== this.#failure) log.about(fn.name, isMissing ? 'debug' : 'warn', failure);
    this.#failure = failure;
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  #pause(ms: number): Promise<void> {
    const { signal } = this.#stopping;
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener('abort', end);
      if (signal.aborted) end();
    });
  }
}

/** The input of a queue function for a message with this text. */
export function toQueueInput(queue: QueueDetails, message: QueueMessage, text: string): TriggerInput {
  return {
    data: { string: text },
    triggerMetadata: toTriggerMetadata(message, text),
    reason: `queue ${queue.queueName}`,
  };
}

function createQueueService(connectionString: string): QueueServiceClient {
  try {
    return QueueServiceClient.fromConnectionString(connectionString, { retryOptions: CLIENT_RETRIES });
  } catch (error) {
    throw new LocalHostError(`The storage connection string cannot be used: ${messageOf(error)}`);
  }
}

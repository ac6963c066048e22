import type { ContainerClient } from '@azure/storage-blob';
import { AppError } from '../runtime/AppError.ts';
import type { Clock } from '../runtime/Clock.ts';
import { describeError } from '../runtime/describeError.ts';
import type { LogFields, Logger } from '../runtime/Logger.ts';
import { StorageError } from '../storage/StorageError.ts';
import { withDeadline } from '../storage/withDeadline.ts';
import { AlertBusy } from './AlertBusy.ts';
import type { AlertHistory, DeliveryClaim } from './AlertHistory.ts';
import { spliceAlert, type AlertEnvelope, type QueuedAlert } from './envelope.ts';
import { parseQueuedAlert } from './parseQueuedAlert.ts';
import type { PoisonQueue } from './PoisonQueue.ts';
import type { Webhook } from './Webhook.ts';

/** As often as host.json's `maxDequeueCount`: at the last try we put the message aside ourselves, with the reason. */
export const MAX_DELIVERY_ATTEMPTS = 5;

const RELEASE_TIMEOUT_MS = 30_000;
/** Ids come from outside; a log line need not hold more of one. */
const MAX_LOGGED_ID = 200;
const BUSY_TRIES = 20;
const BUSY_WAIT_MS = 1_000;

export interface AlertDeliveryInit {
  readonly history: AlertHistory;
  readonly container: () => Promise<ContainerClient>;
  readonly webhook: Webhook;
  readonly poison: PoisonQueue;
  readonly clock: Clock;
}

/** Takes one message of the outbox to the webhook. */
export class AlertDelivery {
  readonly #init: AlertDeliveryInit;

  constructor(init: AlertDeliveryInit) {
    this.#init = init;
  }

  /**
   * Delivers the version in `message`, unless it or a newer one was delivered before.
   *
   * @param attempt how often the queue has given this message, counted from 1.
   * @throws AppError when the queue should bring the message again.
   */
  async deliver(message: unknown, attempt: number, logger: Logger, signal: AbortSignal): Promise<void> {
    try {
      await this.#deliver(parseQueuedAlert(message), logger, signal);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const isLast = attempt >= MAX_DELIVERY_ATTEMPTS;
      logger[isLast ? 'error' : 'warn'](isLast ? 'alert_poisoned' : 'alert_delivery_failed', {
        ...idsOf(message),
        ...describeError(error),
        attempt,
      });
      if (!isLast) throw error;
      await this.#init.poison.put(message, attempt, error, signal);
    }
  }

  async #deliver(queued: QueuedAlert, logger: Logger, signal: AbortSignal): Promise<void> {
    const { alertId, alertVersion: version, messageKey } = queued;
    const claim = await this.#claim(queued, signal);
    if (claim === 'stale') {
      logger.info('alert_stale', { alertId, version, messageKey });
      return;
    }
    try {
      await this.#init.webhook.post(await this.#compose(queued, claim, signal), messageKey, signal);
    } catch (error) {
      // With a deadline of its own: when this invocation was aborted, the next try should not have to wait.
      await claim.release(AbortSignal.timeout(RELEASE_TIMEOUT_MS));
      throw error;
    }
    await claim.settle(signal);
    logger.info('alert_delivered', { alertId, version, change: claim.change, messageKey });
  }

  async #claim(envelope: AlertEnvelope, signal: AbortSignal): Promise<DeliveryClaim | 'stale'> {
    for (let attempt = 0; attempt < BUSY_TRIES; attempt += 1) {
      const claim = await this.#init.history.claim(envelope, signal);
      if (claim !== 'busy') return claim;
      await this.#init.clock.sleep(BUSY_WAIT_MS, signal);
    }
    throw new AlertBusy(envelope.alertId);
  }

  async #compose(queued: QueuedAlert, { change }: DeliveryClaim, signal: AbortSignal): Promise<string> {
    if ('alert' in queued) {
      const { alert, ...envelope } = queued;
      return spliceAlert({ ...envelope, change }, JSON.stringify(alert));
    }
    const { alertBlob, ...envelope } = queued;
    return spliceAlert({ ...envelope, change }, await this.#download(alertBlob, signal));
  }

  async #download(name: string, signal: AbortSignal): Promise<string> {
    const container = await this.#init.container();
    try {
      const bytes = await container
        .getBlobClient(name)
        .downloadToBuffer(0, undefined, { abortSignal: withDeadline(signal) });
      return bytes.toString('utf8');
    } catch (error) {
      signal.throwIfAborted();
      throw new StorageError(`Read blob '${name}'`, error);
    }
  }
}

/** Which alert a message is about, as far as it says; also of one that cannot be delivered. */
function idsOf(message: unknown): LogFields {
  const { alertId, alertVersion, messageKey } = (message ?? {}) as Readonly<Record<string, unknown>>;
  const textOf = (value: unknown) => (typeof value === 'string' ? value.slice(0, MAX_LOGGED_ID) : undefined);
  return { alertId: textOf(alertId), version: textOf(alertVersion), messageKey: textOf(messageKey) };
}

import { parseRetryAfterMs } from '../defender/retryAfter.ts';
import type { Clock } from '../runtime/Clock.ts';
import type { Random } from '../runtime/Random.ts';
import { WebhookError } from './WebhookError.ts';

/** Logic Apps answers within 120 s; a webhook that takes longer than this to say "accepted" is not one. */
const REQUEST_TIMEOUT_MS = 30_000;
const TRIES = 3;
const FIRST_BACKOFF_MS = 1_000;
/** A longer wait than this is left to the queue. */
const LONGEST_WAIT_MS = 20_000;

export interface WebhookInit {
  readonly url: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly fetch?: typeof fetch;
}

/** Posts JSON to the configured URL, a few times when that can help. */
export class Webhook {
  readonly #init: WebhookInit;
  readonly #fetch: typeof fetch;

  constructor(init: WebhookInit) {
    this.#init = init;
    this.#fetch = init.fetch ?? fetch;
  }

  /**
   * Resolves once the webhook accepted the body (any 2xx).
   * @param trackingId shows up in the run history of a Logic App.
   * @throws WebhookError
   */
  async post(body: string, trackingId: string, signal: AbortSignal): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#postOnce(body, trackingId, signal);
        return;
      } catch (error) {
        if (!(error instanceof WebhookError) || !error.retryable || attempt >= TRIES) throw error;
        const backoffMs = FIRST_BACKOFF_MS * 3 ** (attempt - 1) * (0.5 + this.#init.random());
        const waitMs = error.retryAfterMs ?? backoffMs;
        if (waitMs > LONGEST_WAIT_MS) throw error;
        await this.#init.clock.sleep(waitMs, signal);
      }
    }
  }

  async #postOnce(body: string, trackingId: string, signal: AbortSignal): Promise<void> {
    let response: Response;
    try {
      response = await this.#fetch(this.#init.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8', 'x-ms-client-tracking-id': trackingId },
        body,
        // The alert goes to the configured address and to no other.
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
      });
      await response.body?.cancel();
    } catch (error) {
      signal.throwIfAborted();
      throw new WebhookError({ cause: error });
    }
    if (response.ok) return;
    throw new WebhookError({
      status: response.status,
      requestId: response.headers.get('x-ms-request-id') ?? undefined,
      retryAfterMs: parseRetryAfterMs(response.headers),
    });
  }
}

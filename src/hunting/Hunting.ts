import { DefenderAnswerUnreadable } from '../defender/DefenderAnswerUnreadable.ts';
import type { DefenderClient } from '../defender/DefenderClient.ts';
import { DefenderHttpError } from '../defender/DefenderHttpError.ts';
import { DefenderPermissionMissing } from '../defender/DefenderPermissionMissing.ts';
import { readJson } from '../defender/readJson.ts';
import type { Clock } from '../runtime/Clock.ts';
import { describeError } from '../runtime/describeError.ts';
import type { LogFields, Logger } from '../runtime/Logger.ts';
import { sha256 } from '../storage/keys.ts';
import { classifyHuntFailure } from './classifyHuntFailure.ts';
import { huntingApis } from './huntingApis.ts';
import { HuntingApiRetired } from './HuntingApiRetired.ts';
import { HuntTimedOut } from './HuntTimedOut.ts';
import { HuntTimespanUnsupported } from './HuntTimespanUnsupported.ts';
import { readHuntAnswer, type HuntResult } from './readHuntAnswer.ts';

const OPERATION = 'Run hunting query';
/** Below this there is no sense in a second try. */
const MIN_SECOND_TRY_MS = 5_000;
const PAUSE_MS = 1_000;

export interface HuntOrder {
  readonly query: string;
  readonly timespan: string | undefined;
}

export interface HuntingInit {
  readonly client: DefenderClient;
  readonly api: keyof typeof huntingApis;
  /** For the query and its one repetition; milliseconds. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** Runs hunting queries within the time that a caller can wait. */
export class Hunting {
  readonly #init: HuntingInit;

  constructor(init: HuntingInit) {
    this.#init = init;
  }

  /**
   * @param fields who asks, for the log; the query itself is logged as its hash only.
   * @throws HuntQueryInvalid, HuntLimitReached, HuntThrottled, HuntTimedOut, HuntTimespanUnsupported, and what
   * `DefenderClient.send` throws.
   */
  async run(order: HuntOrder, fields: LogFields, logger: Logger, signal: AbortSignal): Promise<HuntResult> {
    const { api, clock } = this.#init;
    const { stopsOn } = huntingApis[api];
    if (stopsOn !== undefined) logger.warn('hunting_api_retiring', { api, stopsOn });
    const startedAt = clock.now();
    const about = { ...fields, api, query: sha256(order.query).slice(0, 16), timespan: order.timespan };
    try {
      const result = await this.#runInTime(order, signal);
      const { rowCount, truncated, requestId } = result;
      logger.info('hunt_finished', { ...about, rowCount, truncated, requestId, ms: clock.now() - startedAt });
      return result;
    } catch (error) {
      signal.throwIfAborted();
      logger.warn('hunt_failed', { ...about, ...describeError(error), ms: clock.now() - startedAt });
      throw error;
    }
  }

  async #runInTime(order: HuntOrder, parent: AbortSignal): Promise<HuntResult> {
    const { timeoutMs, clock } = this.#init;
    const deadline = AbortSignal.timeout(timeoutMs);
    const until = clock.now() + timeoutMs;
    try {
      return await this.#runTwice(order, until, AbortSignal.any([deadline, parent]));
    } catch (error) {
      parent.throwIfAborted();
      if (deadline.aborted) throw new HuntTimedOut(undefined);
      throw this.#findRetirement(error) ?? classifyHuntFailure(error, clock.now());
    }
  }

  /** What a retired API answers is not documented: any refusal but of the query itself counts, once its day has come. */
  #findRetirement(error: unknown): HuntingApiRetired | undefined {
    const { api, clock } = this.#init;
    const { stopsOn } = huntingApis[api];
    if (stopsOn === undefined || clock.now() < Date.parse(stopsOn)) return undefined;
    const isRefused =
      (error instanceof DefenderPermissionMissing && error.wasAsked) ||
      (error instanceof DefenderHttpError && [404, 405, 410, 501].includes(error.serviceStatus));
    return isRefused ? new HuntingApiRetired(api, stopsOn, error) : undefined;
  }

  /** A query only reads, so it may be repeated: once, when the service was busy and there is time left. */
  async #runTwice(order: HuntOrder, until: number, signal: AbortSignal): Promise<HuntResult> {
    const { clock } = this.#init;
    try {
      return await this.#send(order, signal);
    } catch (error) {
      if (!(error instanceof DefenderHttpError) || !error.retryable) throw error;
      const waitMs = error.isThrottled ? (error.retryAfterMs ?? Infinity) : (error.retryAfterMs ?? PAUSE_MS);
      if (clock.now() + waitMs + MIN_SECOND_TRY_MS > until) throw error;
      await clock.sleep(waitMs, signal);
      return await this.#send(order, signal);
    }
  }

  async #send({ query, timespan }: HuntOrder, signal: AbortSignal): Promise<HuntResult> {
    const { client, api, timeoutMs } = this.#init;
    const { path, permission, takesTimespan } = huntingApis[api];
    if (timespan !== undefined && !takesTimespan) throw new HuntTimespanUnsupported(api);
    const answer = await client.send({
      operation: OPERATION,
      method: 'POST',
      path,
      body: { Query: query, ...(timespan === undefined ? {} : { Timespan: timespan }) },
      permission,
      signal,
      timeoutMs,
    });
    const result = readHuntAnswer(await readJson(OPERATION, answer), answer.requestId);
    if (!result)
      throw new DefenderAnswerUnreadable(OPERATION, 'it holds no schema and results', answer.requestId);
    return result;
  }
}

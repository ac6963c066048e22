import type { DefenderAccess } from '../defender/DefenderAccess.ts';
import { DefenderAnswerTooLarge } from '../defender/DefenderAnswerTooLarge.ts';
import { DefenderAnswerUnreadable } from '../defender/DefenderAnswerUnreadable.ts';
import type { DefenderClient, DefenderRequest } from '../defender/DefenderClient.ts';
import { DefenderHttpError } from '../defender/DefenderHttpError.ts';
import { DefenderUnreachable } from '../defender/DefenderUnreachable.ts';
import { readJson } from '../defender/readJson.ts';
import type { Clock } from '../runtime/Clock.ts';
import { listNewest, type Newest } from './listNewest.ts';
import { isRecord, textOf, type ServiceRecord } from './members.ts';
import { ReadFilterInvalid } from './ReadFilterInvalid.ts';
import { findWord, type ReadingApi, type Words } from './readingApis.ts';
import { readTwice } from './readTwice.ts';
import { hasSeverity } from './views.ts';

/** Logic Apps give up after two minutes; what was read until then is still to be sent. */
const LIST_TIMEOUT_MS = 75_000;
const GET_TIMEOUT_MS = 60_000;
/** The longer form is given up early enough for the shorter one. */
const WHOLE_TIMEOUT_MS = 20_000;

/** The most records that one list gives. */
export const MAX_TOP = 1_000;

/** Which alerts or incidents are wanted. */
export interface ReadQuery {
  /** Not updated before; milliseconds since the Unix epoch. */
  readonly since: number;
  /** The most that are given, 1 to 1,000. */
  readonly top: number;
  /** Our word or the API's, in whatever case. */
  readonly status?: string | undefined;
  readonly severity?: string | undefined;
}

/** A single record. */
export interface FoundOne {
  readonly record: ServiceRecord;
  /** The service left something out (206). */
  readonly isPartial: boolean;
  /** Whether it came with all that belongs to it. */
  readonly isWhole: boolean;
}

/** Reads the records of one API: what alerts and incidents have in common. */
export class RecordReader {
  readonly #client: DefenderClient;
  readonly #baseUrl: string;
  readonly #api: ReadingApi;
  readonly #clock: Clock;

  constructor(access: DefenderAccess, api: ReadingApi, clock: Clock) {
    this.#client = access.client(api.api);
    this.#baseUrl = access.endpoints[api.api].url;
    this.#api = api;
    this.#clock = clock;
  }

  /** @throws ReadFilterInvalid, and what `listNewest` throws */
  async list(operation: string, query: ReadQuery, signal: AbortSignal): Promise<Newest> {
    const api = this.#api;
    const status = findFilter('status', api.statuses, query.status);
    const severity = findFilter('severity', api.severities, query.severity);
    const filters = [
      ...(status === undefined ? [] : [`status eq '${api.statuses[status] ?? status}'`]),
      ...(severity !== undefined && api.filtersOnSeverity
        ? [`severity eq '${api.severities[severity] ?? severity}'`]
        : []),
    ];
    const isFilteredHere = severity !== undefined && !api.filtersOnSeverity;
    return await listNewest({
      operation,
      api,
      client: this.#client,
      baseUrl: this.#baseUrl,
      filter: filters.join(' and '),
      matches: (record) => !isFilteredHere || hasSeverity(record, api, severity),
      since: query.since,
      top: Math.min(Math.max(Math.trunc(query.top), 1), MAX_TOP),
      clock: this.#clock,
      timeoutMs: LIST_TIMEOUT_MS,
      signal,
    });
  }

  /**
   * The record with this very id, with all that belongs to it; undefined when there is none. When the service refuses
   * or fails to give all of it, it is read by itself: of some tenants, incidents with their alerts are never given.
   * @param id of letters, digits and the like only.
   * @throws ReadThrottled, DefenderAnswerUnreadable, and what `DefenderClient.send` throws
   */
  async find(operation: string, id: string, signal: AbortSignal): Promise<FoundOne | undefined> {
    const { path, wholePath } = this.#api;
    const time = { clock: this.#clock, until: this.#clock.now() + GET_TIMEOUT_MS, signal };
    const read = (request: RecordRequest) => readTwice(() => this.#read(request, id, signal), time);
    try {
      if (wholePath) {
        try {
          const whole = await read({ operation, path: wholePath(id), timeoutMs: WHOLE_TIMEOUT_MS });
          if (whole) return whole;
        } catch (error) {
          signal.throwIfAborted();
          if (!mayDoWithLess(error)) throw error;
        }
      }
      const found = await read({ operation, path: `${path}/${encodeURIComponent(id)}` });
      return found && { ...found, isWhole: wholePath === undefined };
    } catch (error) {
      // Nothing but the id can be wrong with such a call.
      if (error instanceof DefenderHttpError && [400, 404].includes(error.serviceStatus)) return undefined;
      throw error;
    }
  }

  async #read(request: RecordRequest, id: string, signal: AbortSignal): Promise<FoundOne | undefined> {
    const { operation } = request;
    const answer = await this.#client.send({ ...request, permission: this.#api.permission, signal });
    const body = await readJson(operation, answer);
    const records = Array.isArray(body.value) ? body.value.filter(isRecord) : [body];
    if (records.length === 0) return undefined;
    // Never another one's, whatever the service makes of the id.
    const record = records.find((one) => textOf(one, ...this.#api.id)?.toLowerCase() === id.toLowerCase());
    if (!record) {
      throw new DefenderAnswerUnreadable(
        operation,
        'it is not about the id that was asked for',
        answer.requestId,
      );
    }
    return { record, isPartial: answer.status === 206, isWhole: true };
  }
}

type RecordRequest = Pick<DefenderRequest, 'operation' | 'path' | 'timeoutMs'>;

/** Whether the record may be had all the same when less is asked for. */
function mayDoWithLess(error: unknown): boolean {
  if (error instanceof DefenderHttpError) return error.serviceStatus === 400 || error.serviceStatus >= 500;
  return (
    error instanceof DefenderUnreachable ||
    error instanceof DefenderAnswerTooLarge ||
    error instanceof DefenderAnswerUnreadable
  );
}

/** Our word for what was asked for. Nothing else ever becomes part of a filter. @throws ReadFilterInvalid */
function findFilter(
  filter: 'status' | 'severity',
  words: Words,
  text: string | undefined,
): string | undefined {
  if (text === undefined) return undefined;
  const word = findWord(words, text);
  if (word === undefined) throw new ReadFilterInvalid(filter, Object.keys(words));
  return word;
}

import type { DefenderAccess } from '../defender/DefenderAccess.ts';
import { systemClock, type Clock } from '../runtime/Clock.ts';
import { AlertNotFound } from './AlertNotFound.ts';
import type { Newest } from './listNewest.ts';
import { listOf } from './members.ts';
import { alertApis, type ReadingApi } from './readingApis.ts';
import { RecordReader, type ReadQuery } from './RecordReader.ts';
import { toAlertView, type AlertView } from './views.ts';

/** Ids of all products begin so; nothing of them can leave its place in a path. */
const ID = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;

/** An alert, and what its answer lacks. */
export interface AlertDetail extends AlertView {
  /** True when the service gave the alert only without its evidence. */
  readonly evidenceOmitted: boolean;
  /** True when the service said that it left something out. */
  readonly partial: boolean;
}

/** Reads alerts as one identity sees them in one tenant. */
export class AlertReader {
  readonly #api: ReadingApi;
  readonly #reader: RecordReader;

  constructor(access: DefenderAccess, api: 'endpoint' | 'graph', clock: Clock = systemClock) {
    this.#api = alertApis[api];
    this.#reader = new RecordReader(access, this.#api, clock);
  }

  /**
   * The newest alerts since an instant, by their last update, newest first. Those of Defender for Endpoint come without
   * their evidence.
   * @throws ReadFilterInvalid, ReadThrottled, DefenderAnswerUnreadable, and what `DefenderClient.send` throws
   */
  async list(query: ReadQuery, signal: AbortSignal): Promise<Newest<AlertView>> {
    const newest = await this.#reader.list('Read alerts', query, signal);
    return { ...newest, value: newest.value.map((record) => toAlertView(record, this.#api)) };
  }

  /**
   * The alert with this very id, with its evidence.
   * @throws AlertNotFound, ReadThrottled, DefenderAnswerUnreadable, and what `DefenderClient.send` throws
   */
  async get(id: string, signal: AbortSignal): Promise<AlertDetail> {
    const found = ID.test(id) ? await this.#reader.find('Read alert', id, signal) : undefined;
    if (!found) throw new AlertNotFound(id);
    const { record, isWhole, isPartial } = found;
    const evidenceOmitted = !isWhole && !listOf(record, 'evidence')?.length;
    return { ...toAlertView(record, this.#api), evidenceOmitted, partial: isPartial };
  }
}

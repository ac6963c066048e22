import type { DefenderAccess } from '../defender/DefenderAccess.ts';
import { systemClock, type Clock } from '../runtime/Clock.ts';
import { IncidentNotFound } from './IncidentNotFound.ts';
import type { Newest } from './listNewest.ts';
import { incidentApis, type ReadingApi } from './readingApis.ts';
import { RecordReader, type ReadQuery } from './RecordReader.ts';
import { toIncidentView, type IncidentView } from './views.ts';

const ID = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/;

/** An incident, and what its answer lacks besides `alertsOmitted`. */
export interface IncidentDetail extends IncidentView {
  /** True when the service said that it left something out. */
  readonly partial: boolean;
}

/** Reads incidents as one identity sees them in one tenant. */
export class IncidentReader {
  readonly #api: ReadingApi;
  readonly #reader: RecordReader;

  constructor(access: DefenderAccess, api: 'graph' | 'xdr', clock: Clock = systemClock) {
    this.#api = incidentApis[api];
    this.#reader = new RecordReader(access, this.#api, clock);
  }

  /**
   * The newest incidents since an instant, by their last update, newest first. Those of Graph come without their alerts:
   * lists with alerts fail for large tenants.
   * @throws ReadFilterInvalid, ReadThrottled, DefenderAnswerUnreadable, and what `DefenderClient.send` throws
   */
  async list(query: ReadQuery, signal: AbortSignal): Promise<Newest<IncidentView>> {
    const newest = await this.#reader.list('Read incidents', query, signal);
    return { ...newest, value: newest.value.map((record) => toIncidentView(record, this.#api)) };
  }

  /**
   * The incident with this very id, with its alerts unless the service fails over them.
   * @throws IncidentNotFound, ReadThrottled, DefenderAnswerUnreadable, and what `DefenderClient.send` throws
   */
  async get(id: string, signal: AbortSignal): Promise<IncidentDetail> {
    const found = ID.test(id) ? await this.#reader.find('Read incident', id, signal) : undefined;
    if (!found) throw new IncidentNotFound(id);
    return { ...toIncidentView(found.record, this.#api), partial: found.isPartial };
  }
}

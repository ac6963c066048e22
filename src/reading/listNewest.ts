import { formatTicks, fromUnixMs, type Ticks } from '../alerts/ticks.ts';
import type { ReadingLimits } from './readingApis.ts';
import type { ServiceRecord } from './members.ts';
import { NewestRecords } from './NewestRecords.ts';
import { RangeReader, type RangeReaderInit } from './RangeReader.ts';
import { findCut, type TimeRange } from './TimeRange.ts';

/** What all the records of one answer may have as JSON. */
const MAX_BYTES = 32 * 1024 * 1024;

export interface NewestInit extends Omit<RangeReaderInit, 'kept'> {
  /** Not updated before; milliseconds since the Unix epoch. */
  readonly since: number;
  /** At most so many. */
  readonly top: number;
  /** @default 32 MiB */
  readonly maxBytes?: number;
}

/** Why a list does not have everything that was asked for, the weightiest reason first. */
export type Truncation =
  | 'partial' // The service left something out (206), or a record was too large.
  | 'time' // The caller cannot wait longer.
  | 'calls' // As many calls as one list may take.
  | 'size' // The answer is as large as it may be.
  | 'top'; // As many as were asked for.

/** The newest records, newest first. */
export interface Newest<View = ServiceRecord> {
  readonly value: View[];
  readonly truncated: boolean;
  readonly truncatedBy?: Truncation;
  /** Nothing that was updated after this instant is missing. Absent when that cannot be said of any. */
  readonly completeSince?: string;
  /** How many calls it took. */
  readonly calls: number;
  readonly limits: ReadingLimits;
}

/**
 * The newest records since an instant, whatever the order in which the service lists them.
 *
 * The whole range is read first. When it holds more than was asked for, it is cut, the newer part is read first, and the
 * older one only as far as there is room. What changes in the meantime may be missing: it is newer than the answer.
 *
 * @throws ReadThrottled, DefenderAnswerUnreadable, and what `DefenderClient.send` throws.
 */
export async function listNewest(init: NewestInit): Promise<Newest> {
  const { since, top, clock, api } = init;
  const kept = new NewestRecords(top, init.maxBytes ?? MAX_BYTES);
  const reader = new RangeReader({ ...init, kept });
  const open: TimeRange[] = [{ from: fromUnixMs(since), to: undefined }];
  let completeFrom: Ticks | undefined;
  let stoppedBy: 'time' | 'calls' | undefined;

  while (stoppedBy === undefined) {
    const needed = kept.capacity - (completeFrom === undefined ? 0 : kept.countFrom(completeFrom));
    const range = needed > 0 ? open.pop() : undefined;
    if (!range) break;
    const { end, times } = await reader.read(range, needed);
    if (end === 'complete') {
      completeFrom = range.from;
    } else if (end === 'tooMany') {
      const cut = findCut(range, times, clock.now()) ?? range.from;
      open.push({ from: range.from, to: cut }, { from: cut, to: range.to });
    } else {
      stoppedBy = end;
      open.push(range);
    }
  }

  const found = kept.list();
  const truncatedBy = findTruncation({
    isPartial: reader.isPartial,
    stoppedBy,
    isOutOfRoom: kept.isOutOfRoom,
    isMore: kept.hasDropped || open.length > 0,
  });
  const oldest = kept.hasDropped ? found.at(-1)?.at : undefined;
  const isKnown = completeFrom !== undefined && !reader.isPartial;
  const completeSince = isKnown ? latestOf(completeFrom, oldest) : undefined;
  return {
    value: found.map(({ record }) => record),
    truncated: truncatedBy !== undefined,
    ...(truncatedBy === undefined ? {} : { truncatedBy }),
    ...(completeSince === undefined ? {} : { completeSince: formatTicks(completeSince) }),
    calls: reader.calls,
    limits: api.limits,
  };
}

interface Circumstances {
  readonly isPartial: boolean;
  readonly stoppedBy: 'time' | 'calls' | undefined;
  readonly isOutOfRoom: boolean;
  readonly isMore: boolean;
}

function findTruncation({
  isPartial,
  stoppedBy,
  isOutOfRoom,
  isMore,
}: Circumstances): Truncation | undefined {
  if (isPartial) return 'partial';
  return stoppedBy ?? (isOutOfRoom ? 'size' : isMore ? 'top' : undefined);
}

function latestOf(a: Ticks | undefined, b: Ticks | undefined): Ticks | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a > b ? a : b;
}

import { Cron } from 'croner';
import { LocalHostError, messageOf } from './LocalHostError.ts';
import { parseTimeSpan } from './timeSpan.ts';

/** When a timer is due. All times are milliseconds since 1970, UTC. */
export interface TimerSchedule {
  /** The first due moment after `afterMs`. */
  next(afterMs: number): number;
  /** True when it can be due more than once a minute: the host keeps no status of such a timer. */
  readonly isSubMinute: boolean;
  /** False for a time span, true for a cron expression: what the host puts into the timer's input. */
  readonly adjustForDst: boolean;
}

const MINUTE_MS = 60_000;
// NCRONTAB knows numbers, names, lists, ranges and steps; cron libraries know more (L, W, #, ?).
const NCRONTAB = /^[\w*,/-]+( [\w*,/-]+){4,5}$/;
const NOT_NCRONTAB = /\d[LW]|(^| )(L|LW|W)( |$)/i;
// Sunday is 0 only.
const DAY_SEVEN = /(^|[,-])7($|[,/-])/;

/**
 * The schedule behind a timer's `schedule`: six-field NCRONTAB (five fields: without seconds), or a time span.
 *
 * In NCRONTAB a day must satisfy both day fields, unlike in cron. Throws `LocalHostError` for anything else.
 */
export function parseSchedule(expression: string): TimerSchedule {
  const fields = expression.trim().split(/\s+/);
  if (fields.length === 1) return intervalSchedule(expression);
  const normal = fields.join(' ');
  if (!NCRONTAB.test(normal) || NOT_NCRONTAB.test(normal) || DAY_SEVEN.test(fields.at(-1) ?? ''))
    throw notRecognized(expression);
  let cron: Cron;
  try {
    cron = new Cron(normal, { timezone: 'UTC', mode: '5-or-6-parts', domAndDow: true, sloppyRanges: true });
  } catch (error) {
    throw notRecognized(expression, messageOf(error));
  }
  const next = (afterMs: number): number => {
    const due = cron.nextRun(new Date(afterMs));
    if (due === null) throw new LocalHostError(`The schedule '${expression}' is never due.`);
    return due.getTime();
  };
  const first = next(Date.now());
  const everyMinute = fields.slice(-5).every((field) => field === '*');
  return {
    next,
    isSubMinute: fields.length === 6 && everyMinute && next(first) - first < MINUTE_MS,
    adjustForDst: true,
  };
}

function intervalSchedule(expression: string): TimerSchedule {
  const intervalMs = parseTimeSpan(expression);
  if (intervalMs === undefined || intervalMs <= 0) throw notRecognized(expression);
  return {
    next: (afterMs) => afterMs + intervalMs,
    isSubMinute: intervalMs < MINUTE_MS,
    adjustForDst: false,
  };
}

function notRecognized(expression: string, why?: string): LocalHostError {
  const detail = why === undefined ? '' : ` (${why})`;
  return new LocalHostError(
    `The schedule expression '${expression}' was not recognized as a valid cron expression or timespan string${detail}.`,
  );
}

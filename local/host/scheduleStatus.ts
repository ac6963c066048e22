import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { asObject } from './appSettings.ts';
import type { TimerSchedule } from './timerSchedule.ts';

/** What is remembered of a monitored timer, in milliseconds since 1970, UTC. */
export interface ScheduleStatus {
  /** When it last ran, undefined before the first run. */
  last: number | undefined;
  next: number;
  lastUpdated: number;
}

/** Keeps the status of monitored timers over a restart. */
export interface ScheduleStatusStore {
  read(functionName: string): Promise<ScheduleStatus | undefined>;
  write(functionName: string, status: ScheduleStatus): Promise<void>;
}

/** The status of each timer in a small file `timers/<function>.json` of the state folder. */
export function createScheduleStatusStore(stateFolder: string): ScheduleStatusStore {
  const folder = path.join(stateFolder, 'timers');
  const fileOf = (functionName: string): string => path.join(folder, `${functionName}.json`);
  return {
    async read(functionName) {
      try {
        return parseStatus(await readFile(fileOf(functionName), 'utf8'));
      } catch {
        // No file, or one that cannot be read: the real host treats both as a timer that has never run.
        return undefined;
      }
    },
    async write(functionName, status) {
      await mkdir(folder, { recursive: true });
      const temporary = `${fileOf(functionName)}.${process.pid}.tmp`;
      await writeFile(temporary, `${JSON.stringify(formatStatus(status), null, 2)}\n`);
      await rename(temporary, fileOf(functionName));
    },
  };
}

interface StartOfTimer {
  status: ScheduleStatus;
  isPastDue: boolean;
  /** True when `status` must be stored. */
  changed: boolean;
}

/**
 * What a stored status means when the host starts: past due when a due moment has gone by since.
 *
 * A schedule that was changed meanwhile is not past due: its next moment is computed afresh.
 * Source: Scheduling/ScheduleMonitor.cs of Azure/azure-webjobs-sdk-extensions
 */
export function resumeSchedule(
  stored: ScheduleStatus | undefined,
  schedule: TimerSchedule,
  nowMs: number,
): StartOfTimer {
  if (stored === undefined) {
    const status = { last: undefined, next: schedule.next(nowMs), lastUpdated: nowMs };
    return { status, isPastDue: false, changed: true };
  }
  const basis = stored.last ?? stored.lastUpdated;
  const expected = schedule.next(basis);
  if (stored.next === expected) return { status: stored, isPastDue: nowMs > stored.next, changed: false };
  const isOver = nowMs > expected;
  const status = {
    last: undefined,
    next: isOver ? schedule.next(nowMs) : expected,
    lastUpdated: isOver ? nowMs : basis,
  };
  return { status, isPastDue: false, changed: true };
}

/** The status in the host's form: ISO 8601 with offset, year 1 for "never". */
export function formatStatus(status: ScheduleStatus): { Last: string; Next: string; LastUpdated: string } {
  const format = (ms: number): string => new Date(ms).toISOString().replace('Z', '+00:00');
  return {
    Last: status.last === undefined ? '0001-01-01T00:00:00+00:00' : format(status.last),
    Next: format(status.next),
    LastUpdated: format(status.lastUpdated),
  };
}

function parseStatus(text: string): ScheduleStatus | undefined {
  const stored = asObject(JSON.parse(text)) ?? {};
  const last = typeof stored.Last === 'string' ? Date.parse(stored.Last) : NaN;
  const next = typeof stored.Next === 'string' ? Date.parse(stored.Next) : NaN;
  const lastUpdated = typeof stored.LastUpdated === 'string' ? Date.parse(stored.LastUpdated) : NaN;
  if (Number.isNaN(next) || Number.isNaN(lastUpdated)) return undefined;
  return { last: last > 0 ? last : undefined, next, lastUpdated };
}

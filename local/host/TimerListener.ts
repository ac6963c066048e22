import type { HostFunction, TimerDetails } from './functionTable.ts';
import type { FunctionRunner } from './FunctionRunner.ts';
import type { HostLog } from './HostLog.ts';
import { messageOf } from './LocalHostError.ts';
import {
  formatStatus,
  resumeSchedule,
  type ScheduleStatus,
  type ScheduleStatusStore,
} from './scheduleStatus.ts';
import type { RpcTypedData } from './workerProtocol.ts';

interface TimerListenerOptions {
  fn: HostFunction;
  timer: TimerDetails;
  runner: FunctionRunner;
  store: ScheduleStatusStore;
  log: HostLog;
}

// The longest delay of setTimeout; a longer one would fire at once.
const MAXIMUM_DELAY_MS = 2 ** 31 - 1;

/**
 * Calls one timer function when it is due.
 *
 * One call at a time; the next due moment is counted from the start of the last call, so moments that pass while it
 * runs collapse into one call right after it. A monitored timer that missed a moment while the host was down is
 * called at once with `isPastDue`.
 * Source: Listener/TimerListener.cs of Azure/azure-webjobs-sdk-extensions
 */
export class TimerListener {
  readonly #options: TimerListenerOptions;
  #status: ScheduleStatus | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: TimerListenerOptions) {
    this.#options = options;
  }

  /** Reads the stored status and starts waiting. */
  async start(): Promise<void> {
    const { fn, timer, store, log } = this.#options;
    const now = Date.now();
    let isPastDue = false;
    let status: ScheduleStatus = { last: undefined, next: timer.schedule.next(now), lastUpdated: now };
    if (timer.useMonitor) {
      const resumed = resumeSchedule(await store.read(fn.name), timer.schedule, now);
      ({ status, isPastDue } = resumed);
      if (resumed.changed) await this.#store(status);
    }
    this.#status = status;
    if (isPastDue) {
      log.about(fn.name, 'info', `Was due at ${new Date(status.next).toISOString()} and runs now (past due)`);
      this.#call(status, true);
    } else if (timer.runOnStartup) {
      this.#call(status, false);
    } else {
      this.#wait(status);
    }
  }

  /** The input for a call that someone asks for, outside the schedule. */
  async inputForManualCall(): Promise<RpcTypedData> {
    const { fn, timer, store } = this.#options;
    return this.#input(timer.useMonitor ? await store.read(fn.name) : undefined, false);
  }

  /** Stops waiting; a call that runs goes on. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #wait(status: ScheduleStatus): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(
      () => {
        // setTimeout may fire a little early, and a long wait comes in pieces.
        if (Date.now() < status.next) this.#wait(status);
        else this.#call(status, false);
      },
      Math.min(Math.max(status.next - Date.now(), 0), MAXIMUM_DELAY_MS),
    );
  }

  #call(status: ScheduleStatus, isPastDue: boolean): void {
    const { fn, timer, runner, log } = this.#options;
    const run = async (): Promise<void> => {
      const calledAt = Date.now();
      const data = this.#input(timer.useMonitor ? this.#status : undefined, isPastDue);
      await runner.runWithRetry(fn, { data, reason: isPastDue ? 'timer, past due' : 'timer' });
      status = { last: calledAt, next: timer.schedule.next(calledAt), lastUpdated: calledAt };
      this.#status = status;
      if (timer.useMonitor) await this.#store(status);
    };
    run()
      .catch((error: unknown) => {
        log.about(fn.name, 'error', `The schedule could not be kept: ${messageOf(error)}`);
      })
      .finally(() => {
        this.#wait(status);
      });
  }

  async #store(status: ScheduleStatus): Promise<void> {
    const { fn, store, log } = this.#options;
    try {
      await store.write(fn.name, status);
    } catch (error) {
      // The write is best effort, as in the real host: without it a missed moment goes unnoticed.
      log.about(fn.name, 'warn', `The timer's status could not be stored: ${messageOf(error)}`);
    }
  }

  #input(status: ScheduleStatus | undefined, isPastDue: boolean): RpcTypedData {
    const { schedule } = this.#options.timer;
    return {
      json: JSON.stringify({
        Schedule: { AdjustForDST: schedule.adjustForDst },
        ScheduleStatus: status === undefined ? null : formatStatus(status),
        IsPastDue: isPastDue,
      }),
    };
  }
}

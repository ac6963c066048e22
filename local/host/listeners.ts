import { findSetting, type Env } from './appSettings.ts';
import type { FunctionInError, HostFunction } from './functionTable.ts';
import type { FunctionRunner, TriggerInput } from './FunctionRunner.ts';
import type { HostConfiguration } from './hostConfiguration.ts';
import type { HostLog } from './HostLog.ts';
import { LocalHostError, messageOf } from './LocalHostError.ts';
import { QueueListener, toQueueInput } from './QueueListener.ts';
import { createScheduleStatusStore } from './scheduleStatus.ts';
import { parseTimeSpan } from './timeSpan.ts';
import { TimerListener } from './TimerListener.ts';

/** Everything that calls functions by itself: timers and queues. */
export interface Listeners {
  start(): Promise<void>;
  /** Starts no more calls; those that run go on. */
  stop(): void;
  /** Resolves when every queue message that was taken is settled. */
  settled(): Promise<void>;
  /** The input of a call that someone asks for through the admin API. */
  inputFor(fn: HostFunction, input: string | undefined): Promise<TriggerInput>;
}

interface ListenersOptions {
  /** A function whose listener cannot be made moves from here to `inError`. */
  functions: HostFunction[];
  inError: FunctionInError[];
  configuration: HostConfiguration;
  settings: Env;
  runner: FunctionRunner;
  log: HostLog;
  stateFolder: string;
}

// As in the real host: a message whose host was killed comes back only after this time.
const DEFAULT_LEASE_MS = 600_000;

/** Makes the listeners of all functions that have one; disabled functions get none. */
export function createListeners(options: ListenersOptions): Listeners {
  const { functions, inError, configuration, runner, log, stateFolder } = options;
  const store = createScheduleStatusStore(stateFolder);
  const leaseMs = readLease(options.settings);
  const timers = new Map<HostFunction, TimerListener>();
  const queues: QueueListener[] = [];
  for (const fn of [...functions]) {
    const { details } = fn;
    try {
      if (details.kind === 'timer')
        timers.set(fn, new TimerListener({ fn, timer: details, runner, store, log }));
      if (details.kind === 'queue' && !fn.disabled) {
        queues.push(
          new QueueListener({ fn, queue: details, options: configuration.queues, leaseMs, runner, log }),
        );
      }
    } catch (error) {
      functions.splice(functions.indexOf(fn), 1);
      inError.push({ name: fn.name, metadata: fn.metadata, error: messageOf(error) });
    }
  }
  return {
    async start() {
      for (const queue of queues) queue.start();
      await Promise.all([...timers].filter(([fn]) => !fn.disabled).map(([, timer]) => timer.start()));
    },
    stop() {
      for (const queue of queues) queue.stopReceiving();
      for (const timer of timers.values()) timer.stop();
    },
    async settled() {
      await Promise.all(queues.map((queue) => queue.settled()));
    },
    async inputFor(fn, input) {
      if (fn.details.kind === 'queue') {
        return toQueueInput(fn.details, { messageText: input ?? '', dequeueCount: 0 }, input ?? '');
      }
      const data = await timers.get(fn)?.inputForManualCall();
      return { data: data ?? {}, reason: 'started through the admin API' };
    },
  };
}

function readLease(settings: Env): number {
  const text = findSetting(settings, 'LOCAL_HOST_QUEUE_LEASE');
  if (text === undefined) return DEFAULT_LEASE_MS;
  const ms = parseTimeSpan(text);
  if (ms === undefined || ms < 1000) {
    throw new LocalHostError(`LOCAL_HOST_QUEUE_LEASE "${text}" is not a time span of at least 00:00:01.`);
  }
  return ms;
}

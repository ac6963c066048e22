import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from './LocalHostError.ts';
import { formatTimeSpan } from './timeSpan.ts';
import { WorkerProcess, type WorkerOptions } from './WorkerProcess.ts';
import type { FunctionMetadata, InvocationOutcome, InvocationRequest } from './workerProtocol.ts';

interface SupervisorOptions extends WorkerOptions {
  /** Undefined: no limit. */
  functionTimeoutMs: number | undefined;
}

const MAXIMUM_CRASHES = 3;
const CRASH_WINDOW_MS = 60_000;
const FIRST_RESTART_DELAY_MS = 100;

/**
 * Keeps one worker process running.
 *
 * An invocation that passes `functionTimeoutMs` fails, and the whole process is replaced: whatever else ran in it
 * fails too, as on the real host. A process that crashes is replaced up to three times a minute; after that `gaveUp`
 * resolves and every invocation fails.
 */
export class WorkerSupervisor {
  /** Resolves with the reason when the app keeps crashing. Never rejects. */
  readonly gaveUp: Promise<string>;
  readonly #options: SupervisorOptions;
  readonly #gaveUp = Promise.withResolvers<string>();
  #worker: WorkerProcess;
  #ready: Promise<unknown>;
  #crashes: number[] = [];
  #stopping = false;
  #running = 0;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.gaveUp = this.#gaveUp.promise;
    this.#worker = new WorkerProcess(options);
    this.#ready = this.#worker.load();
  }

  /** Number of invocations that have not ended, those waiting for a new process included. */
  get running(): number {
    return this.#running;
  }

  /** The functions of the app. Throws `LocalHostError` when the app cannot be loaded; there is no second try then. */
  async load(): Promise<FunctionMetadata[]> {
    const functions = await this.#worker.load();
    this.#watch(this.#worker);
    return functions;
  }

  /** Runs a function; waits for the new process when one is being started. Never rejects. */
  async invoke(request: InvocationRequest): Promise<InvocationOutcome> {
    this.#running += 1;
    try {
      await this.#ready;
      return await this.#invokeWithin(this.#worker, request);
    } catch (error) {
      return { ok: false, error: { name: 'WorkerEndedError', message: messageOf(error) } };
    } finally {
      this.#running -= 1;
    }
  }

  /** Waits up to `graceMs` for running invocations, then ends the process. */
  async stop(graceMs: number): Promise<void> {
    const deadline = Date.now() + graceMs;
    while (this.#running > 0 && Date.now() < deadline) await delay(20);
    this.#stopping = true;
    if (this.#running > 0) {
      this.#worker.kill('The host stopped before the function ended.');
      await this.#worker.ended;
    } else {
      await this.#worker.terminate(2000);
    }
  }

  async #invokeWithin(worker: WorkerProcess, request: InvocationRequest): Promise<InvocationOutcome> {
    const { functionTimeoutMs } = this.#options;
    if (functionTimeoutMs === undefined) return worker.invoke(request);
    const timer = setTimeout(() => {
      const limit = formatTimeSpan(functionTimeoutMs);
      this.#replace(worker, `Timeout value of ${limit} exceeded by function '${request.functionId}'.`);
    }, functionTimeoutMs);
    try {
      return await worker.invoke(request);
    } finally {
      clearTimeout(timer);
    }
  }

  #replace(worker: WorkerProcess, reason: string): void {
    if (worker !== this.#worker || this.#stopping) return;
    this.#options.log.host(
      'error',
      `${reason} The worker process is restarted; what else ran in it fails too.`,
    );
    this.#start(0);
    worker.kill(reason);
  }

  #watch(worker: WorkerProcess): void {
    void worker.ended.then((how) => {
      if (worker !== this.#worker || this.#stopping) return;
      this.#options.log.host('error', `The worker process ended unexpectedly (${how}).`);
      this.#restartAfterCrash();
    });
  }

  #restartAfterCrash(): void {
    const now = Date.now();
    this.#crashes = [...this.#crashes.filter((at) => at > now - CRASH_WINDOW_MS), now];
    if (this.#crashes.length > MAXIMUM_CRASHES) {
      const reason = `The app crashed ${this.#crashes.length} times within a minute; it is not started again.`;
      this.#ready = Promise.reject(new Error(reason));
      this.#ready.catch(() => undefined);
      this.#gaveUp.resolve(reason);
      return;
    }
    this.#start(FIRST_RESTART_DELAY_MS * 2 ** (this.#crashes.length - 1));
  }

  #start(delayMs: number): void {
    const restart = async (): Promise<void> => {
      if (delayMs > 0) await delay(delayMs);
      if (this.#stopping) return;
      this.#worker = new WorkerProcess(this.#options);
      this.#watch(this.#worker);
      try {
        await this.#worker.load();
        this.#options.log.host('info', 'The worker process was restarted.');
      } catch (error) {
        this.#options.log.host('error', messageOf(error));
        // Loading failed but the process may live on (an app that opened a handle): end it, which counts as a crash.
        this.#worker.kill(messageOf(error));
        throw error;
      }
    };
    this.#ready = restart();
    this.#ready.catch(() => undefined);
  }
}

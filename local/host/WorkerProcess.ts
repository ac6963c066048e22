import { fork, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Env } from './appSettings.ts';
import type { HostLog } from './HostLog.ts';
import { toLogLevel } from './HostLog.ts';
import { LocalHostError } from './LocalHostError.ts';
import type {
  FunctionMetadata,
  HostMessage,
  InvocationOutcome,
  InvocationRequest,
  WorkerMessage,
} from './workerProtocol.ts';

/** What a worker process is started with. */
export interface WorkerOptions {
  appFolder: string;
  /** Loaded instead of what package.json `main` matches. */
  entryFile?: string;
  env: Env;
  log: HostLog;
}

const WORKER_FILE = fileURLToPath(new URL('./worker/workerMain.ts', import.meta.url));

/**
 * One child process with the app in it.
 *
 * Every invocation given to it settles: with the function's outcome, or as failed when the process ends first.
 */
export class WorkerProcess {
  /** Settles when the process has ended, with how (`exit code 1`, `signal SIGKILL`). Never rejects. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  readonly #log: HostLog;
  readonly #pending = new Map<string, (outcome: InvocationOutcome) => void>();
  readonly #loaded = Promise.withResolvers<FunctionMetadata[]>();
  // Why the process is ending, where the host knows better than the exit code.
  #endReason: string | undefined;

  constructor(options: WorkerOptions) {
    this.#log = options.log;
    this.#child = fork(WORKER_FILE, [], {
      cwd: options.appFolder,
      env: options.env,
      execArgv: ['--enable-source-maps'],
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#printOutput();
    this.#child.on('message', (message: WorkerMessage) => {
      this.#receive(message);
    });
    this.ended = new Promise((resolve) => {
      const end = (how: string): void => {
        this.#fail(this.#endReason ?? how);
        resolve(how);
      };
      this.#child.once('error', (error) => {
        end(error.message);
      });
      this.#child.once('exit', (code, signal) => {
        end(signal === null ? `exit code ${code ?? 0}` : `signal ${signal}`);
      });
    });
    // `load` hands the rejection on; without a caller there it must not end the host.
    this.#loaded.promise.catch(() => undefined);
    this.#send({
      type: 'load',
      appFolder: options.appFolder,
      ...(options.entryFile === undefined ? {} : { entryFile: options.entryFile }),
    });
  }

  /** Number of invocations that have not ended. */
  get running(): number {
    return this.#pending.size;
  }

  /** The functions the app registered. Throws `LocalHostError` when it cannot be loaded. */
  load(): Promise<FunctionMetadata[]> {
    return this.#loaded.promise;
  }

  /** Runs a function. Never rejects: a function that fails, and a process that ends, are outcomes. */
  invoke(request: InvocationRequest): Promise<InvocationOutcome> {
    return new Promise((resolve) => {
      if (!this.#child.connected) {
        resolve(failed(this.#endReason ?? 'The worker process has ended.'));
        return;
      }
      this.#pending.set(request.invocationId, resolve);
      this.#send({ type: 'invoke', request });
    });
  }

  /** Ends the process at once; what runs in it fails with `reason`. */
  kill(reason: string): void {
    this.#endReason ??= reason;
    this.#child.kill('SIGKILL');
  }

  /** Runs the app's terminate hooks and ends the process; at once when that takes longer than `graceMs`. */
  async terminate(graceMs: number): Promise<void> {
    this.#endReason ??= 'The host is stopping.';
    this.#send({ type: 'terminate' });
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), graceMs);
    await this.ended;
    clearTimeout(timer);
  }

  #send(message: HostMessage): void {
    // The callback takes the error of a channel that is closing; `ended` reports that fact.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  #receive(message: WorkerMessage): void {
    switch (message.type) {
      case 'loaded':
        this.#loaded.resolve(message.functions);
        break;
      case 'loadFailed':
        this.#log.host('debug', message.stack);
        this.#loaded.reject(new LocalHostError(message.message));
        break;
      case 'result':
        this.#pending.get(message.invocationId)?.(message.outcome);
        this.#pending.delete(message.invocationId);
        break;
      case 'fatal':
        this.#endReason ??= `The worker process ended: ${message.message}`;
        this.#log.host('error', `Uncaught exception in the app: ${message.message}`);
        this.#log.host('debug', message.stack);
        break;
      case 'log':
        this.#printLog(message);
        break;
    }
  }

  #printLog(message: Extract<WorkerMessage, { type: 'log' }>): void {
    const level = toLogLevel(message.level);
    if (message.functionName === undefined) this.#log.host(level, message.message);
    else this.#log.about(message.functionName, level, message.message);
  }

  // What the app prints by itself, as the real host takes it over.
  #printOutput(): void {
    const { stdout, stderr } = this.#child;
    if (stdout !== null) {
      createInterface(stdout).on('line', (line) => {
        this.#log.host('info', `app: ${line}`);
      });
    }
    if (stderr !== null) {
      createInterface(stderr).on('line', (line) => {
        this.#log.host('warn', `app: ${line}`);
      });
    }
  }

  #fail(reason: string): void {
    this.#loaded.reject(new LocalHostError(`The app ended while it was loading (${reason}).`));
    for (const settle of this.#pending.values()) settle(failed(reason));
    this.#pending.clear();
  }
}

function failed(message: string): InvocationOutcome {
  return { ok: false, error: { name: 'WorkerEndedError', message } };
}

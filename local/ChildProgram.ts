import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { StartError } from './StartError.ts';

const STOP_TIMEOUT_MS = 15_000;
const KEPT_ERROR_BYTES = 4_000;

export interface ChildProgramInit {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Takes what the program prints; absent: it is dropped. */
  readonly output?: Writable;
}

/** A program that this process started and stops again. */
export class ChildProgram {
  readonly name: string;
  readonly #child: ChildProcess;
  #errors = '';

  constructor({ name, command, args, env, output }: ChildProgramInit) {
    this.name = name;
    // A group of its own: Ctrl-C reaches this process only, which then stops its children in order.
    this.#child = spawn(command, args, { env, detached: true, stdio: ['pipe', 'pipe', 'pipe', 'ipc'] });
    this.#child.stderr?.on('data', (data: Buffer) => {
      this.#errors = `${this.#errors}${data.toString('utf8')}`.slice(-KEPT_ERROR_BYTES);
      output?.write(data);
    });
    if (output) this.#child.stdout?.pipe(output, { end: false });
    // A child that is gone cannot be written to; its exit is what matters.
    this.#child.stdin?.on('error', () => undefined);
  }

  /** Rejects when the program ends; use it beside whatever else is awaited. */
  async ended(): Promise<never> {
    if (this.isRunning) {
      await Promise.race([
        once(this.#child, 'exit'),
        once(this.#child, 'error').then(([error]) => Promise.reject(error as Error)),
      ]);
    }
    throw new StartError(`${this.name} ended. ${this.#errors.trim()}`.trim());
  }

  /** The first message that the program sends to its parent, or its first line that is JSON. */
  async ready(): Promise<unknown> {
    const message = once(this.#child, 'message').then(([first]: unknown[]) => first);
    return await Promise.race([message, this.#firstJsonLine(), this.ended()]);
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null && this.#child.pid !== undefined;
  }

  async stop(): Promise<void> {
    if (!this.isRunning) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  }

  async #firstJsonLine(): Promise<unknown> {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    let text = '';
    this.#child.stdout?.on('data', (data: Buffer) => {
      text += data.toString('utf8');
      const line = text
        .split('\n')
        .find((candidate, index, lines) => index < lines.length - 1 && candidate.startsWith('{'));
      if (line !== undefined) resolve(JSON.parse(line));
    });
    return await promise;
  }
}

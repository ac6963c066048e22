import { randomBytes, randomUUID } from 'node:crypto';
import type { HostFunction } from './functionTable.ts';
import type { HostLog } from './HostLog.ts';
import { runWithRetry } from './retryPolicy.ts';
import type { InvocationOutcome, InvocationRequest, RpcTypedData } from './workerProtocol.ts';

/** What a trigger hands to its function. */
export interface TriggerInput {
  data: RpcTypedData;
  triggerMetadata?: Record<string, RpcTypedData>;
  /** The caller's W3C trace parent, continued in the invocation. */
  traceParent?: string | undefined;
  /** Why the function runs, for the log: `timer`, `queue alerts`, `POST /api/x`. */
  reason: string;
}

interface RunnerOptions {
  invoke: (request: InvocationRequest) => Promise<InvocationOutcome>;
  log: HostLog;
}

/** Runs functions and logs how each call ended: success at debug only, a failure in one line. */
export class FunctionRunner {
  readonly #invoke: RunnerOptions['invoke'];
  readonly #log: HostLog;
  readonly #stopping = new AbortController();

  constructor(options: RunnerOptions) {
    this.#invoke = options.invoke;
    this.#log = options.log;
  }

  /** From now on a failed call is not repeated. */
  stopRetrying(): void {
    this.#stopping.abort();
  }

  /** One call of the function, without its retry policy. Never rejects. */
  async run(
    fn: HostFunction,
    input: TriggerInput,
    retryContext?: InvocationRequest['retryContext'],
  ): Promise<InvocationOutcome> {
    const invocationId = randomUUID();
    const started = performance.now();
    this.#log.about(fn.name, 'debug', `Executing (${input.reason}, Id=${invocationId})`);
    const outcome = await this.#invoke({
      invocationId,
      functionId: fn.metadata.functionId ?? fn.metadata.name,
      inputData: [{ name: fn.trigger.name, data: input.data }],
      triggerMetadata: input.triggerMetadata ?? {},
      traceContext: { traceParent: continueTrace(input.traceParent), traceState: '', attributes: {} },
      ...(retryContext === undefined ? {} : { retryContext }),
    });
    const took = `${Math.round(performance.now() - started)}ms`;
    if (outcome.ok) {
      this.#log.about(fn.name, 'debug', `Executed (Succeeded, Id=${invocationId}, ${took})`);
    } else {
      const { name, message, code, stack } = outcome.error;
      const label = code === undefined ? name : `${name}, ${code}`;
      this.#log.about(fn.name, 'error', `Failed after ${took}: ${message} (${label})`);
      this.#log.about(
        fn.name,
        'debug',
        `Executed (Failed, Id=${invocationId}, ${took}): ${stack ?? message}`,
      );
    }
    return outcome;
  }

  /** A call, repeated by the function's retry policy while it fails. Never rejects. */
  runWithRetry(fn: HostFunction, input: TriggerInput): Promise<InvocationOutcome> {
    return runWithRetry({
      policy: fn.retry,
      signal: this.#stopping.signal,
      run: (retryContext) => this.run(fn, input, retryContext),
      onRetry: (delayMs, attempt) => {
        const limit = fn.retry?.maxRetryCount === -1 ? '' : ` of ${fn.retry?.maxRetryCount ?? 0}`;
        this.#log.about(fn.name, 'warn', `Retry ${attempt}${limit} in ${Math.round(delayMs)}ms`);
      },
    });
  }
}

function continueTrace(traceParent: string | undefined): string {
  const match = /^00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})$/.exec(traceParent ?? '');
  const traceId = match?.[1] ?? randomBytes(16).toString('hex');
  return `00-${traceId}-${randomBytes(8).toString('hex')}-${match?.[2] ?? '00'}`;
}

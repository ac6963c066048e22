import { createHash, randomInt } from 'node:crypto';
import type { AnsweredRequest } from './ActionRequests.ts';
import type { TimeoutStatus } from './ActionResult.ts';
import type { IdHeader } from './headers.ts';
import type { RequestLimit } from './RequestLimit.ts';
import type { ActionSettings } from './runAction.ts';
import { realTime, type WorkflowTime } from './Time.ts';
import { WorkflowRun } from './WorkflowRun.ts';

export type {
  ActionOutputs,
  ActionResult,
  RequestFailure,
  RequestRecord,
  TimeoutStatus,
} from './ActionResult.ts';
export type { AnsweredRequest } from './ActionRequests.ts';
export type { IdHeader } from './headers.ts';
export type { HttpAction, RetryPolicy } from './HttpAction.ts';
export type { RequestLimit } from './RequestLimit.ts';
export { createScaledTime, realTime, type WorkflowTime } from './Time.ts';
export type { WorkflowRun } from './WorkflowRun.ts';

/** How a logic app behaves. */
export interface LogicAppsOptions {
  /** @default 'respond-to-alert' */
  readonly workflowName?: string;
  /** Region of the logic app. @default 'westeurope' */
  readonly location?: string;
  /** @default the host's time */
  readonly time?: WorkflowTime;
  /**
   * Of each single request and poll. With scaled time, or with branches in parallel on a clock that jumps, give `realMs`:
   * what the functions need in real milliseconds is not theirs to scale.
   *
   * @default { ms: 120_000 }, the limit of the Consumption plan; Standard has 235_000
   */
  readonly requestLimit?: RequestLimit;
  /**
   * The ids that are new for each request of an action, retries and polls included; which ones are is not documented.
   *
   * @default all but the ids of the run: `x-ms-workflow-run-id` and `x-ms-client-tracking-id` stay
   */
  readonly changingHeaders?: readonly IdHeader[];
  /** Whether a poll that fails is tried again as the action's own request is; not documented. @default false */
  readonly retryPolls?: boolean;
  /** A number from 0 up to 1 for the waits of an exponential retry policy. @default () => 0.5 */
  readonly random?: () => number;
  /** How an action ends that reached `limit.timeout`; not settled by the documentation. @default 'TimedOut' */
  readonly timeoutStatus?: TimeoutStatus;
  /** Called for each complete answer; true loses it: the service has done its work, the logic app sees a broken connection. */
  readonly loseAnswer?: (answer: AnsweredRequest) => boolean;
}

/** How a run begins. */
export interface RunOptions {
  /** @default a new id in the form of Logic Apps' own */
  readonly runId?: string;
  /** `x-ms-client-tracking-id`. @default the run id */
  readonly clientTrackingId?: string;
}

/**
 * A logic app as the functions see it: HTTP actions with the headers, limits, retries and polling that Microsoft documents.
 *
 * Sources: https://learn.microsoft.com/azure/connectors/connectors-native-http,
 * https://learn.microsoft.com/azure/logic-apps/error-exception-handling,
 * https://learn.microsoft.com/azure/logic-apps/logic-apps-create-api-app
 */
export class LogicAppsClient {
  readonly #workflowName: string;
  readonly #location: string;
  readonly #settings: ActionSettings;

  constructor(options: LogicAppsOptions = {}) {
    this.#workflowName = options.workflowName ?? 'respond-to-alert';
    this.#location = options.location ?? 'westeurope';
    this.#settings = {
      time: options.time ?? realTime,
      requestLimit: options.requestLimit ?? { ms: 120_000 },
      changingHeaders: options.changingHeaders ?? [
        'x-ms-tracking-id',
        'x-ms-correlation-id',
        'x-ms-client-request-id',
        'x-ms-action-tracking-id',
      ],
      retryPolls: options.retryPolls ?? false,
      random: options.random ?? (() => 0.5),
      timeoutStatus: options.timeoutStatus ?? 'TimedOut',
      loseAnswer: options.loseAnswer ?? (() => false),
    };
  }

  /** A run of the workflow; all its actions share the run id. */
  startRun({ runId = createRunId(), clientTrackingId = runId }: RunOptions = {}): WorkflowRun {
    const workflow = createHash('sha256').update(this.#workflowName).digest('hex');
    return new WorkflowRun(
      {
        workflowId: workflow.slice(0, 32),
        workflowVersion: `0858${BigInt(`0x${workflow.slice(32, 48)}`)
          .toString()
          .padStart(20, '0')
          .slice(-16)}`,
        workflowName: this.#workflowName,
        location: this.#location,
        runId,
        clientTrackingId,
      },
      this.#settings,
    );
  }
}

/** Such as `08586611142736787787412824395CU21`. */
function createRunId(): string {
  const digits = Array.from({ length: 25 }, () => randomInt(10)).join('');
  return `0858${digits}CU${String(randomInt(100)).padStart(2, '0')}`;
}

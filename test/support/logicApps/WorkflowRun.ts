import type { ActionResult, TimeoutStatus } from './ActionResult.ts';
import type { Origin } from './headers.ts';
import type { HttpAction } from './HttpAction.ts';
import { runAction, type ActionSettings } from './runAction.ts';

/** How a loop runs. */
export interface ForeachOptions {
  /** Iterations at the same time, 1 to 50. @default 20 */
  readonly concurrency?: number;
}

/** One run of a workflow. */
export class WorkflowRun {
  readonly #origin: Omit<Origin, 'actionName'>;
  readonly #settings: ActionSettings;

  constructor(origin: Omit<Origin, 'actionName'>, settings: ActionSettings) {
    this.#origin = origin;
    this.#settings = settings;
  }

  /** `x-ms-workflow-run-id` of every request of this run. */
  get runId(): string {
    return this.#origin.runId;
  }

  /** How an action of this run ends that reached `limit.timeout`. */
  get timeoutStatus(): TimeoutStatus {
    return this.#settings.timeoutStatus;
  }

  /** Runs an HTTP action. A failure is a result; only what no workflow could hold is thrown, such as a relative URI. */
  http(actionName: string, action: HttpAction): Promise<ActionResult> {
    return runAction(action, { ...this.#origin, actionName }, this.#settings);
  }

  /**
   * Runs the same action for each item, in parallel; the results have the order of the items. The requests of all iterations
   * carry the same run id and the same action name.
   *
   * Source: https://learn.microsoft.com/azure/logic-apps/logic-apps-control-flow-loops
   */
  async foreach<Item>(
    actionName: string,
    items: readonly Item[],
    toAction: (item: Item, index: number) => HttpAction,
    { concurrency = 20 }: ForeachOptions = {},
  ): Promise<ActionResult[]> {
    if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 50)
      throw new RangeError(`A loop has 1 to 50 iterations at the same time, not ${concurrency}.`);
    const results: ActionResult[] = [];
    const waiting = items.entries();
    const work = async (): Promise<void> => {
      for (const [index, item] of waiting)
        results[index] = await this.http(actionName, toAction(item, index));
    };
    await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, work));
    return results;
  }
}

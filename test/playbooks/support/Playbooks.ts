import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { TimeoutStatus, WorkflowTime } from '../../support/logicApps/LogicAppsClient.ts';
import { json, startServer, type TestServer } from '../../support/startServer.ts';
import type { Definition } from '../../support/workflow/Definition.ts';
import type { Authenticate, SentRequest } from '../../support/workflow/Run.ts';
import { runWorkflow, type WorkflowResult } from '../../support/workflow/runWorkflow.ts';
import { startCallbacks } from '../../support/workflow/startCallbacks.ts';
import { Api } from '../../e2e/support/Api.ts';
import { Devices } from '../../e2e/support/Devices.ts';
import { type Functions, System } from '../../e2e/support/System.ts';
import { findDepartures } from './findDepartures.ts';
import { IDENTITY_ID, type PlaybookName, readPlaybook } from './readPlaybook.ts';

/** What a run of a test differs in. */
export interface PlaybookRun {
  /** @default the functions of `Playbooks.start` */
  readonly apiUrl?: string;
  /** @default the playbook's usual parameters */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Seconds of Defender for each second of the workflow. @default 20 */
  readonly factor?: number;
  /** In place of the hours that the playbook waits for the end of an action. */
  readonly waitFor?: string;
  /** How actions end that reach their limit. @default 'TimedOut' */
  readonly timeoutStatus?: TimeoutStatus;
  /** Of the simulated directory. @default 'playbooks' */
  readonly as?: string;
  /** Actions whose first answer is lost on its way. */
  readonly loseFirstAnswerOf?: readonly string[];
}

/** A playbook with everything around it: the app on the local host, the simulator, and who is told of the outcome. */
export class Playbooks {
  readonly system: System;
  readonly devices: Devices;
  readonly api: Api;
  /** Takes outcomes and requests for approval. */
  readonly receiver: TestServer;
  readonly functions: Functions;
  readonly apiUrl: string;
  /** What all runs so far sent to the app. */
  readonly sent: SentRequest[] = [];
  readonly #definition: Definition;
  readonly #name: PlaybookName;
  readonly #callbacks: Awaited<ReturnType<typeof startCallbacks>>;

  private constructor(
    name: PlaybookName,
    parts: {
      system: System;
      receiver: TestServer;
      callbacks: Awaited<ReturnType<typeof startCallbacks>>;
      functions: Functions;
    },
  ) {
    this.#name = name;
    this.#definition = readPlaybook(name);
    this.system = parts.system;
    this.receiver = parts.receiver;
    this.#callbacks = parts.callbacks;
    this.functions = parts.functions;
    this.apiUrl = parts.functions.host.url;
    this.api = new Api(parts.system, this.apiUrl);
    this.devices = new Devices(parts.system);
  }

  static async start(
    name: PlaybookName,
    toSettings: (system: System) => Readonly<Record<string, string>> = () => ({}),
  ): Promise<Playbooks> {
    const [system, receiver, callbacks] = await Promise.all([
      System.start(),
      startServer(json(200, {})),
      startCallbacks(),
    ]);
    const functions = await system.startFunctions({
      OPERATION_POLL_INTERVAL: 'PT1S',
      // A managed identity's token cannot be renewed when the services' clock moves by hours.
      DEFENDER_CREDENTIAL: 'clientSecret',
      ...toSettings(system),
    });
    const playbooks = new Playbooks(name, { system, receiver, callbacks, functions });
    // Before the clock of the services moves: the app would take later tokens for tokens of the future.
    await Promise.all(['playbooks', 'hunters', 'reports'].map((caller) => playbooks.api.tokenOf(caller)));
    return playbooks;
  }

  /** Runs the playbook to its end, as Logic Apps would. */
  async run(triggerBody: unknown, options: PlaybookRun = {}): Promise<WorkflowResult> {
    const { apiUrl = this.apiUrl, factor = 20, as = 'playbooks' } = options;
    const result = await runWorkflow(withWait(this.#definition, options.waitFor), {
      workflowName: this.#name,
      parameters: {
        apiUrl,
        apiAudience: this.system.simulator.company.apiAudience,
        ...this.#usualParameters(),
        ...options.parameters,
      },
      triggerBody,
      authenticate: this.#authenticateAs(as),
      callbacks: this.#callbacks,
      time: apiUrl === this.apiUrl ? this.#createTime(factor) : instantTime(),
      loseAnswer: ({ actionName, kind }) =>
        kind === 'first' && options.loseFirstAnswerOf?.includes(actionName) === true,
      requestLimit: { ms: 120_000, realMs: 30_000 },
      ...(options.timeoutStatus ? { timeoutStatus: options.timeoutStatus } : {}),
    });
    const toApp = result.sent.filter(({ request }) => request.uri.startsWith(`${apiUrl}/api/`));
    this.sent.push(...toApp);
    return result;
  }

  /** The outcomes that were posted, oldest first, and forgets them. */
  takeOutcomes(): Record<string, unknown>[] {
    return this.#take('/outcomes');
  }

  /** What approvers were asked, oldest first, and forgets it. */
  takeQuestions(): Record<string, unknown>[] {
    return this.#take('/approvals');
  }

  /** Makes `receiver` stand for functions that accept everything and are never done. @returns their URL */
  startEndless(): string {
    this.receiver.answerWith((response, { path }) => {
      const accepted = { location: `${this.receiver.url}/api/operations/1/result` };
      if (path.startsWith('/api/')) response.writeHead(202, accepted).end();
      else response.writeHead(200).end();
    });
    return this.receiver.url;
  }

  /** Fails when a request to the app is not what the OpenAPI document describes, or an HTTP action was never run. @param actions all that call the app. */
  async expectDescribedRequests(actions: readonly string[]): Promise<void> {
    const { body: document } = await this.api.get('/api/openapi.json');
    expect([...new Set(this.sent.map(({ action }) => action))].sort()).toEqual([...actions].sort());
    for (const { action, request } of this.sent)
      expect(findDepartures(document, request), `${action} ${request.method} ${request.uri}`).toEqual([]);
  }

  async stop(): Promise<void> {
    await Promise.all([this.receiver.close(), this.#callbacks.close()]);
    await this.system.stop();
  }

  #usualParameters(): Record<string, string> {
    const urls = {
      outcomeUrl: `${this.receiver.url}/outcomes?sig=CANARY-outcome-signature`,
      approvalUrl: `${this.receiver.url}/approvals?sig=CANARY-approval-signature`,
    };
    return Object.fromEntries(
      Object.entries(urls).filter(([name]) => Object.hasOwn(this.#definition.parameters, name)),
    );
  }

  #take(path: string): Record<string, unknown>[] {
    const found = this.receiver.requests.filter((request) => request.path.startsWith(path));
    const rest = this.receiver.requests.filter((request) => !request.path.startsWith(path));
    this.receiver.requests.splice(0, Infinity, ...rest);
    return found.map(({ body }) => JSON.parse(body.toString('utf8')) as Record<string, unknown>);
  }

  /** The token of the playbooks' identity, for the app's own API and nothing else. */
  #authenticateAs(name: string): Authenticate {
    return async ({ identity, audience }) => {
      expect({ identity, audience }).toEqual({
        identity: IDENTITY_ID,
        audience: this.system.simulator.company.apiAudience,
      });
      return await this.api.tokenOf(name);
    };
  }

  #createTime(factor: number): WorkflowTime {
    let now = Date.parse('2026-11-21T12:00:00Z');
    return {
      now: () => now,
      sleep: async (ms) => {
        now += ms;
        await this.system.advance((ms / 1000) * factor);
        // Defender is asked about an operation once in a second at most.
        await delay(1_050);
      },
    };
  }
}

/** Both ways in which an action may end that reaches its limit. */
export const timeoutStatuses: readonly TimeoutStatus[] = ['TimedOut', 'Cancelled'];

/** A definition with another limit for the end of an action. */
function withWait(definition: Definition, waitFor: string | undefined): Definition {
  if (waitFor === undefined) return definition;
  return JSON.parse(JSON.stringify(definition).replaceAll('"PT4H"', JSON.stringify(waitFor))) as Definition;
}

/** For runs that reach no service: waits take no time. */
function instantTime(): WorkflowTime {
  let now = Date.parse('2026-11-21T12:00:00Z');
  return {
    now: () => now,
    sleep: (ms) => {
      now += ms;
      return Promise.resolve();
    },
  };
}

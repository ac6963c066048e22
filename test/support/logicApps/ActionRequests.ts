import type { RequestFailure, RequestRecord } from './ActionResult.ts';
import type { ActionTime } from './ActionTime.ts';
import { toSentContent, type SentContent } from './content.ts';
import { createTrackingHeaders, toSentHeaders, type IdHeader, type Origin } from './headers.ts';
import type { HttpAction } from './HttpAction.ts';
import { withinLimit, type RequestLimit } from './RequestLimit.ts';
import { sendRequest, type IncomingAnswer } from './sendRequest.ts';
import type { WorkflowTime } from './Time.ts';

/** What the requests of an action are sent with. */
export interface RequestSettings {
  readonly time: WorkflowTime;
  readonly requestLimit: RequestLimit;
  readonly changingHeaders: readonly IdHeader[];
  /** Called for each answer that has come in completely; true loses it. */
  readonly loseAnswer: (answer: AnsweredRequest) => boolean;
}

/** A request that the service has carried out. */
export interface AnsweredRequest {
  readonly actionName: string;
  readonly runId: string;
  readonly kind: RequestRecord['kind'];
  /** 1 for the action's first request, 2 for its first retry; polls are counted on their own, from 1. */
  readonly number: number;
  readonly method: string;
  readonly url: string;
  readonly statusCode: number;
}

/** An answer, or why there is none. */
export type RequestOutcome =
  | { readonly answer: IncomingAnswer; readonly failure: undefined }
  | { readonly answer: undefined; readonly failure: RequestFailure };

/** Sends the requests of one action and keeps a record of each. */
export class ActionRequests {
  readonly records: RequestRecord[] = [];
  readonly #action: HttpAction;
  readonly #origin: Origin;
  readonly #settings: RequestSettings;
  readonly #actionTime: ActionTime;
  readonly #url: string;
  readonly #headers: Record<string, string>;
  readonly #content: SentContent | undefined;
  readonly #createTrackingHeaders: () => Record<string, string>;
  #waitedMs = 0;

  constructor({ action, origin, settings, actionTime }: ActionRequestsInit) {
    this.#action = action;
    this.#origin = origin;
    this.#settings = settings;
    this.#actionTime = actionTime;
    this.#url = toUrl(action);
    this.#headers = toSentHeaders(action.headers);
    // Made once: a retry sends the same bytes.
    this.#content = toSentContent(action.body);
    this.#createTrackingHeaders = createTrackingHeaders(origin, settings.changingHeaders);
  }

  /** How often the action's own request was sent. */
  get attempts(): number {
    return this.records.filter(({ kind }) => kind !== 'poll').length;
  }

  /** Waits; throws `ActionTimedOut`. */
  async sleep(ms: number): Promise<void> {
    this.#waitedMs += ms;
    await this.#actionTime.sleep(ms);
  }

  /** Sends the action's own request; throws `ActionTimedOut`. */
  sendAction(): Promise<RequestOutcome> {
    const type = this.#content === undefined ? {} : { 'content-type': this.#content.contentType };
    return this.#send({
      kind: this.attempts === 0 ? 'first' : 'retry',
      method: this.#action.method,
      url: this.#url,
      headers: { ...type, ...this.#headers },
      body: this.#content?.bytes,
    });
  }

  /** Asks a `Location`; throws `ActionTimedOut`. That an action's own headers go along is not documented: they do not. */
  sendPoll(url: string): Promise<RequestOutcome> {
    return this.#send({ kind: 'poll', method: 'GET', url, headers: {}, body: undefined });
  }

  async #send(order: RequestOrder): Promise<RequestOutcome> {
    const { time } = this.#settings;
    const token = await this.#action.authentication?.();
    const headers: Record<string, string> = {
      ...order.headers,
      ...this.#createTrackingHeaders(),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    const sentAtMs = time.now();
    const limited = await withinLimit(time, this.#getLimit(), (signal) =>
      sendRequest({ ...order, headers, signal }),
    );
    // A wrong header or URL is a mistake in the test, not a broken connection.
    if (limited.kind === 'failed' && limited.error instanceof TypeError) throw limited.error;
    const answer = limited.kind === 'done' ? limited.value : undefined;
    const failure = limited.kind === 'done' ? this.#findLoss(order, limited.value) : failures[limited.kind];
    const { authorization, ...recorded } = headers;
    this.records.push({
      kind: order.kind,
      method: order.method,
      url: order.url,
      headers: recorded,
      hasToken: authorization !== undefined,
      sentAtMs,
      waitedMs: this.#waitedMs,
      statusCode: answer?.statusCode,
      failure,
    });
    this.#waitedMs = 0;
    if (limited.kind === 'timedOut') await time.sleep(limited.owedMs);
    this.#actionTime.add(limited.tookMs);
    return answer !== undefined && failure === undefined
      ? { answer, failure }
      : { answer: undefined, failure: failure ?? 'connectionFailed' };
  }

  /** The limit of the action ends a request too. */
  #getLimit(): RequestLimit {
    const { requestLimit } = this.#settings;
    return { ...requestLimit, ms: Math.min(requestLimit.ms, this.#actionTime.remainingMs) };
  }

  #findLoss({ kind, method, url }: RequestOrder, { statusCode }: IncomingAnswer): RequestFailure | undefined {
    const isPoll = kind === 'poll';
    const before = this.records.filter((record) => (record.kind === 'poll') === isPoll).length;
    const { actionName, runId } = this.#origin;
    const answered = { actionName, runId, kind, number: before + 1, method, url, statusCode };
    return this.#settings.loseAnswer(answered) ? 'answerLost' : undefined;
  }
}

/** The action that the requests belong to. */
export interface ActionRequestsInit {
  readonly action: HttpAction;
  readonly origin: Origin;
  readonly settings: RequestSettings;
  readonly actionTime: ActionTime;
}

interface RequestOrder {
  readonly kind: RequestRecord['kind'];
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer | undefined;
}

const failures = { failed: 'connectionFailed', timedOut: 'timedOut' } as const;

function toUrl({ uri, queries = {} }: HttpAction): string {
  const url = new URL(uri);
  for (const [name, value] of Object.entries(queries)) url.searchParams.append(name, String(value));
  return url.href;
}

import { DefenderClient } from '../../src/defender/DefenderClient.ts';
import type { Clock } from '../../src/runtime/Clock.ts';

/** How an action will go, fixed when it is created. Milliseconds. */
export interface ModelPlan {
  readonly pendingMs: number;
  readonly runMs: number;
  readonly outcome: 'Succeeded' | 'Failed' | 'TimeOut';
  /** Once it is in progress; a pending one can always be cancelled. */
  readonly isCancellable: boolean;
  /** How long lists and reads do not show it. */
  readonly hiddenMs: number;
}

export interface ModelAction {
  readonly id: string;
  readonly type: string;
  readonly machineId: string;
  readonly scope: string | undefined;
  readonly requestorComment: string;
  readonly createdAt: number;
  readonly plan: ModelPlan;
  status: string;
  updatedAt: number;
  cancellationComment: string | undefined;
}

export interface ModelDevice {
  readonly id: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** The last action that took effect decides. */
  isIsolated: boolean;
}

/** One call, as Defender understands it. */
export interface ModelCall {
  readonly kind: 'findDevices' | 'listActions' | 'readAction' | 'isolate' | 'unisolate' | 'cancel';
  /** The machine or the machine action that it is about; the filter for `findDevices`. */
  readonly about: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly at: number;
  /** Whose token came with it. */
  readonly by: string;
}

/** What goes wrong with a call. */
export type ModelFault =
  /** Never arrives. */
  | 'lostThere'
  /** Is carried out, and nobody hears of it. */
  | 'lostBack'
  | {
      readonly status: number;
      readonly code?: string;
      readonly message?: string;
      readonly retryAfterSeconds?: number;
    };

/** What a caller's process meets on its way to Defender and back: takes time, or throws to die. */
export interface ModelWay {
  there?(call: ModelCall): Promise<void>;
  back?(call: ModelCall): Promise<void>;
}

const SECOND_MS = 1_000;
const TIME_OUT_HRESULT = -2_145_844_840;
const CANCELLED_HRESULT = -2_147_467_260;
const FAILED_HRESULT = -2_147_467_259;

/** An action on a device that is online and does what it is told. */
export const PROMPT_PLAN: ModelPlan = {
  pendingMs: 2 * SECOND_MS,
  runMs: 3 * SECOND_MS,
  outcome: 'Succeeded',
  isCancellable: false,
  hiddenMs: 0,
};

/** An action on a device that never comes back. */
export const OFFLINE_PLAN: ModelPlan = {
  ...PROMPT_PLAN,
  pendingMs: 3 * 24 * 3_600 * SECOND_MS,
  runMs: 0,
  outcome: 'TimeOut',
};

/**
 * Defender's machines and machine actions in memory, as far as isolating and releasing goes, with the truth beside what it
 * shows. Sources: https://learn.microsoft.com/defender-endpoint/api/machineaction, .../isolate-machine, .../unisolate-machine
 */
export class DefenderModel {
  readonly devices = new Map<string, ModelDevice>();
  readonly actions: ModelAction[] = [];
  /** Everything that arrived, oldest first. */
  readonly calls: ModelCall[] = [];
  /** Actions in the order in which they took effect. */
  readonly effects: ModelAction[] = [];
  /** How the next action will go. */
  plan: (call: ModelCall) => Partial<ModelPlan> = () => ({});
  fault: (call: ModelCall) => ModelFault | undefined = () => undefined;
  /** What a second action of a type gets while one is open; all three were seen. */
  duplicates: 'refuse' | 'return' | 'accept' = 'refuse';
  readonly #clock: Clock;
  #created = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Adds a device; by default an active workstation. */
  add(id: string, properties: Readonly<Record<string, unknown>> = {}): ModelDevice {
    const device = { id, properties: { ...WORKSTATION, id, ...properties }, isIsolated: false };
    this.devices.set(id, device);
    return device;
  }

  /** An action that somebody asks for in the portal. */
  begin(type: 'Isolate' | 'Unisolate', machineId: string, comment = 'by hand'): ModelAction {
    const kind = type === 'Isolate' ? 'isolate' : 'unisolate';
    return this.#create({
      kind,
      about: machineId,
      body: { Comment: comment },
      at: this.#clock.now(),
      by: 'portal',
    });
  }

  /** The POSTs that asked for an action and arrived. */
  asked(): ModelCall[] {
    return this.calls.filter(({ kind }) => kind === 'isolate' || kind === 'unisolate');
  }

  /** Brings everything to the present. */
  settle(): void {
    for (;;) {
      const [next] = this.actions
        .flatMap((action) => dueStep(action, this.#clock.now()))
        .sort((a, b) => a.at - b.at);
      if (!next) return;
      this.#apply(next);
    }
  }

  /** The client of one process. @param by as whom it calls. */
  client(way: ModelWay = {}, by = 'app'): DefenderClient {
    return new DefenderClient({
      url: 'https://defender.example',
      audience: 'https://api.securitycenter.microsoft.com',
      tokens: { getToken: () => Promise.resolve(by) },
      requestTimeoutMs: 60 * SECOND_MS,
      fetch: async (url, init) => {
        // The client gives text, never a Request.
        const call = parseCall(url as string, init, this.#clock.now());
        await way.there?.(call);
        const fault = this.fault(call);
        if (fault === 'lostThere') throw new TypeError('fetch failed');
        const response = typeof fault === 'object' ? refuse(fault) : this.#answer(call);
        await way.back?.(call);
        if (fault === 'lostBack') throw new TypeError('fetch failed');
        return response;
      },
    });
  }

  #apply({ action, status, at }: DueStep): void {
    action.status = status;
    action.updatedAt = at;
    if (status !== 'Succeeded') return;
    this.effects.push(action);
    const device = this.devices.get(action.machineId);
    if (device) device.isIsolated = action.type === 'Isolate';
  }

  #answer(call: ModelCall): Response {
    this.settle();
    this.calls.push(call);
    const { kind, about } = call;
    switch (kind) {
      case 'findDevices': {
        const [, property = '', value = ''] = /^(\w+) eq '?([^']*)'?$/.exec(about) ?? [];
        const machines = [...this.devices.values()].map(({ properties }) => properties);
        return json(200, { value: machines.filter((machine) => machine[property] === value) });
      }
      case 'listActions': {
        const value = this.actions.filter(({ machineId }) => machineId === about);
        return json(200, { value: value.filter((one) => this.#isShown(one)).map(toRecord) });
      }
      case 'readAction': {
        const action = this.actions.find(({ id }) => id === about);
        return action && this.#isShown(action) ? json(200, toRecord(action)) : notFound();
      }
      case 'cancel':
        return this.#cancel(call);
      case 'isolate':
      case 'unisolate':
        return this.#begin(call);
    }
  }

  #isShown({ createdAt, plan }: ModelAction): boolean {
    return this.#clock.now() >= createdAt + plan.hiddenMs;
  }

  #begin(call: ModelCall): Response {
    if (!this.devices.has(call.about)) return notFound();
    const open = this.actions.find(
      (action) => action.machineId === call.about && action.type === typeOf(call) && isOpen(action),
    );
    if (open && this.duplicates === 'return') return json(201, toRecord(open));
    if (open && this.duplicates === 'refuse') {
      return refuse({
        status: 400,
        code: 'ActiveRequestAlreadyExists',
        message: 'Action is already in progress',
      });
    }
    return json(201, toRecord(this.#create(call)));
  }

  #create(call: ModelCall): ModelAction {
    this.#created += 1;
    const { Comment: comment, IsolationType: scope = 'Full' } = call.body as Record<string, string>;
    const action: ModelAction = {
      id: `00000000-0000-4000-8000-${String(this.#created).padStart(12, '0')}`,
      type: typeOf(call),
      machineId: call.about,
      scope: call.kind === 'isolate' ? scope : undefined,
      requestorComment: comment ?? '',
      createdAt: this.#clock.now(),
      plan: { ...PROMPT_PLAN, ...this.plan(call) },
      status: 'Pending',
      updatedAt: this.#clock.now(),
      cancellationComment: undefined,
    };
    this.actions.push(action);
    return action;
  }

  #cancel({ about, body }: ModelCall): Response {
    const action = this.actions.find(({ id }) => id === about);
    if (!action) return notFound();
    if (!isOpen(action) || (action.status === 'InProgress' && !action.plan.isCancellable)) {
      return refuse({ status: 400, code: 'BadRequest', message: 'It cannot be cancelled any more.' });
    }
    action.status = 'Cancelled';
    action.updatedAt = this.#clock.now();
    action.cancellationComment = String(body.Comment);
    return json(200, toRecord(action));
  }
}

const WORKSTATION = {
  osPlatform: 'Windows11',
  healthStatus: 'Active',
  onboardingStatus: 'Onboarded',
  deviceValue: 'Normal',
  machineTags: [],
};

interface DueStep {
  readonly action: ModelAction;
  readonly status: string;
  readonly at: number;
}

function dueStep(action: ModelAction, now: number): DueStep[] {
  const { createdAt, plan, status } = action;
  if (!isOpen(action)) return [];
  const beginsAt = createdAt + plan.pendingMs;
  const next =
    status === 'Pending' && plan.runMs > 0
      ? { action, status: 'InProgress', at: beginsAt }
      : { action, status: plan.outcome, at: beginsAt + plan.runMs };
  return next.at <= now ? [next] : [];
}

function isOpen({ status }: ModelAction): boolean {
  return status === 'Pending' || status === 'InProgress';
}

function typeOf({ kind }: ModelCall): string {
  return kind === 'isolate' ? 'Isolate' : 'Unisolate';
}

function parseCall(url: string, init: RequestInit | undefined, at: number): ModelCall {
  const { pathname, searchParams } = new URL(url);
  const body = (typeof init?.body === 'string' ? JSON.parse(init.body) : {}) as Record<string, unknown>;
  const filter = searchParams.get('$filter') ?? '';
  const by = new Headers(init?.headers).get('authorization')?.replace('Bearer ', '') ?? '';
  const call = (kind: ModelCall['kind'], about = '') => ({ kind, about, body, at, by });
  const [, collection, id, verb] = /^\/api\/(\w+)(?:\/([\w-]+))?(?:\/(\w+))?$/.exec(pathname) ?? [];
  switch (`${init?.method ?? 'GET'} ${collection ?? ''} ${verb ?? (id === undefined ? 'list' : 'one')}`) {
    case 'GET machines list':
      return call('findDevices', filter);
    case 'GET machineactions list':
      return call('listActions', /^machineId eq '(\w+)'$/.exec(filter)?.[1]);
    case 'GET machineactions one':
      return call('readAction', id);
    case 'POST machineactions cancel':
      return call('cancel', id);
    case 'POST machines isolate':
      return call('isolate', id);
    case 'POST machines unisolate':
      return call('unisolate', id);
    default:
      throw new Error(`The model does not know ${init?.method ?? 'GET'} ${url}.`);
  }
}

function toRecord(action: ModelAction): Record<string, unknown> {
  const { id, type, scope, machineId, requestorComment, status, createdAt, updatedAt } = action;
  const hresults: Record<string, number> = {
    TimeOut: TIME_OUT_HRESULT,
    Cancelled: CANCELLED_HRESULT,
    Failed: FAILED_HRESULT,
  };
  return {
    ...{ id, type, scope: scope ?? null, machineId, requestorComment, status },
    requestor: 'app',
    requestSource: 'PublicApi',
    creationDateTimeUtc: new Date(createdAt).toISOString(),
    lastUpdateDateTimeUtc: new Date(updatedAt).toISOString(),
    cancellationRequestor: status === 'Cancelled' ? 'app' : null,
    cancellationComment: action.cancellationComment ?? null,
    errorHResult: hresults[status] ?? 0,
    troubleshootInfo: status === 'Failed' ? 'the sensor refused' : null,
  };
}

function notFound(): Response {
  return refuse({ status: 404, code: 'ResourceNotFound' });
}

function refuse({
  status,
  code = 'Simulated',
  message = '',
  retryAfterSeconds,
}: Exclude<ModelFault, string>): Response {
  const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  return json(status, { error: { code, message, target: 'request-1' } }, headers);
}

function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

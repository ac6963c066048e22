import type { ActionOrder } from '../../src/devices/createOperation.ts';
import { isOver, operationTag, type Operation } from '../../src/operations/Operation.ts';
import { ActionWorld } from '../support/ActionWorld.ts';
import { deviceId, orderOf, PAUSED, RUNNING, type TestActions } from '../support/createTestActions.ts';
import type { ModelAction, ModelCall, ModelFault, ModelPlan } from '../support/DefenderModel.ts';
import { Killed } from '../support/killable.ts';
import { TableFailure } from '../support/MemoryTable.ts';
import { createRandom } from '../support/random.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** How long requests come in and things go wrong. */
const TROUBLE_MS = 40 * MINUTE_MS;
/** A request that is on its way while the switch is thrown still arrives. */
const PAUSE_GRACE_MS = 3 * SECOND_MS;

export interface ActionSimulationResult {
  /** What must never be, in words; empty when all is well. */
  readonly violations: string[];
  readonly operations: number;
  readonly kills: number;
}

interface SimulatedProcess {
  readonly actions: TestActions;
  isDead: boolean;
}

/** Several processes, callers and devices, and a Defender with moods, in virtual time; then everything settles. */
export async function simulateActions(seed: number): Promise<ActionSimulationResult> {
  const simulation = new ActionSimulation(seed);
  await simulation.play();
  return simulation.judge();
}

class ActionSimulation {
  readonly #random: () => number;
  readonly #world: ActionWorld;
  readonly #devices: number;
  readonly #processes: SimulatedProcess[] = [];
  readonly #faultChance: number;
  readonly #killChance: number;
  readonly #caps: { readonly capPerHour: number; readonly capPerCaller: number };
  /** When people and playbooks become busy: requests come close together. */
  readonly #moments: readonly number[];
  /** The caller that is a person; there is none when it is above the others. */
  readonly #personNumber: number;
  readonly #ids: string[] = [];
  readonly #pauses: { from: number; to: number; allowsRelease: boolean }[] = [];
  #isCalm = false;
  #kills = 0;

  constructor(seed: number) {
    this.#random = createRandom(seed);
    this.#devices = 1 + this.#below(3);
    this.#world = new ActionWorld(this.#devices);
    this.#faultChance = this.#chance(0.3) ? 0 : this.#random() * 0.15;
    this.#killChance = this.#chance(0.5) ? 0 : this.#random() * 0.01;
    this.#personNumber = this.#below(5);
    this.#caps = { capPerHour: 2 + this.#below(8), capPerCaller: 1 + this.#below(4) };
    this.#moments = Array.from({ length: 1 + this.#below(4) }, () => this.#random() * TROUBLE_MS * 0.7);
    const { defender } = this.#world;
    defender.duplicates = this.#oneOf('refuse', 'return', 'accept');
    defender.plan = () => this.#plan();
    defender.fault = (call) => this.#fault(call);
    for (let number = 0; number < 1 + this.#below(3); number += 1) this.#processes.push(this.#start());
  }

  async play(): Promise<void> {
    const { clock } = this.#world;
    const callers = Array.from({ length: 3 + this.#below(8) }, (_, number) => this.#call(number));
    await this.#world.run(Promise.all([...callers, this.#timer(TROUBLE_MS), this.#operator()]));
    this.#isCalm = true;
    await this.#world.run(this.#current().setPause(RUNNING));
    await this.#world.follow(this.#current(), 60);
    // What waits for a device that is offline is given up by Defender after three days.
    for (let hour = 0; hour < 8 * 24; hour += 4) {
      await clock.pass(4 * HOUR_MS);
      await this.#world.run(this.#current().followAll());
    }
  }

  judge(): ActionSimulationResult {
    const operations = this.#world.stored();
    const violations = [
      ...this.#judgeActions(operations),
      ...operations.flatMap((operation) => this.#judgeEnd(operation)),
      ...this.#judgeOrder(operations),
      ...this.#judgeTruth(operations),
      ...this.#judgePauses(),
      ...this.#judgeCaps(operations),
      ...this.#judgeIdentities(operations),
    ];
    if (this.#world.openPointers() > 0) violations.push('an operation is still listed as open');
    return { violations, operations: operations.length, kills: this.#kills };
  }

  /** A caller with one request, who repeats it until there is an answer, or gives up. */
  async #call(number: number): Promise<void> {
    const { clock } = this.#world;
    const [moment = 0] = this.#moments.slice(this.#below(this.#moments.length));
    await clock.sleep(moment + this.#random() * this.#random() * 40 * SECOND_MS);
    const action = this.#oneOf('isolate', 'release');
    const [quoted] = this.#ids.slice(this.#below(this.#ids.length * 4));
    const order = orderOf({
      action,
      device: deviceId(1 + this.#below(this.#devices)),
      // People quote what they see in the portal.
      comment: `request ${number}${quoted === undefined ? '' : ` about ${operationTag(quoted)}`}`,
      isolationType: action === 'isolate' ? this.#oneOf('Full', 'Full', 'Selective') : undefined,
      caller: {
        kind: number % 3 === this.#personNumber ? 'person' : 'application',
        id: `caller-${number % 3}`,
        name: undefined,
        applicationId: undefined,
      },
    });
    // The same request on two ways at once.
    const ways = this.#chance(0.2) ? 2 : 1;
    await Promise.all(Array.from({ length: ways }, () => this.#insist(order, `key-${number}`)));
  }

  async #insist(order: ActionOrder, key: string): Promise<void> {
    const { clock } = this.#world;
    const tries = 1 + this.#below(6);
    for (let attempt = 0; attempt < tries; attempt += 1) {
      try {
        const { id } = await this.#current().request(order, key);
        this.#ids.push(id);
        for (let poll = this.#below(12); poll > 0; poll -= 1) {
          await clock.sleep(this.#random() * 30 * SECOND_MS);
          const as = this.#chance(0.7) ? order.caller.id : 'somebody else';
          if (isOver(await this.#current().look(id, as))) return;
        }
        return;
      } catch {
        await clock.sleep(SECOND_MS + this.#random() * MINUTE_MS);
      }
    }
  }

  async #timer(ms: number): Promise<void> {
    const { clock } = this.#world;
    for (const end = clock.now() + ms; clock.now() < end;) {
      await clock.sleep(MINUTE_MS);
      await this.#current()
        .followAll()
        .catch(() => undefined);
    }
  }

  /** Somebody who may use the pause switch for a while. */
  async #operator(): Promise<void> {
    if (this.#chance(0.7)) return;
    const { clock } = this.#world;
    await clock.sleep(this.#random() * TROUBLE_MS * 0.6);
    const allowsRelease = this.#chance(0.5);
    try {
      await this.#current().setPause({ ...PAUSED, allowsRelease });
    } catch {
      return;
    }
    const from = clock.now() + PAUSE_GRACE_MS;
    await clock.sleep(this.#random() * 10 * MINUTE_MS);
    this.#pauses.push({ from, to: clock.now(), allowsRelease });
    await this.#current()
      .setPause(RUNNING)
      .catch(() => undefined);
  }

  /** A process that is alive; a dead one is replaced when it is needed again. */
  #current(): TestActions {
    const index = this.#below(this.#processes.length);
    const process = this.#processes[index];
    if (process && !process.isDead) return process.actions;
    const next = this.#start();
    this.#processes[index] = next;
    return next.actions;
  }

  #start(): SimulatedProcess {
    const life = { isDead: false };
    const step = async () => {
      if (life.isDead) throw new Killed();
      await this.#world.clock.sleep(1 + this.#random() * 60);
      if (!this.#isCalm && this.#chance(this.#killChance)) {
        life.isDead = true;
        this.#kills += 1;
      }
      if (life.isDead) throw new Killed();
    };
    const actions = this.#world.start({
      guards: this.#caps,
      skewMs: Math.floor((this.#random() - 0.5) * 2 * SECOND_MS),
      tableWay: {
        there: async () => {
          await step();
          if (this.#isTrouble(0.1)) throw new TableFailure(503, 'ServerBusy');
        },
        back: async () => {
          await step();
          return this.#isTrouble(0.3) ? 'lost' : undefined;
        },
      },
      defenderWay: {
        there: step,
        back: async ({ kind }) => {
          await step();
          // No answer comes until the time is up.
          if (kind === 'listActions' || !this.#isTrouble(0.3)) return;
          await this.#world.clock.sleep(30 * SECOND_MS);
          throw new TypeError('fetch failed');
        },
      },
    });
    return Object.defineProperty({ actions, isDead: false }, 'isDead', { get: () => life.isDead });
  }

  #plan(): Partial<ModelPlan> {
    const isOffline = this.#chance(0.15);
    return {
      pendingMs: isOffline ? 3 * 24 * HOUR_MS * this.#random() : this.#random() * 15 * SECOND_MS,
      runMs: this.#chance(0.2) ? this.#random() * 20 * MINUTE_MS : this.#random() * 10 * SECOND_MS,
      outcome: this.#chance(0.1) ? this.#oneOf('Failed', 'TimeOut') : 'Succeeded',
      isCancellable: this.#chance(0.3),
      // Whatever is shown later than this is beyond what anybody can know.
      hiddenMs: this.#chance(0.5) ? 0 : this.#random() * 7 * SECOND_MS,
    };
  }

  #fault({ kind }: ModelCall): ModelFault | undefined {
    if (!this.#isTrouble(1)) return undefined;
    const fault = this.#oneOf<ModelFault>(
      'lostThere',
      'lostBack',
      { status: 429, retryAfterSeconds: 1 + this.#below(60) },
      { status: 500, code: 'InternalServerError' },
      { status: 503 },
    );
    // A refusal for good is rare, and would end most operations before anything happens.
    return kind !== 'findDevices' && this.#chance(0.05) ? { status: 403, code: 'Forbidden' } : fault;
  }

  /** Never two actions for one request, and none without a row. */
  #judgeActions(operations: readonly Operation[]): string[] {
    const { actions } = this.#world.defender;
    const owned = operations.map((operation) => this.#ownActions(operation));
    const doubled = operations.filter((_, index) => (owned[index]?.length ?? 0) > 1);
    return [
      ...doubled.map((operation) => `${nameOf(operation)} has several machine actions`),
      ...(owned.flat().length === actions.length ? [] : ['a machine action belongs to no operation']),
      ...operations
        .filter(({ attempts }) => attempts > 2)
        .map((operation) => `${nameOf(operation)} was sent more than twice`),
    ];
  }

  /** An operation is over, and says what its machine action says. */
  #judgeEnd(operation: Operation): string[] {
    const { status, machineAction, request } = operation;
    const name = nameOf(operation);
    if (!isOver(operation)) return [`${name} never ended: ${status}`];
    const [own] = this.#ownActions(operation);
    if (own && own.id !== machineAction?.id) return [`${name} does not follow its own machine action`];
    const truth = this.#world.defender.actions.find(({ id }) => id === machineAction?.id);
    if (!truth) return status === 'Succeeded' ? [`${name} succeeded without a machine action`] : [];
    const type = request.action === 'isolate' ? 'Isolate' : 'Unisolate';
    if (truth.type !== type || truth.machineId !== request.device.id)
      return [`${name} follows the wrong action`];
    const expected: Record<string, string> = { Succeeded: 'Succeeded', Cancelled: 'Canceled' };
    return status === (expected[truth.status] ?? 'Failed')
      ? []
      : [`${name} is ${status}, not ${truth.status}`];
  }

  /**
   * What was asked for earlier never takes effect after the opposite that was asked for later; unless something still
   * later wanted it again, and got it first.
   */
  #judgeOrder(operations: readonly Operation[]): string[] {
    const { effects, actions } = this.#world.defender;
    const effectOf = (operation: Operation) => {
      const [own] = this.#ownActions(operation);
      return own ? effects.indexOf(own) : -1;
    };
    const beginningOf = ({ machineAction }: Operation) =>
      machineAction ? actions.findIndex(({ id }) => id === machineAction.id) : Infinity;
    return operations.flatMap((later, place) =>
      operations.slice(0, place).flatMap((earlier) => {
        const isOpposite =
          earlier.request.device.id === later.request.device.id &&
          earlier.request.action !== later.request.action &&
          earlier.createdAt < later.createdAt;
        if (!isOpposite || effectOf(later) < 0 || effectOf(earlier) < effectOf(later)) return [];
        const isWantedAgain = operations
          .slice(place + 1)
          .some(
            (last) =>
              last.request.device.id === earlier.request.device.id &&
              last.request.action === earlier.request.action &&
              beginningOf(last) < beginningOf(earlier),
          );
        const what = `${nameOf(earlier)} took effect after ${nameOf(later)}, which was accepted later`;
        return isWantedAgain ? [] : [what];
      }),
    );
  }

  /** When the last request of a device succeeded, the device is as it wanted it. */
  #judgeTruth(operations: readonly Operation[]): string[] {
    return Array.from({ length: this.#devices }, (_, index) => index + 1).flatMap((number) => {
      const last = operations.filter(({ request }) => request.device.id === deviceId(number)).at(-1);
      if (last?.status !== 'Succeeded') return [];
      const isRight = this.#world.isIsolated(number) === (last.request.action === 'isolate');
      return isRight ? [] : [`${nameOf(last)} was the last request, but the device is not so`];
    });
  }

  #judgePauses(): string[] {
    const acting = this.#world.defender.calls.filter(({ kind }) =>
      ['isolate', 'unisolate', 'cancel'].includes(kind),
    );
    return this.#pauses.flatMap(({ from, to, allowsRelease }) =>
      acting
        .filter(({ at, kind }) => at >= from && at < to && !(allowsRelease && kind !== 'isolate'))
        .map(({ kind }) => `Defender was asked to ${kind} while actions were paused`),
    );
  }

  /** All requests come within one hour. */
  #judgeCaps(operations: readonly Operation[]): string[] {
    const counts = new Map<string, number>();
    for (const { request } of operations) {
      for (const key of [request.action, `${request.action} of ${request.caller.id}`]) {
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    }
    const { capPerHour, capPerCaller } = this.#caps;
    return [...counts]
      .filter(([key, count]) => count > (key.includes(' of ') ? capPerCaller : capPerHour))
      .map(([key, count]) => `${count} times ${key} within an hour`);
  }

  /** What is done for a person is done by them, and what is done for an application by the app. */
  #judgeIdentities(operations: readonly Operation[]): string[] {
    return this.#world.defender.calls.flatMap(({ kind, body, by }) => {
      const tag = /\[op:\w+\]/.exec(String(body.Comment))?.[0];
      const operation = operations.find(({ id }) => operationTag(id) === tag);
      if (!operation) return [];
      const { caller } = operation.request;
      const expected = caller.kind === 'person' ? caller.id : 'app';
      return by === expected ? [] : [`${kind} for ${caller.id} was asked for by ${by}`];
    });
  }

  #ownActions({ id }: Operation): ModelAction[] {
    const tag = operationTag(id);
    return this.#world.defender.actions.filter(({ requestorComment }) => requestorComment.startsWith(tag));
  }

  #isTrouble(share: number): boolean {
    return !this.#isCalm && this.#chance(this.#faultChance * share);
  }

  #chance(probability: number): boolean {
    return this.#random() < probability;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #oneOf<T>(...values: readonly [T, ...T[]]): T {
    return values[this.#below(values.length)] ?? values[0];
  }
}

function nameOf({ request, id, createdAt }: Operation): string {
  return `${request.action} '${request.comment}' (${id.slice(0, 6)}, accepted at ${new Date(createdAt).toISOString()})`;
}

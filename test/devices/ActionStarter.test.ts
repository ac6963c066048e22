import { describe, expect, it } from 'vitest';
import { operationTag, type Operation } from '../../src/operations/Operation.ts';
import { ActionWorld } from '../support/ActionWorld.ts';
import { deviceId, orderOf, PAUSED, RUNNING, START, type TestActions } from '../support/createTestActions.ts';
import { OFFLINE_PLAN, type ModelCall, type ModelFault } from '../support/DefenderModel.ts';
import { TableFailure } from '../support/MemoryTable.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

const isolate = (world: ActionWorld, process: TestActions, key = 'isolate') =>
  world.run(process.request(orderOf(), key));
const release = (world: ActionWorld, process: TestActions, key = 'release') =>
  world.run(process.request(orderOf({ action: 'release' }), key));
const look = (world: ActionWorld, process: TestActions, { id }: Operation) => world.run(process.look(id));
const statuses = (world: ActionWorld) =>
  world.defender.actions.map(({ type, status }) => `${type} ${status}`);

/** A fault that the first calls of a kind meet. */
function first(kind: ModelCall['kind'], fault: ModelFault, times = 1) {
  let left = times;
  return (call: ModelCall): ModelFault | undefined => {
    if (call.kind !== kind || left === 0) return undefined;
    left -= 1;
    return fault;
  };
}

describe('an action that is open already', () => {
  it('is joined, whoever asked for it, and its end is the end of the operation', async () => {
    const world = new ActionWorld();
    const process = world.start();
    const byHand = world.defender.begin('Isolate', deviceId(1));
    const operation = await isolate(world, process);
    expect(operation).toMatchObject({ status: 'Running', machineAction: { id: byHand.id, joined: true } });
    expect(process.logs.events()).toContain('action_joined');
    await world.follow(process, 1);
    expect(await look(world, process, operation)).toMatchObject({
      status: 'Succeeded',
      machineAction: { id: byHand.id, joined: true },
    });
    expect(world.asked()).toEqual([]);
  });

  it('of another kind of isolation is waited for, and then the right one is asked for', async () => {
    const world = new ActionWorld();
    const process = world.start();
    await isolate(world, process);
    const order = orderOf({ isolationType: 'Selective' });
    const selective = await world.run(process.request(order, 'selective'));
    expect(selective.machineAction).toBeUndefined();
    expect(selective.waitingFor).toBe(world.defender.actions[0]?.id);
    await world.follow(process, 3);
    expect(await look(world, process, selective)).toMatchObject({
      status: 'Succeeded',
      machineAction: { scope: 'Selective', joined: false },
    });
  });

  it.each(['refuse', 'return'] as const)(
    'but not shown yet is joined when Defender knows it (it answers with: %s)',
    async (duplicates) => {
      const world = new ActionWorld();
      world.defender.duplicates = duplicates;
      world.defender.plan = () => ({ hiddenMs: 5 * SECOND_MS, pendingMs: MINUTE_MS });
      const process = world.start();
      const byHand = world.defender.begin('Isolate', deviceId(1));
      const operation = await isolate(world, process);
      expect(operation).toMatchObject({
        status: 'Running',
        attempts: duplicates === 'refuse' ? 0 : 1,
        machineAction: { id: byHand.id, joined: true },
      });
      expect(world.defender.actions).toHaveLength(1);
    },
  );

  it('of another operation that Defender does not show yet is not doubled, even where Defender would', async () => {
    const world = new ActionWorld();
    world.defender.duplicates = 'accept';
    world.defender.plan = () => ({ hiddenMs: 9 * SECOND_MS, pendingMs: MINUTE_MS });
    const process = world.start();
    const one = await isolate(world, process, 'one');
    const other = await isolate(world, world.start(), 'other');
    expect(other.machineAction).toMatchObject({ id: one.machineAction?.id, joined: true });
    expect(world.asked()).toEqual(['isolate']);
  });
});

describe('a release during an isolation', () => {
  it('cancels one that is pending, waits for its end, and is sent then', async () => {
    const world = new ActionWorld();
    world.defender.plan = ({ kind }) => (kind === 'isolate' ? OFFLINE_PLAN : {});
    const process = world.start();
    const isolation = await isolate(world, process);
    const releasing = await release(world, process);
    expect(releasing).toMatchObject({ status: 'NotStarted', waitingFor: isolation.machineAction?.id });
    expect(statuses(world)).toEqual(['Isolate Cancelled']);
    expect(world.defender.actions[0]?.cancellationComment).toContain(operationTag(releasing.id));
    await world.follow(process, 2);
    expect(await look(world, process, isolation)).toMatchObject({
      status: 'Canceled',
      error: { code: 'machine_action_cancelled' },
    });
    const end = await look(world, process, releasing);
    expect([end.status, end.waitingFor]).toEqual(['Succeeded', undefined]);
    expect(world.isIsolated()).toBe(false);
  });

  it('waits for one that cannot be cancelled any more, however long, and is sent then', async () => {
    const world = new ActionWorld();
    world.defender.plan = ({ kind }) => (kind === 'isolate' ? { pendingMs: 0, runMs: 45 * MINUTE_MS } : {});
    const process = world.start();
    await isolate(world, process);
    const releasing = await release(world, process);
    expect(process.logs.of('action_not_cancelled')[0]).toContain('serviceCode=BadRequest');
    await world.follow(process, 44);
    expect(await look(world, process, releasing)).toMatchObject({ status: 'NotStarted' });
    expect(statuses(world)).toEqual(['Isolate InProgress']);
    await world.follow(process, 5);
    expect(await look(world, process, releasing)).toMatchObject({ status: 'Succeeded' });
    expect(world.isIsolated()).toBe(false);
    // Defender said no once, and was not asked again and again.
    expect(world.defender.calls.filter(({ kind }) => kind === 'cancel')).toHaveLength(1);
  });

  it.each<[string, ModelFault]>([
    ['is throttled', { status: 429, retryAfterSeconds: 30 }],
    ['meets a fault of the service', { status: 500 }],
    ['gets lost', 'lostThere'],
  ])('asks again when the cancellation %s', async (_what, fault) => {
    const world = new ActionWorld();
    world.defender.plan = ({ kind }) => (kind === 'isolate' ? OFFLINE_PLAN : {});
    world.defender.fault = first('cancel', fault);
    const process = world.start();
    await isolate(world, process);
    const releasing = await release(world, process);
    await world.follow(process, 3);
    expect(await look(world, process, releasing)).toMatchObject({ status: 'Succeeded' });
    expect(statuses(world)).toEqual(['Isolate Cancelled', 'Unisolate Succeeded']);
  });

  it('is not overtaken by an isolation that Defender does not show yet', async () => {
    const world = new ActionWorld();
    world.defender.plan = ({ kind }) =>
      kind === 'isolate' ? { hiddenMs: 9 * SECOND_MS, pendingMs: 30 * SECOND_MS } : {};
    const process = world.start();
    await isolate(world, process);
    const releasing = await release(world, world.start());
    await world.follow(process, 3);
    expect(await look(world, process, releasing)).toMatchObject({ status: 'Succeeded' });
    expect(world.isIsolated()).toBe(false);
    expect(statuses(world)).toEqual(['Isolate Cancelled', 'Unisolate Succeeded']);
  });

  it('is not overtaken by an isolation whose answer never came', async () => {
    const world = new ActionWorld();
    world.defender.plan = ({ kind }) =>
      kind === 'isolate' ? { hiddenMs: 38 * SECOND_MS, pendingMs: MINUTE_MS } : {};
    // It is carried out at once, and the connection breaks after half a minute.
    const process = world.start({
      defenderWay: {
        async back({ kind }) {
          if (kind !== 'isolate') return;
          await world.clock.sleep(30 * SECOND_MS);
          throw new TypeError('fetch failed');
        },
      },
    });
    await isolate(world, process);
    const releasing = await release(world, world.start());
    await world.follow(world.start(), 3);
    expect(await look(world, process, releasing)).toMatchObject({ status: 'Succeeded' });
    expect(world.isIsolated()).toBe(false);
    expect(world.asked()).toEqual(['isolate', 'unisolate']);
  });
});

describe('an isolation during a release', () => {
  it('cancels or waits for it in the same way', async () => {
    const world = new ActionWorld();
    world.defender.plan = ({ kind }) => (kind === 'unisolate' ? OFFLINE_PLAN : {});
    const process = world.start();
    const releasing = await release(world, process);
    const isolation = await isolate(world, process);
    expect(isolation.waitingFor).toBe(releasing.machineAction?.id);
    await world.follow(process, 2);
    expect(await look(world, process, isolation)).toMatchObject({ status: 'Succeeded' });
    expect(statuses(world)).toEqual(['Unisolate Cancelled', 'Isolate Succeeded']);
    expect(world.isIsolated()).toBe(true);
  });

  it('after the release is an isolation of its own', async () => {
    const world = new ActionWorld();
    const process = world.start();
    for (const [action, key] of [
      ['isolate', '1'],
      ['release', '2'],
      ['isolate', '3'],
    ] as const) {
      const operation = await world.run(process.request(orderOf({ action }), key));
      await world.follow(process, 2);
      expect(await look(world, process, operation)).toMatchObject({ status: 'Succeeded' });
      expect(world.isIsolated()).toBe(action === 'isolate');
    }
    expect(world.asked()).toEqual(['isolate', 'unisolate', 'isolate']);
  });
});

describe('an operation that could not be sent while a later one was', () => {
  /** Requests in this order, none of which can be sent while Defender's list is down. */
  async function accept(world: ActionWorld, ...actions: readonly ('isolate' | 'release')[]) {
    const process = world.start();
    const operations: Operation[] = [];
    world.defender.fault = ({ kind }) => (kind === 'listActions' ? { status: 503 } : undefined);
    for (const [index, action] of actions.entries()) {
      operations.push(await world.run(process.request(orderOf({ action }), `key-${index}`)));
    }
    world.defender.fault = () => undefined;
    await world.clock.pass(MINUTE_MS);
    return { process, operations };
  }

  it('does not undo it', async () => {
    const world = new ActionWorld();
    const { process, operations } = await accept(world, 'isolate', 'release');
    const [isolation, releasing] = operations as [Operation, Operation];
    await look(world, process, releasing);
    expect(await look(world, process, isolation)).toMatchObject({
      status: 'Canceled',
      attempts: 0,
      error: { code: 'operation_superseded', message: expect.stringContaining(releasing.id) as string },
    });
    expect(world.asked()).toEqual(['unisolate']);
  });

  it('does not make an operation between the two look like the last word', async () => {
    const world = new ActionWorld();
    world.defender.plan = () => OFFLINE_PLAN;
    const { process, operations } = await accept(world, 'isolate', 'release', 'isolate');
    const [earliest, between, latest] = operations as [Operation, Operation, Operation];
    const { machineAction } = await look(world, process, latest);
    expect(await look(world, process, earliest)).toMatchObject({
      machineAction: { id: machineAction?.id, joined: true },
    });
    expect(await look(world, process, between)).toMatchObject({
      status: 'Canceled',
      error: { code: 'operation_superseded' },
    });
    expect(statuses(world)).toEqual(['Isolate Pending']);
  });

  it('goes on when the later one was refused for good', async () => {
    const world = new ActionWorld();
    const { process, operations } = await accept(world, 'isolate', 'release');
    const [isolation, releasing] = operations as [Operation, Operation];
    world.defender.fault = first('unisolate', { status: 403 });
    expect(await look(world, process, releasing)).toMatchObject({ status: 'Failed' });
    expect(await look(world, process, isolation)).toMatchObject({ status: 'Running' });
    expect(world.asked()).toEqual(['isolate']);
  });
});

describe('a comment that quotes the tag of another operation', () => {
  it('does not lead that operation to the wrong action', async () => {
    const world = new ActionWorld();
    world.defender.fault = first('isolate', 'lostThere', 2);
    const process = world.start();
    const isolation = await isolate(world, process);
    const comment = `Undo ${operationTag(isolation.id)}`;
    await world.run(process.request(orderOf({ action: 'release', comment }), 'release'));
    await world.follow(process, 30);
    const end = await look(world, process, isolation);
    expect(end.status).not.toBe('Succeeded');
    expect(end.machineAction).toBeUndefined();
    expect(world.asked()).toEqual(['unisolate']);
  });
});

describe('a request whose outcome is not known', () => {
  it.each<[string, ModelFault | undefined]>([
    ['the answer was lost', 'lostBack'],
    ['a gateway answered in its place', undefined],
  ])('is looked for and found when %s', async (_what, fault) => {
    const world = new ActionWorld();
    world.defender.plan = () => ({ hiddenMs: 5 * SECOND_MS, pendingMs: 30 * SECOND_MS });
    if (fault) world.defender.fault = first('isolate', fault);
    const process = world.start({
      defenderWay: {
        back: ({ kind }) =>
          kind === 'isolate' && !fault ? Promise.reject(new TypeError('fetch failed')) : Promise.resolve(),
      },
    });
    const operation = await isolate(world, process);
    expect(operation).toMatchObject({
      status: 'Running',
      attempts: 1,
      machineAction: { joined: false },
    });
    expect(operation.checkError).toBeUndefined();
    expect(process.logs.events()).toContain('action_outcome_unknown');
    await world.follow(process, 2);
    expect(await look(world, process, operation)).toMatchObject({ status: 'Succeeded' });
    expect(world.asked()).toEqual(['isolate']);
  });

  it.each<[string, ModelFault]>([
    ['got lost on its way', 'lostThere'],
    ['met a fault of the service', { status: 500 }],
    ['was answered by a gateway', { status: 504 }],
  ])('is sent once more, after ten seconds, when there is no trace of it: it %s', async (_what, fault) => {
    const world = new ActionWorld();
    const sentAt: number[] = [];
    world.defender.fault = (call) => {
      if (call.kind !== 'isolate') return undefined;
      sentAt.push(call.at - START);
      return sentAt.length === 1 ? fault : undefined;
    };
    const process = world.start();
    const operation = await isolate(world, process);
    expect(operation).toMatchObject({ status: 'Running', attempts: 2 });
    expect(sentAt).toHaveLength(2);
    expect(sentAt[1]).toBeGreaterThanOrEqual(10 * SECOND_MS);
    expect(world.defender.actions).toHaveLength(1);
  });

  it('is not sent a third time, and ends as unknown, not as done and not as refused', async () => {
    const world = new ActionWorld();
    let sent = 0;
    world.defender.fault = ({ kind }) => {
      if (kind !== 'isolate') return undefined;
      sent += 1;
      return 'lostThere';
    };
    const process = world.start();
    const operation = await isolate(world, process);
    expect(operation.status).toBe('NotStarted');
    await world.follow(process, 30);
    expect(await look(world, process, operation)).toMatchObject({
      status: 'Failed',
      error: { code: 'action_outcome_unknown' },
    });
    expect(sent).toBe(2);
  });

  it('is still found when the second one got lost as well', async () => {
    const world = new ActionWorld();
    world.defender.plan = () => ({ hiddenMs: 5 * MINUTE_MS, pendingMs: 10 * MINUTE_MS });
    world.defender.fault = first('isolate', 'lostBack', 2);
    const process = world.start();
    const operation = await isolate(world, process);
    await world.follow(process, 16);
    expect(await look(world, process, operation)).toMatchObject({
      status: 'Succeeded',
      machineAction: { joined: false },
    });
    expect(world.defender.actions).toHaveLength(1);
  });

  it('that broke off late gets ten seconds to show itself from then on', async () => {
    const world = new ActionWorld();
    world.defender.duplicates = 'accept';
    world.defender.plan = () => ({ hiddenMs: 38 * SECOND_MS });
    const process = world.start({
      defenderWay: {
        async back({ kind }) {
          if (kind !== 'isolate') return;
          await world.clock.sleep(30 * SECOND_MS);
          throw new TypeError('fetch failed');
        },
      },
    });
    const operation = await isolate(world, process);
    for (let poll = 0; poll < 10; poll += 1) {
      await world.clock.pass(2 * SECOND_MS);
      await look(world, process, operation);
    }
    expect(world.asked()).toEqual(['isolate']);
    expect(await look(world, process, operation)).toMatchObject({ machineAction: { joined: false } });
  });
});

describe('the pause switch between acceptance and sending', () => {
  /** An isolation that cannot be sent yet. */
  async function acceptAndPause(world: ActionWorld, fault: (call: ModelCall) => ModelFault | undefined) {
    const process = world.start();
    world.defender.fault = fault;
    const operation = await isolate(world, process);
    await world.run(process.setPause(PAUSED));
    world.defender.fault = () => undefined;
    return { process, operation };
  }

  it('ends what was never sent', async () => {
    const world = new ActionWorld();
    const { process, operation } = await acceptAndPause(world, ({ kind }) =>
      kind === 'listActions' ? { status: 503 } : undefined,
    );
    await world.follow(process, 1);
    expect(await look(world, process, operation)).toMatchObject({
      status: 'Failed',
      error: { code: 'actions_paused' },
    });
    expect(world.asked()).toEqual([]);
  });

  it('holds back the second request for an action of which there is no trace, until it is off', async () => {
    const world = new ActionWorld();
    let wasSent = false;
    const { process, operation } = await acceptAndPause(world, ({ kind }) => {
      if (kind === 'isolate') wasSent = true;
      if (kind === 'isolate') return 'lostThere';
      return kind === 'listActions' && wasSent ? { status: 503 } : undefined;
    });
    await world.follow(process, 5);
    expect(await look(world, process, operation)).toMatchObject({ status: 'NotStarted', attempts: 1 });
    expect(world.asked()).toEqual([]);
    await world.run(process.setPause(RUNNING));
    await world.follow(process, 3);
    expect(await look(world, process, operation)).toMatchObject({ status: 'Succeeded', attempts: 2 });
  });

  it('keeps an operation that was sent without a trace from cancelling others', async () => {
    const world = new ActionWorld();
    world.defender.plan = () => OFFLINE_PLAN;
    const process = world.start();
    world.defender.fault = first('unisolate', 'lostThere', 2);
    const releasing = await release(world, process);
    const byHand = world.defender.begin('Isolate', deviceId(1));
    await world.run(process.setPause(PAUSED));
    await world.follow(process, 3);
    expect(await look(world, process, releasing)).toMatchObject({ waitingFor: byHand.id });
    expect(byHand.status).toBe('Pending');
    await world.run(process.setPause(RUNNING));
    await world.follow(process, 1);
    expect(byHand.status).toBe('Cancelled');
  });

  it('does not keep an action from being found that was sent', async () => {
    const world = new ActionWorld();
    let wasSent = false;
    const { process, operation } = await acceptAndPause(world, ({ kind }) => {
      if (kind === 'isolate') wasSent = true;
      if (kind === 'isolate') return 'lostBack';
      return kind === 'listActions' && wasSent ? { status: 503 } : undefined;
    });
    await world.follow(process, 2);
    expect(await look(world, process, operation)).toMatchObject({ status: 'Succeeded', attempts: 1 });
  });
});

describe('a process that stands still', () => {
  it('for longer than its turn does not send: somebody else has had the device since', async () => {
    const world = new ActionWorld();
    const stalled = world.start({
      tableWay: {
        // The row says that the action is being sent; the turn is not prolonged yet.
        async back(method) {
          if (method === 'updateEntity' && world.clock.now() === START)
            await world.clock.sleep(5 * MINUTE_MS);
          return undefined;
        },
      },
    });
    const isolating = stalled.request(orderOf(), 'isolate');
    await world.clock.pass(4 * MINUTE_MS);
    await release(world, world.start());
    await world.follow(world.start(), 3);
    const isolation = await world.run(isolating);
    await world.follow(world.start(), 3);
    expect(await look(world, world.start(), isolation)).toMatchObject({
      status: 'Canceled',
      error: { code: 'operation_superseded' },
    });
    expect(world.asked()).toEqual(['unisolate']);
  });

  it('does not send what another one ended meanwhile', async () => {
    const world = new ActionWorld();
    const process = world.start();
    world.defender.fault = ({ kind }) => (kind === 'listActions' ? { status: 503 } : undefined);
    const isolation = await isolate(world, process);
    world.defender.fault = () => undefined;
    await world.clock.pass(MINUTE_MS);
    let reads = 0;
    const stalled = world.start({
      tableWay: {
        // It has read the operation, and comes to take the turn.
        async there(method) {
          if (method === 'getEntity') reads += 1;
          if (method === 'getEntity' && reads === 2) await world.clock.sleep(2 * MINUTE_MS);
        },
      },
    });
    const following = stalled.followAll();
    await world.clock.pass(SECOND_MS);
    await world.run(process.setPause(PAUSED));
    expect(await look(world, process, isolation)).toMatchObject({ error: { code: 'actions_paused' } });
    await world.run(process.setPause(RUNNING));
    await world.run(following);
    expect(world.asked()).toEqual([]);
    expect(await look(world, process, isolation)).toMatchObject({ status: 'Failed' });
  });
});

describe('an operation that cannot be sent for long', () => {
  it('is not sent any more: the moment has passed', async () => {
    const world = new ActionWorld();
    const process = world.start();
    world.defender.fault = ({ kind }) => (kind === 'listActions' ? { status: 503 } : undefined);
    const operation = await isolate(world, process);
    await world.follow(process, 16);
    expect(await look(world, process, operation)).toMatchObject({ status: 'NotStarted' });
    world.defender.fault = () => undefined;
    await world.follow(process, 2);
    expect(await look(world, process, operation)).toMatchObject({
      status: 'Failed',
      error: { code: 'operation_expired' },
    });
    expect(world.asked()).toEqual([]);
  });

  it('is not sent a second time either, when the app was down for hours after the first', async () => {
    const world = new ActionWorld();
    world.defender.fault = first('isolate', 'lostThere');
    const process = world.start({
      defenderWay: {
        // Everything after the lost request fails, as when the process ends.
        there: ({ kind }) =>
          kind === 'listActions' && world.clock.now() > START
            ? Promise.reject(new TypeError('x'))
            : Promise.resolve(),
      },
    });
    const operation = await isolate(world, process);
    await world.clock.pass(5 * 60 * MINUTE_MS);
    await world.follow(world.start(), 1);
    expect(await look(world, world.start(), operation)).toMatchObject({
      status: 'Failed',
      error: { code: 'action_outcome_unknown' },
    });
    expect(world.asked()).toEqual([]);
  });

  it('is sent however long it had to wait for another action, also when Defender throttles then', async () => {
    const world = new ActionWorld();
    world.defender.plan = ({ kind }) => (kind === 'isolate' ? { pendingMs: 0, runMs: 40 * MINUTE_MS } : {});
    world.defender.fault = first('unisolate', { status: 429, retryAfterSeconds: 30 });
    const process = world.start();
    await isolate(world, process);
    const releasing = await release(world, process);
    await world.follow(process, 60);
    expect(await look(world, process, releasing)).toMatchObject({ status: 'Succeeded' });
    expect(world.isIsolated()).toBe(false);
  });
});

describe('a request that Defender refuses', () => {
  it('with throttling is sent again after the time that Defender names', async () => {
    const world = new ActionWorld();
    const sentAt: number[] = [];
    world.defender.fault = (call) => {
      if (call.kind !== 'isolate') return undefined;
      sentAt.push(call.at - START);
      return sentAt.length === 1 ? { status: 429, retryAfterSeconds: 17 } : undefined;
    };
    const operation = await isolate(world, world.start());
    expect(operation).toMatchObject({ status: 'Running', attempts: 1 });
    expect(sentAt).toEqual([0, 17 * SECOND_MS]);
  });

  it.each<[string, ModelFault, string]>([
    ['a missing permission', { status: 403 }, 'defender_permission_missing'],
    [
      'a platform that cannot be isolated',
      { status: 400, code: 'OsPlatformNotSupported' },
      'defender_http_error',
    ],
    ['a device that is gone', { status: 404 }, 'defender_http_error'],
  ])('for %s fails at once and for good', async (_what, fault, code) => {
    const world = new ActionWorld();
    let sent = 0;
    world.defender.fault = ({ kind }) => {
      if (kind !== 'isolate') return undefined;
      sent += 1;
      return fault;
    };
    const process = world.start();
    const operation = await isolate(world, process);
    expect(operation).toMatchObject({ status: 'Failed', error: { code } });
    expect(operation.machineAction).toBeUndefined();
    await world.follow(process, 3);
    expect(sent).toBe(1);
    expect(world.openPointers()).toBe(0);
  });

  it('already when it is asked what is open fails at once, too', async () => {
    const world = new ActionWorld();
    world.defender.fault = ({ kind }) => (kind === 'listActions' ? { status: 403 } : undefined);
    expect(await isolate(world, world.start())).toMatchObject({
      status: 'Failed',
      error: { code: 'defender_permission_missing' },
    });
    expect(world.asked()).toEqual([]);
  });
});

describe('storage that fails', () => {
  /** Fails the call to a table with this number, counted from the creation of the row on. */
  function breaking(number: number) {
    let calls = 0;
    let isStored = false;
    return {
      there(method: string) {
        if (isStored) calls += 1;
        if (method === 'createEntity') isStored = true;
        return calls === number && isStored
          ? Promise.reject(new TableFailure(503, 'ServerBusy'))
          : Promise.resolve();
      },
    };
  }

  it('at any call neither loses the request nor doubles the action', async () => {
    let failures = 0;
    for (let number = 1; number <= 14; number += 1) {
      const world = new ActionWorld();
      const process = world.start({ tableWay: breaking(number) });
      await isolate(world, process).catch((error: unknown) => {
        failures += 1;
        expect(error).toMatchObject({ code: 'storage_error' });
      });
      const again = await isolate(world, world.start());
      await world.follow(world.start(), 6);
      expect(await look(world, world.start(), again), `call ${number}`).toMatchObject({
        status: 'Succeeded',
      });
      expect(world.defender.actions, `call ${number}`).toHaveLength(1);
    }
    expect(failures).toBeGreaterThan(3);
  });
});

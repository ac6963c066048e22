import { describe, expect, it } from 'vitest';
import { ActionWorld } from '../support/ActionWorld.ts';
import { deviceId, orderOf, POLL_MS, START, type TestActions } from '../support/createTestActions.ts';
import { OFFLINE_PLAN } from '../support/DefenderModel.ts';
import { operationOf } from '../support/devices.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const never = new AbortController().signal;

const isolate = (world: ActionWorld, process: TestActions, number = 1) =>
  world.run(process.request(orderOf({ device: deviceId(number) }), `key-${number}`));

describe('an operation is followed to its true end', () => {
  it.each([
    ['Succeeded', {}, 'Succeeded', undefined, 0],
    ['Failed', { outcome: 'Failed' as const }, 'Failed', 'machine_action_failed', -2147467259],
    ['TimeOut', OFFLINE_PLAN, 'Failed', 'machine_action_timed_out', -2145844840],
  ])('%s, when nobody asks', async (theirs, plan, status, code, hresult) => {
    const world = new ActionWorld();
    world.defender.plan = () => plan;
    const process = world.start();
    const { id } = await isolate(world, process);
    // Three days for a device that never comes back: Defender is asked ever less often.
    for (let hour = 0; hour < 74; hour += 1) {
      await world.clock.pass(HOUR_MS);
      await world.run(process.followAll());
    }
    expect(world.openPointers()).toBe(0);
    const calls = world.defender.calls.length;
    const end = await world.run(process.look(id));
    expect(end).toMatchObject({ status, machineAction: { status: theirs, errorHResult: hresult } });
    expect(end.error?.code).toBe(code);
    expect(end.endedAt).toBeGreaterThan(START);
    expect(process.logs.of('action_ended')).toHaveLength(1);
    // What is over is known without Defender.
    expect(world.defender.calls).toHaveLength(calls);
    expect(world.isIsolated()).toBe(status === 'Succeeded');
  });

  it('also one that somebody cancels, and says who', async () => {
    const world = new ActionWorld();
    world.defender.plan = () => OFFLINE_PLAN;
    const process = world.start();
    const { id } = await isolate(world, process);
    const [action] = world.defender.actions;
    if (action) action.status = 'Cancelled';
    await world.follow(process, 1);
    expect(await world.run(process.look(id))).toMatchObject({
      status: 'Canceled',
      error: { code: 'machine_action_cancelled', message: expect.stringContaining('by app') as string },
    });
  });

  it('is never said to be done while it is pending', async () => {
    const world = new ActionWorld();
    world.defender.plan = () => OFFLINE_PLAN;
    const process = world.start();
    const { id } = await isolate(world, process);
    for (let hour = 1; hour < 72; hour += 1) {
      await world.clock.pass(HOUR_MS);
      expect(await world.run(process.look(id))).toMatchObject({
        status: 'Running',
        machineAction: { status: 'Pending' },
      });
    }
  });

  it('by another process after a restart', async () => {
    const world = new ActionWorld();
    const { id } = await isolate(world, world.start());
    await world.follow(world.start(), 2);
    expect(await world.run(world.start().look(id))).toMatchObject({ status: 'Succeeded' });
  });

  it('as soon as a caller asks, but Defender is not asked more often than the setting says', async () => {
    const world = new ActionWorld();
    world.defender.plan = () => ({ pendingMs: 2 * SECOND_MS, runMs: 13 * SECOND_MS });
    const process = world.start();
    const { id } = await isolate(world, process);
    const seen: string[] = [];
    for (let second = 0; second < 30; second += 1) {
      await world.clock.pass(SECOND_MS);
      const { status, machineAction } = await world.run(process.look(id));
      seen.push(`${status} ${machineAction?.status ?? ''}`);
    }
    expect([...new Set(seen)]).toEqual(['Running Pending', 'Running InProgress', 'Succeeded Succeeded']);
    expect(world.defender.calls.filter(({ kind }) => kind === 'readAction')).toHaveLength(2);
  });
});

describe('trouble while following', () => {
  it('leaves the status as it was known, says why, and goes on when it has passed', async () => {
    const world = new ActionWorld();
    const process = world.start();
    const { id } = await isolate(world, process);
    world.defender.fault = () => ({ status: 503 });
    await world.follow(process, 3);
    expect(await world.run(process.look(id))).toMatchObject({
      status: 'Running',
      machineAction: { status: 'Pending' },
      checkError: { code: 'defender_http_error' },
    });
    expect(process.logs.events()).toContain('action_check_failed');
    world.defender.fault = () => undefined;
    await world.follow(process, 1);
    const end = await world.run(process.look(id));
    expect([end.status, end.checkError]).toEqual(['Succeeded', undefined]);
  });

  it('with a permission that was taken away ends nothing', async () => {
    const world = new ActionWorld();
    const process = world.start();
    const { id } = await isolate(world, process);
    world.defender.fault = () => ({ status: 403 });
    await world.follow(process, 3);
    expect(await world.run(process.look(id))).toMatchObject({
      status: 'Running',
      checkError: { code: 'defender_permission_missing' },
    });
  });

  it('waits as long as Defender says when it throttles', async () => {
    const world = new ActionWorld();
    const process = world.start();
    const { id } = await isolate(world, process);
    await world.clock.pass(10 * SECOND_MS);
    world.defender.fault = () => ({ status: 429, retryAfterSeconds: 300 });
    await world.run(process.look(id));
    world.defender.fault = () => undefined;
    await world.clock.pass(299 * SECOND_MS);
    await world.run(process.look(id));
    expect(world.defender.calls.filter(({ kind }) => kind === 'readAction')).toHaveLength(0);
    await world.clock.pass(2 * SECOND_MS);
    expect(await world.run(process.look(id))).toMatchObject({ status: 'Succeeded' });
  });

  it('an action that Defender does not show yet is waited for', async () => {
    const world = new ActionWorld();
    world.defender.plan = () => ({ hiddenMs: 5 * MINUTE_MS });
    const process = world.start();
    const { id } = await isolate(world, process);
    await world.follow(process, 4);
    expect(await world.run(process.look(id))).toMatchObject({ status: 'Running' });
    await world.follow(process, 3);
    expect(await world.run(process.look(id))).toMatchObject({ status: 'Succeeded' });
  });

  it('an action that Defender does not know any more for a day ends as gone', async () => {
    const world = new ActionWorld();
    world.defender.plan = () => OFFLINE_PLAN;
    const process = world.start();
    const { id } = await isolate(world, process);
    world.defender.actions.length = 0;
    for (let hour = 0; hour < 23; hour += 1) {
      await world.clock.pass(HOUR_MS);
      expect(await world.run(process.look(id))).toMatchObject({ status: 'Running' });
    }
    await world.clock.pass(2 * HOUR_MS);
    expect(await world.run(process.look(id))).toMatchObject({
      status: 'Failed',
      error: { code: 'machine_action_gone' },
    });
  });

  it('ends after a day in a tenant that was removed, and not at once: it may be added again', async () => {
    const world = new ActionWorld();
    world.defender.plan = () => OFFLINE_PLAN;
    let isTenantGone = false;
    const process = world.start({ isTenantGone: () => isTenantGone });
    const { id } = await isolate(world, process);
    isTenantGone = true;
    for (let hour = 0; hour < 20; hour += 1) {
      await world.clock.pass(HOUR_MS);
      await world.run(process.followAll());
    }
    expect(await world.run(process.look(id))).toMatchObject({
      status: 'Running',
      checkError: { code: 'tenant_not_found' },
    });
    for (let hour = 0; hour < 8; hour += 1) {
      await world.clock.pass(HOUR_MS);
      await world.run(process.followAll());
    }
    expect(await world.run(process.look(id))).toMatchObject({
      status: 'Failed',
      error: { code: 'tenant_not_found' },
    });
  });

  it('with one operation does not hold up the others', async () => {
    const world = new ActionWorld(6);
    const process = world.start();
    for (let number = 1; number <= 6; number += 1) await isolate(world, process, number);
    const broken = world
      .stored()
      .filter(({ request }) => [deviceId(2), deviceId(5)].includes(request.device.id));
    for (const { id } of broken) {
      const key = `operation-${id.slice(0, 2)}/${id}`;
      const row = world.operations.rows.get(key);
      if (row) world.operations.rows.set(key, { ...row, operation: '{' });
    }
    await world.clock.pass(MINUTE_MS);
    await world.run(process.followAll());
    expect(world.openPointers()).toBe(2);
    expect(process.logs.of('request_failed')).toHaveLength(2);
    expect(process.logs.of('operations_followed')[0]).toContain('open=6 ended=4 failed=2');
  });
});

describe('pointers to open operations', () => {
  it('of operations that are over are taken off, as a crash leaves them', async () => {
    const world = new ActionWorld();
    const process = world.start();
    const { id } = await isolate(world, process);
    const pointer = world.operations.rows.get(`open/${id}`);
    await world.follow(process, 1);
    if (pointer) world.operations.rows.set(`open/${id}`, pointer);
    expect(world.openPointers()).toBe(1);
    await world.follow(process, 1);
    expect(world.openPointers()).toBe(0);
  });

  it('to operations that never came to be are kept for an hour: one may be created just now', async () => {
    const world = new ActionWorld();
    const process = world.start();
    await process.store.create(operationOf(), never);
    for (const key of world.operations.rows.keys())
      if (!key.startsWith('open/')) world.operations.rows.delete(key);
    await world.follow(process, 59);
    expect(world.openPointers()).toBe(1);
    await world.follow(process, 2);
    expect(world.openPointers()).toBe(0);
  });

  it('with an odd instant are taken off when there is no operation', async () => {
    const world = new ActionWorld();
    const process = world.start();
    await world.operations
      .client()
      .upsertEntity({ partitionKey: 'open', rowKey: 'x', since: 'never' }, 'Replace');
    await world.follow(process, 1);
    expect(world.openPointers()).toBe(0);
  });

  it('are kept when the operation is created anew at the very moment', async () => {
    const world = new ActionWorld();
    const other = world.start();
    await other.store.create(operationOf(), never);
    for (const key of world.operations.rows.keys())
      if (!key.startsWith('open/')) world.operations.rows.delete(key);
    await world.clock.pass(2 * HOUR_MS);
    let isRepeated = false;
    const process = world.start({
      tableWay: {
        // The caller's repetition comes between the look for the operation and the end of its pointer.
        async back(method) {
          if (method !== 'getEntity' || isRepeated) return undefined;
          isRepeated = true;
          await other.store.create(
            operationOf({ createdAt: world.clock.now(), nextCheckAt: Infinity }),
            never,
          );
          return undefined;
        },
      },
    });
    await world.run(process.followAll());
    expect(world.openPointers()).toBe(1);
  });
});

describe('asking for an operation', () => {
  it('that is not there fails', async () => {
    const world = new ActionWorld();
    await expect(world.run(world.start().look('0'.repeat(32)))).rejects.toMatchObject({
      code: 'operation_not_found',
      httpStatus: 404,
    });
  });

  it('is worth while again after the setting at first, later after longer', async () => {
    const world = new ActionWorld();
    const process = world.start();
    const operation = await isolate(world, process);
    expect(process.retryAfterMs(operation)).toBe(POLL_MS);
    await world.clock.pass(3 * HOUR_MS);
    expect(process.retryAfterMs(operation)).toBe(5 * MINUTE_MS);
  });
});

it('following ends with the signal of the run', async () => {
  const world = new ActionWorld();
  const process = world.start();
  await isolate(world, process);
  const reason = new Error('the time is up');
  await expect(world.run(process.followAll(AbortSignal.abort(reason)))).rejects.toBe(reason);
});

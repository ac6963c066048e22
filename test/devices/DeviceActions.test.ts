import { afterEach, describe, expect, it } from 'vitest';
import type { ActionOrder } from '../../src/devices/createOperation.ts';
import { operationTag } from '../../src/operations/Operation.ts';
import { systemClock } from '../../src/runtime/Clock.ts';
import { ActionWorld } from '../support/ActionWorld.ts';
import { createTestActions, deviceId, orderOf, PAUSED } from '../support/createTestActions.ts';
import { DefenderModel, OFFLINE_PLAN } from '../support/DefenderModel.ts';
import { startAzurite, type Azurite } from '../support/startAzurite.ts';
import { createStorageClients } from '../support/storageClients.ts';

const SECOND_MS = 1_000;
const GUID = 'ab12cd34-0000-4000-8000-00000000000f';
const releaseOf = (order: Partial<ActionOrder> = {}) => orderOf({ action: 'release', ...order });
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** One of these, in turn. */
function pick<T>(values: readonly T[], turn: number): T {
  const value = values[turn % values.length];
  if (value === undefined) throw new Error('there is none');
  return value;
}

/** What a refusal must leave behind: nothing. */
function expectNothingDone(world: ActionWorld): void {
  expect(world.asked()).toEqual([]);
  expect(world.stored()).toEqual([]);
  expect(world.openPointers()).toBe(0);
}

describe('an accepted action', () => {
  it('is stored before Defender is asked, and attributed everywhere', async () => {
    const world = new ActionWorld();
    const storedWhenAsked: number[] = [];
    const process = world.start({
      defenderWay: {
        there({ kind }) {
          if (kind === 'isolate') storedWhenAsked.push(world.stored().length);
          return Promise.resolve();
        },
      },
    });
    const run = { workflow: 'contain', runId: 'run-7', action: 'Isolate', trackingId: undefined };
    const order = orderOf({
      device: 'WS1.Contoso.example',
      incidentId: '4711',
      isolationType: 'Selective',
      run,
    });
    const operation = await world.run(process.request(order, 'key'));
    expect(storedWhenAsked).toEqual([1]);
    expect(operation).toMatchObject({
      status: 'Running',
      request: {
        device: { id: deviceId(1), name: 'ws1.contoso.example' },
        caller: { id: 'soar' },
        comment: 'Ransomware seen',
        incidentId: '4711',
        run: { runId: 'run-7' },
      },
      machineAction: { status: 'Pending', joined: false, scope: 'Selective' },
    });
    expect(world.defender.asked().map(({ about, body }) => ({ about, body }))).toEqual([
      {
        about: deviceId(1),
        body: {
          Comment: `${operationTag(operation.id)} Ransomware seen [by SOAR] [incident 4711] [run run-7]`,
          IsolationType: 'Selective',
        },
      },
    ]);
    expect(process.logs.events()).toEqual(['action_requested', 'action_sending', 'action_sent']);
    for (const line of process.logs.lines) {
      for (const part of [
        operation.id,
        deviceId(1),
        'caller=soar',
        'run=run-7',
        'incident=4711',
        'Ransomware',
      ]) {
        expect(line).toContain(part);
      }
    }
  });

  it('of releasing has no isolation type', async () => {
    const world = new ActionWorld();
    const { id } = await world.run(world.start().request(releaseOf(), 'key'));
    expect(world.defender.asked().map(({ kind, body }) => [kind, body])).toEqual([
      ['unisolate', { Comment: `${operationTag(id)} Ransomware seen [by SOAR]` }],
    ]);
  });

  it.each([
    ['a name', 'ws1.contoso.example'],
    ['an Entra device id', GUID],
    ['a Defender id', deviceId(1)],
  ])('reaches the device that %s names, and no other', async (_what, device) => {
    const world = new ActionWorld(3);
    world.defender.add(deviceId(1), { computerDnsName: 'ws1.contoso.example', aadDeviceId: GUID });
    world.defender.add(deviceId(10), { computerDnsName: 'ws10.contoso.example' });
    await world.run(world.start().request(orderOf({ device }), 'key'));
    await world.follow(world.start(), 2);
    expect(numbers(10).filter((number) => world.isIsolated(number))).toEqual([1]);
  });

  it('is answered in time when Defender is slow, and goes on', async () => {
    const world = new ActionWorld();
    world.defender.fault = ({ kind }) =>
      kind === 'isolate' && world.clock.now() < startedAt + 120 * SECOND_MS
        ? { status: 429, retryAfterSeconds: 5 }
        : undefined;
    const startedAt = world.clock.now();
    const process = world.start();
    const operation = await world.run(process.request(orderOf(), 'key'));
    expect(operation).toMatchObject({ status: 'NotStarted', checkError: { code: 'defender_http_error' } });
    expect(world.clock.now() - startedAt).toBeLessThanOrEqual(25 * SECOND_MS);
    await world.follow(process, 4);
    expect(await world.run(process.look(operation.id))).toMatchObject({ status: 'Succeeded', attempts: 1 });
  });
});

describe('the same request again', () => {
  it('is the same operation, while it goes on and after its end', async () => {
    const world = new ActionWorld();
    const process = world.start();
    const first = await world.run(process.request(orderOf(), 'key'));
    const during = await world.run(world.start().request(orderOf(), 'key'));
    expect(during).toMatchObject({ id: first.id, status: 'Running' });
    await world.follow(process, 2);
    const after = await world.run(world.start().request(orderOf(), 'key'));
    expect(after).toMatchObject({ id: first.id, status: 'Succeeded' });
    // The device was written in another case, the guards have changed, the switch is on: it was accepted before.
    await world.run(process.setPause(PAUSED));
    const strict = world.start({ guards: { capPerHour: 1, protectedIds: [deviceId(1)] } });
    const order = orderOf({ device: deviceId(1).toUpperCase() });
    expect((await world.run(strict.request(order, 'key'))).id).toBe(first.id);
    expect(world.asked()).toEqual(['isolate']);
  });

  it.each([
    ['comment', { comment: 'Something else' }],
    ['device', { device: deviceId(2) }],
    ['kind of isolation', { isolationType: 'Selective' as const }],
    ['incident', { incidentId: '1' }],
    ['action', { action: 'release' as const, isolationType: undefined }],
  ])('with another %s is refused, during and after, and nothing is done', async (_what, change) => {
    const world = new ActionWorld(2);
    const process = world.start();
    const { id } = await world.run(process.request(orderOf(), 'key'));
    const conflict = {
      code: 'idempotency_conflict',
      httpStatus: 422,
      message: expect.stringContaining(id) as string,
    };
    await expect(world.run(process.request(orderOf(change), 'key'))).rejects.toMatchObject(conflict);
    await world.follow(process, 2);
    await expect(world.run(process.request(orderOf(change), 'key'))).rejects.toMatchObject(conflict);
    expect(world.asked()).toEqual(['isolate']);
    expect(world.stored()).toHaveLength(1);
  });

  it('by another caller, or with another key, is another operation', async () => {
    const world = new ActionWorld();
    const process = world.start();
    const caller = { kind: 'application', id: 'other', name: undefined, applicationId: undefined };
    const operations = [
      await world.run(process.request(orderOf(), 'key')),
      await world.run(process.request(orderOf({ caller }), 'key')),
      await world.run(process.request(orderOf(), 'key 2')),
    ];
    expect(new Set(operations.map(({ id }) => id)).size).toBe(3);
    // But not another machine action while the first one is open.
    expect(world.asked()).toEqual(['isolate']);
    expect(operations.map(({ machineAction }) => machineAction?.joined)).toEqual([false, true, true]);
  });

  it('of other content at the same time is refused, whichever comes first', async () => {
    const world = new ActionWorld();
    const processes = [world.start(), world.start()];
    const orders = numbers(10).map((number) => orderOf({ comment: number % 2 ? 'one' : 'other' }));
    const outcomes = await world.run(
      Promise.allSettled(orders.map((order, index) => pick(processes, index).request(order, 'key'))),
    );
    const codes = outcomes.map((outcome) =>
      outcome.status === 'fulfilled' ? 'accepted' : (outcome.reason as { code: string }).code,
    );
    expect(codes.filter((code) => code === 'accepted')).toHaveLength(5);
    expect(codes.filter((code) => code === 'idempotency_conflict')).toHaveLength(5);
    expect(world.asked()).toEqual(['isolate']);
  });

  it('fifty times at once, at three processes, is one operation, one machine action and one count', async () => {
    const world = new ActionWorld();
    let latency = 0;
    const slow = async () => {
      latency = (latency + 7) % 40;
      await world.clock.sleep(latency);
      return undefined;
    };
    const way = { there: slow, back: slow };
    const processes = numbers(3).map(() =>
      world.start({ guards: { capPerHour: 1 }, tableWay: way, defenderWay: way }),
    );
    const requests = numbers(50).map((number) => pick(processes, number).request(orderOf(), 'key'));
    const operations = await world.run(Promise.all(requests));
    expect(new Set(operations.map(({ id }) => id)).size).toBe(1);
    expect(operations.every(({ machineAction }) => machineAction !== undefined)).toBe(true);
    expect(world.asked()).toEqual(['isolate']);
    expect(world.stored()).toHaveLength(1);
  });
});

describe('many requests at once', () => {
  it('for twenty devices all come through, each once', async () => {
    const world = new ActionWorld(20);
    const process = world.start();
    const orders = numbers(20).map((number) => orderOf({ device: `ws${number}.contoso.example` }));
    const operations = await world.run(
      Promise.all(orders.map((order, index) => process.request(order, `key-${index}`))),
    );
    expect(operations.every(({ status }) => status === 'Running')).toBe(true);
    await world.follow(process, 2);
    expect(numbers(20).every((number) => world.isIsolated(number))).toBe(true);
    expect(world.asked()).toHaveLength(20);
    expect(world.stored().every(({ status }) => status === 'Succeeded')).toBe(true);
  });

  it('never pass the cap, over several processes', async () => {
    const world = new ActionWorld(20);
    const processes = numbers(3).map(() => world.start({ guards: { capPerHour: 7 } }));
    const outcomes = await world.run(
      Promise.allSettled(
        numbers(20).map((number) =>
          pick(processes, number).request(orderOf({ device: deviceId(number) }), `key-${number}`),
        ),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(7);
    expect(world.asked()).toHaveLength(7);
    expect(world.stored()).toHaveLength(7);
  });
});

describe('a refusal', () => {
  it.each<[string, string, Partial<ActionOrder>, (world: ActionWorld) => void]>([
    ['a device that is not there', 'device_not_found', { device: 'ws9.contoso.example' }, () => undefined],
    ['a text that names no device', 'device_not_found', { device: "x' or 1 eq 1" }, () => undefined],
    ['part of a name', 'device_not_found', { device: 'ws1' }, () => undefined],
    [
      'a name that two active devices have',
      'device_ambiguous',
      { device: 'ws1.contoso.example' },
      (world) => world.defender.add(deviceId(2), { computerDnsName: 'ws1.contoso.example' }),
    ],
    [
      'a name that only a stale record has',
      'device_ambiguous',
      { device: 'ws1.contoso.example' },
      (world) =>
        world.defender.add(deviceId(1), { computerDnsName: 'ws1.contoso.example', healthStatus: 'Inactive' }),
    ],
    [
      'a record that was merged into another',
      'device_merged',
      {},
      (world) => world.defender.add(deviceId(1), { mergedIntoMachineId: deviceId(2) }),
    ],
    [
      'an onboarded device that should be contained',
      'device_unsuitable',
      { isolationType: 'UnManagedDevice' },
      () => undefined,
    ],
    [
      'a device that is not onboarded',
      'device_unsuitable',
      {},
      (world) => world.defender.add(deviceId(1), { onboardingStatus: 'CanBeOnboarded' }),
    ],
    [
      'a protected device',
      'device_protected',
      {},
      (world) => world.defender.add(deviceId(1), { deviceValue: 'High' }),
    ],
  ])('of %s does nothing, says why, and tells the log who asked', async (_what, code, order, arrange) => {
    const world = new ActionWorld();
    arrange(world);
    const process = world.start({ guards: { protectedValues: ['high'] } });
    await expect(world.run(process.request(orderOf(order), 'key'))).rejects.toMatchObject({ code });
    await expect(world.run(process.decide(orderOf(order)))).rejects.toMatchObject({ code });
    expectNothingDone(world);
    expect(process.logs.of('action_refused')).toHaveLength(1);
    expect(process.logs.lines[0]).toMatch(/caller=soar .*comment="Ransomware seen" .*code=\w+/);
    // Nor is anything counted: the cap is for what was accepted.
    expect(await process.cap.count('isolate', AbortSignal.timeout(5_000))).toBe(0);
  });

  it('names the rule that protects the device; a release is not refused by it', async () => {
    const world = new ActionWorld();
    const process = world.start({ guards: { protectedNames: ['ws1.contoso.example'] } });
    await expect(world.run(process.request(orderOf(), 'key'))).rejects.toMatchObject({
      members: { rule: 'PROTECTED_DEVICE_NAMES:ws1.contoso.example' },
    });
    expect(await world.run(process.request(releaseOf(), 'key 2'))).toMatchObject({ status: 'Running' });
  });

  it('comes when the cap is reached, with the time to wait', async () => {
    const world = new ActionWorld(2);
    const process = world.start({ guards: { capPerHour: 1 } });
    await world.run(process.request(orderOf(), 'key'));
    await expect(world.run(process.request(orderOf({ device: deviceId(2) }), 'key 2'))).rejects.toMatchObject(
      {
        code: 'action_cap_reached',
        retryAfterMs: expect.any(Number) as number,
      },
    );
    expect(world.asked()).toEqual(['isolate']);
    expect(world.stored()).toHaveLength(1);
  });

  it('comes while actions are paused, of releases only where those are not let through', async () => {
    const world = new ActionWorld();
    const process = world.start();
    await world.run(process.setPause(PAUSED));
    const paused = { code: 'actions_paused', message: expect.stringContaining('exercise') as string };
    await expect(world.run(process.request(orderOf(), 'a'))).rejects.toMatchObject(paused);
    await expect(world.run(process.request(releaseOf(), 'b'))).rejects.toMatchObject(paused);
    expectNothingDone(world);
    await world.run(process.setPause({ ...PAUSED, allowsRelease: true }));
    await expect(world.run(process.request(orderOf(), 'a'))).rejects.toMatchObject(paused);
    expect(await world.run(process.request(releaseOf(), 'b'))).toMatchObject({ status: 'Running' });
  });

  it.each([
    ['the device cannot be looked up', 'defender_http_error'],
    ['the switch cannot be read', 'storage_error'],
    ['the cap cannot be counted', 'storage_error'],
    ['the operation cannot be looked for', 'storage_error'],
    ['the operation cannot be stored', 'storage_error'],
  ])('comes when %s, and the next try succeeds', async (what, code) => {
    const world = new ActionWorld();
    let isBroken = true;
    let calls = 0;
    const failAt: Record<string, number> = {
      'the operation cannot be looked for': 1,
      'the switch cannot be read': 2,
      'the cap cannot be counted': 3,
      'the operation cannot be stored': 7,
    };
    world.defender.fault = () =>
      isBroken && what === 'the device cannot be looked up' ? { status: 503 } : undefined;
    const process = world.start({
      tableWay: {
        there() {
          calls += 1;
          return isBroken && calls === failAt[what]
            ? Promise.reject(Object.assign(new Error('busy'), { statusCode: 503 }))
            : Promise.resolve();
        },
      },
    });
    await expect(world.run(process.request(orderOf(), 'key'))).rejects.toMatchObject({ code });
    expect(world.asked()).toEqual([]);
    expect(world.stored()).toEqual([]);
    isBroken = false;
    expect(await world.run(process.request(orderOf(), 'key'))).toMatchObject({ status: 'Running' });
    expect(world.asked()).toEqual(['isolate']);
    expect(await process.cap.count('isolate', AbortSignal.timeout(5_000))).toBe(1);
  });
});

describe('a dry run', () => {
  it.each<[string, Partial<ActionOrder>, 'Isolate' | 'Unisolate' | undefined, string]>([
    ['a device on which nothing is open', {}, undefined, 'act'],
    ['a device on which the same is open', {}, 'Isolate', 'join'],
    ['a device on which the opposite is open', {}, 'Unisolate', 'wait'],
    [
      'a release of a device that is being isolated',
      { action: 'release', isolationType: undefined },
      'Isolate',
      'wait',
    ],
  ])('for %s answers the decision and does nothing', async (_what, order, open, decision) => {
    const world = new ActionWorld();
    const action = open && world.defender.begin(open, deviceId(1));
    expect(await world.run(world.start().decide(orderOf(order)))).toMatchObject({
      dryRun: true,
      decision,
      action: order.action ?? 'isolate',
      device: { id: deviceId(1), isActive: true, protectedBy: undefined },
      machineAction: action?.id,
    });
    expect(world.defender.calls.every(({ kind }) => kind === 'findDevices' || kind === 'listActions')).toBe(
      true,
    );
    expect([world.operations.rows.size, world.guards.rows.size]).toEqual([0, 0]);
  });

  it('is refused while actions are paused', async () => {
    const world = new ActionWorld();
    const process = world.start();
    await world.run(process.setPause(PAUSED));
    await expect(world.run(process.decide(orderOf()))).rejects.toMatchObject({ code: 'actions_paused' });
  });
});

describe('over the emulator of Table Storage, in real time', () => {
  let azurite: Azurite | undefined;
  afterEach(async () => {
    await azurite?.stop();
  });

  it('fifty identical requests at two processes are one machine action, and other devices go their way', async () => {
    azurite = await startAzurite();
    const clients = createStorageClients(azurite.connectionString);
    const [operationTable, guardTable] = [await clients.table(), await clients.table()];
    const defender = new DefenderModel(systemClock);
    defender.plan = () => OFFLINE_PLAN;
    for (const number of numbers(6)) defender.add(deviceId(number));
    const start = () => createTestActions({ clock: systemClock, defender, operationTable, guardTable });
    const processes = [start(), start()];
    const identical = numbers(50).map((number) => pick(processes, number).request(orderOf(), 'key'));
    const others = numbers(5).map((number) =>
      pick(processes, number).request(orderOf({ device: deviceId(number + 1) }), `key-${number}`),
    );
    const operations = await Promise.all([...identical, ...others]);
    expect(new Set(operations.map(({ id }) => id)).size).toBe(6);
    expect(operations.every(({ status }) => status === 'Running')).toBe(true);
    const asked = defender.asked().map(({ about }) => about);
    expect(asked.toSorted()).toEqual(numbers(6).map(deviceId));
  }, 60_000);
});

import { describe, expect, it } from 'vitest';
import { ActionWorld } from '../support/ActionWorld.ts';
import { deviceId, orderOf } from '../support/createTestActions.ts';
import { OFFLINE_PLAN } from '../support/DefenderModel.ts';

const MINUTE_MS = 60_000;
const ANNA = { kind: 'person', id: 'anna', name: 'anna@contoso.example', applicationId: 'terminal' };

/** A release by a person that has to wait for an isolation which somebody began in the portal. */
async function releaseThatWaits() {
  const world = new ActionWorld();
  world.defender.plan = () => ({ ...OFFLINE_PLAN, isCancellable: false });
  const byHand = world.defender.begin('Isolate', deviceId(1));
  byHand.status = 'InProgress';
  const cancelledBy: string[] = [];
  world.defender.fault = ({ kind, by }) => {
    if (kind !== 'cancel') return undefined;
    cancelledBy.push(by);
    return { status: 503 };
  };
  const process = world.start();
  const order = orderOf({ action: 'release', caller: ANNA });
  const { id } = await world.run(process.request(order, 'key'));
  byHand.status = 'Succeeded';
  world.defender.plan = () => ({});
  return { world, process, id, cancelledBy };
}

const sentBy = (world: ActionWorld) =>
  world.defender.calls.filter(({ kind }) => kind === 'unisolate').map(({ by }) => by);

describe('an operation of a person', () => {
  it('is begun on their behalf, and watched by the app when they do not ask', async () => {
    const world = new ActionWorld();
    const process = world.start();
    const { id } = await world.run(process.request(orderOf({ caller: ANNA }), 'key'));
    expect(new Set(world.defender.calls.map(({ by }) => by))).toEqual(new Set(['anna']));

    await world.follow(process, 1);
    expect(world.defender.calls.at(-1)).toMatchObject({ kind: 'readAction', by: 'app' });
    expect(await world.run(process.look(id))).toMatchObject({ status: 'Succeeded' });
  });

  it('is never sent by the app, however long nobody asks, and then ends and says why', async () => {
    const { world, process, id } = await releaseThatWaits();
    await world.follow(process, 10);
    expect(await world.run(process.look(id, 'somebody else'))).toMatchObject({ status: 'NotStarted' });
    await world.follow(process, 10);
    expect(sentBy(world)).toEqual([]);
    const end = await world.run(process.look(id));
    expect(end).toMatchObject({ status: 'Failed', error: { code: 'person_absent' } });
    expect(world.openPointers()).toBe(0);
  });

  it('goes on when they ask for its state', async () => {
    const { world, process, id } = await releaseThatWaits();
    await world.follow(process, 10);
    await world.run(process.look(id, 'anna'));
    expect(sentBy(world)).toEqual(['anna']);
    await world.clock.pass(5 * MINUTE_MS);
    expect(await world.run(process.look(id, 'anna'))).toMatchObject({ status: 'Succeeded' });
  });

  it('does not ask the app to cancel what stands in its way', async () => {
    const { world, process, cancelledBy } = await releaseThatWaits();
    await world.follow(process, 5);
    expect(cancelledBy).toEqual(['anna']);
  });
});

describe('an operation of an application', () => {
  it('is begun and watched as the app', async () => {
    const world = new ActionWorld();
    const process = world.start();
    await world.run(process.request(orderOf(), 'key'));
    await world.follow(process, 1);
    expect(new Set(world.defender.calls.map(({ by }) => by))).toEqual(new Set(['app']));
  });
});

import type { AlertWriter, NewAlert } from '../company/AlertWriter.ts';
import { toTimestamp } from '../clock/ticks.ts';
import { findVisible, getNewest, type StoredAlert } from '../defender/alerts/AlertStore.ts';
import type { World } from '../World.ts';
import { NotFoundError, type ControlRoute } from './ControlRoute.ts';
import { findEstate, type TenantCall } from './findEstate.ts';
import { Input, InputError } from './Input.ts';
import { readFields } from './readFields.ts';

const mostAlertsAtOnce = 1_000_000;

/** Adding, changing, listing and clearing alerts. */
export function alertRoutes(world: World): readonly ControlRoute[] {
  return [
    {
      method: 'POST',
      path: '/alerts',
      summary: 'Add one alert, many like it (count), or a list; returns ids and versions.',
      answer: (call) => ({ alerts: addAlerts(world, call) }),
    },
    {
      method: 'GET',
      path: '/alerts',
      summary: 'List id, lastUpdateTime and visibility of all alerts.',
      answer: (call) => {
        const { alerts } = findEstate(world, call);
        return { alerts: [...alerts.list()].map((alert) => describe(alert, world.clock.nowTicks())) };
      },
    },
    {
      method: 'DELETE',
      path: '/alerts',
      summary: 'Remove all alerts, and with them the incidents.',
      answer: (call) => {
        const { alerts, incidentChanges } = findEstate(world, call);
        alerts.clear();
        incidentChanges.clear();
      },
    },
    {
      method: 'PATCH',
      path: '/alerts/{id}',
      summary: 'Change an alert; lastUpdateTime becomes the clock’s time unless given.',
      answer: (call) => {
        const { alerts, writer } = findEstate(world, call);
        const { id } = call;
        if (alerts.find(id) === undefined) throw new NotFoundError(`There is no alert ${id}.`);
        const misplaced = ['count', 'evidenceItems', 'titleContains'];
        const { fields, visibleFrom, raw } = parseAlert(writer, new Input(call.body), misplaced);
        return writer.change(id, fields, visibleFrom, raw);
      },
    },
  ];
}

function addAlerts(world: World, { query, body }: TenantCall): unknown[] {
  if (Array.isArray(body)) return body.flatMap((one: unknown) => addAlerts(world, { query, body: one }));
  const { writer } = findEstate(world, { query, body });
  const input = new Input(body, 'an alert');
  const count = input.findNumber('count', { least: 1, most: mostAlertsAtOnce, isWhole: true }) ?? 1;
  const order = parseAlert(writer, input, []);
  if (count > 1 && typeof order.fields.id === 'string')
    throw new InputError("'id' and 'count' exclude each other.");
  return Array.from({ length: count }, () => writer.add(order));
}

const reserved = ['tenant', 'count', 'evidenceItems', 'titleContains', 'visibleAt', 'heldBackSeconds', 'raw'];

/** Reserved names steer; every other property becomes one of the alert's. */
function parseAlert(writer: AlertWriter, input: Input, refused: readonly string[]): NewAlert {
  const misplaced = refused.find((name) => input.has(name));
  if (misplaced !== undefined) throw new InputError(`'${misplaced}' is only for new alerts.`);
  const raw = input.findString('raw');
  const titleContains = input.findString('titleContains');
  const evidenceItems = input.findNumber('evidenceItems', { least: 0, most: 100_000, isWhole: true });
  const visibleFrom = findVisibleFrom(writer, input);
  return {
    fields: readFields(input, reserved),
    ...(raw === undefined ? {} : { raw }),
    ...(titleContains === undefined ? {} : { titleContains }),
    ...(evidenceItems === undefined ? {} : { evidenceItems }),
    ...(visibleFrom === undefined ? {} : { visibleFrom }),
  };
}

function findVisibleFrom(writer: AlertWriter, input: Input): bigint | undefined {
  const heldBackSeconds = input.findNumber('heldBackSeconds', { least: 0 });
  const visibleAt = input.findInstant('visibleAt');
  if (heldBackSeconds !== undefined && visibleAt !== undefined) {
    throw new InputError("'visibleAt' and 'heldBackSeconds' exclude each other.");
  }
  return heldBackSeconds === undefined ? visibleAt : writer.instantIn(heldBackSeconds);
}

function describe(alert: StoredAlert, nowTicks: bigint): unknown {
  const newest = getNewest(alert);
  const isVisible = newest.visibleFrom <= nowTicks;
  const shownInstead = findVisible(alert, nowTicks)?.fields.lastUpdateTime ?? null;
  return {
    id: alert.key,
    lastUpdateTime: newest.fields.lastUpdateTime,
    visible: isVisible,
    ...(isVisible ? {} : { visibleAt: toTimestamp(newest.visibleFrom), shownInstead }),
  };
}

import type { NewAlert } from '../company/AlertWriter.ts';
import { toTimestamp } from '../clock/ticks.ts';
import { findVisible, getNewest } from '../defender/alerts/AlertStore.ts';
import type { World } from '../World.ts';
import { NotFoundError, type ControlRoute } from './ControlRoute.ts';
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
      answer: ({ body }) => ({ alerts: addAlerts(world, body) }),
    },
    {
      method: 'GET',
      path: '/alerts',
      summary: 'List id, lastUpdateTime and visibility of all alerts.',
      answer: () => ({ alerts: [...world.alerts.list()].map((alert) => describe(world, alert.key)) }),
    },
    {
      method: 'DELETE',
      path: '/alerts',
      summary: 'Remove all alerts.',
      answer: () => {
        world.alerts.clear();
      },
    },
    {
      method: 'PATCH',
      path: '/alerts/{id}',
      summary: 'Change an alert; lastUpdateTime becomes the clock’s time unless given.',
      answer: ({ id, body }) => {
        if (world.alerts.find(id) === undefined) throw new NotFoundError(`There is no alert ${id}.`);
        const input = new Input(body);
        const { fields, visibleFrom, raw } = parseAlert(world, input, [
          'count',
          'evidenceItems',
          'titleContains',
        ]);
        return world.writer.change(id, fields, visibleFrom, raw);
      },
    },
  ];
}

function addAlerts(world: World, body: unknown): unknown[] {
  if (Array.isArray(body)) return body.flatMap((one) => addAlerts(world, one));
  const input = new Input(body, 'an alert');
  const count = input.findNumber('count', { least: 1, most: mostAlertsAtOnce, isWhole: true }) ?? 1;
  const order = parseAlert(world, input, []);
  if (count > 1 && typeof order.fields.id === 'string')
    throw new InputError("'id' and 'count' exclude each other.");
  return Array.from({ length: count }, () => world.writer.add(order));
}

const reserved = ['count', 'evidenceItems', 'titleContains', 'visibleAt', 'heldBackSeconds', 'raw'];

/** Reserved names steer; every other property becomes one of the alert's. */
function parseAlert(world: World, input: Input, refused: readonly string[]): NewAlert {
  const misplaced = refused.find((name) => input.has(name));
  if (misplaced !== undefined) throw new InputError(`'${misplaced}' is only for new alerts.`);
  const raw = input.findString('raw');
  const titleContains = input.findString('titleContains');
  const evidenceItems = input.findNumber('evidenceItems', { least: 0, most: 100_000, isWhole: true });
  const visibleFrom = findVisibleFrom(world, input);
  return {
    fields: readFields(input, reserved),
    ...(raw === undefined ? {} : { raw }),
    ...(titleContains === undefined ? {} : { titleContains }),
    ...(evidenceItems === undefined ? {} : { evidenceItems }),
    ...(visibleFrom === undefined ? {} : { visibleFrom }),
  };
}

function findVisibleFrom(world: World, input: Input): bigint | undefined {
  const heldBackSeconds = input.findNumber('heldBackSeconds', { least: 0 });
  const visibleAt = input.findInstant('visibleAt');
  if (heldBackSeconds !== undefined && visibleAt !== undefined) {
    throw new InputError("'visibleAt' and 'heldBackSeconds' exclude each other.");
  }
  return heldBackSeconds === undefined ? visibleAt : world.writer.instantIn(heldBackSeconds);
}

function describe({ alerts, clock }: World, key: string): unknown {
  const alert = alerts.find(key);
  if (alert === undefined) return undefined;
  const nowTicks = clock.nowTicks();
  const newest = getNewest(alert);
  const isVisible = newest.visibleFrom <= nowTicks;
  const shownInstead = findVisible(alert, nowTicks)?.fields.lastUpdateTime ?? null;
  return {
    id: key,
    lastUpdateTime: newest.fields.lastUpdateTime,
    visible: isVisible,
    ...(isVisible ? {} : { visibleAt: toTimestamp(newest.visibleFrom), shownInstead }),
  };
}

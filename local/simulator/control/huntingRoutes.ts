import { documentedLimits, huntingApis } from '../hunting/HuntingLimits.ts';
import type { HuntingRule } from '../hunting/HuntingRules.ts';
import { parseRow } from '../hunting/tables/parseRow.ts';
import {
  huntingSchemas,
  isHuntingTable,
  type HuntingTableName,
} from '../hunting/tables/schema/huntingTables.ts';
import type { World } from '../World.ts';
import { NotFoundError, type ControlRoute } from './ControlRoute.ts';
import { findEstate, type TenantCall } from './findEstate.ts';
import { Input, InputError } from './Input.ts';

/** Rows, limits, rules and looks of advanced hunting. */
export function huntingRoutes(world: World): readonly ControlRoute[] {
  const { hunting } = world;
  return [
    {
      method: 'GET',
      path: '/hunting/tables',
      summary: 'List the tables with their columns and the number of added rows.',
      answer: (call) => {
        const { huntingData } = findEstate(world, call);
        return {
          tables: huntingSchemas.map(({ name, columns }) => ({
            name,
            columns: Object.fromEntries(columns.map((column) => [column.name, column.type])),
            addedRows: huntingData.countAdded(name),
          })),
        };
      },
    },
    {
      method: 'POST',
      path: '/hunting/rows',
      summary: 'Add rows to a table; Timestamp is now unless given.',
      answer: (call) => addRows(world, call),
    },
    {
      method: 'DELETE',
      path: '/hunting/rows',
      summary: 'Remove the added rows.',
      answer: (call) => {
        findEstate(world, call).huntingData.clear();
      },
    },
    {
      method: 'DELETE',
      path: '/hunting/rows/{id}',
      summary: 'Remove the added rows of one table.',
      answer: (call) => {
        findEstate(world, call).huntingData.clear(getTable(call.id));
      },
    },
    {
      method: 'GET',
      path: '/hunting/limits',
      summary: 'Show the limits of hunting.',
      answer: () => hunting.quota.limits,
    },
    {
      method: 'POST',
      path: '/hunting/limits',
      summary: 'Set limits of hunting; absent ones go back to the documented. What was counted is forgotten.',
      answer: ({ body }) => {
        hunting.quota.setLimits(parseLimits(new Input(body)));
        return hunting.quota.limits;
      },
    },
    {
      method: 'POST',
      path: '/hunting/rules',
      summary: 'Make the next queries slow, charged, timed out, preempted, or refused for CPU.',
      answer: ({ body }) => {
        hunting.rules.add(parseRule(new Input(body)));
        return { rules: hunting.rules.list() };
      },
    },
    {
      method: 'DELETE',
      path: '/hunting/rules',
      summary: 'Remove all rules for queries.',
      answer: () => {
        hunting.rules.clear();
      },
    },
    {
      method: 'POST',
      path: '/hunting/answers',
      summary:
        'Set how answers look: casing (lower, upper), odataTypes, and whether the older APIs are retired.',
      answer: ({ body }) => setAnswers(world, new Input(body).allow('casing', 'odataTypes', 'retired')),
    },
  ];
}

function getTable(name: string): HuntingTableName {
  if (isHuntingTable(name)) return name;
  throw new NotFoundError(`There is no table ${name}; GET /hunting/tables lists them.`);
}

function addRows(world: World, call: TenantCall): unknown {
  const { huntingData } = findEstate(world, call);
  const input = new Input(call.body).allow('tenant', 'table', 'rows');
  const table = getTable(input.getString('table'));
  const rows = input.raw('rows');
  if (!Array.isArray(rows)) throw new InputError("'rows' must be a list of objects.");
  huntingData.add(
    table,
    rows.map((row: unknown) => parseRow(table, row, world.clock.nowTicks())),
  );
  return { table, addedRows: huntingData.countAdded(table) };
}

function parseLimits(input: Input): typeof documentedLimits {
  input.allow(...Object.keys(documentedLimits));
  const whole = { least: 0, isWhole: true };
  const {
    callsPerMinute,
    callsPerHour,
    rows,
    resultBytes,
    querySeconds,
    secondsPerHour,
    secondsPerDay,
    secondsPerCycle,
  } = documentedLimits;
  return {
    callsPerMinute: input.findNumber('callsPerMinute', whole) ?? callsPerMinute,
    callsPerHour: input.findNumber('callsPerHour', whole) ?? callsPerHour,
    rows: input.findNumber('rows', whole) ?? rows,
    resultBytes: input.findNumber('resultBytes', whole) ?? resultBytes,
    querySeconds: input.findNumber('querySeconds', { least: 0 }) ?? querySeconds,
    secondsPerHour: input.findNumber('secondsPerHour', { least: 0 }) ?? secondsPerHour,
    secondsPerDay: input.findNumber('secondsPerDay', { least: 0 }) ?? secondsPerDay,
    secondsPerCycle: input.findNumber('secondsPerCycle', { least: 0 }) ?? secondsPerCycle,
  };
}

function parseRule(input: Input): HuntingRule {
  input.allow('api', 'queryContains', 'times', 'delayMs', 'chargeSeconds', 'outcome');
  const api = input.findOneOf('api', huntingApis);
  const queryContains = input.findString('queryContains');
  const delayMs = input.findNumber('delayMs', { least: 0 });
  const chargeSeconds = input.findNumber('chargeSeconds', { least: 0 });
  const outcome = input.findOneOf('outcome', ['timeOut', 'preempt', 'exhaustCpu']);
  if (delayMs === undefined && chargeSeconds === undefined && outcome === undefined) {
    throw new InputError("Give at least one of 'delayMs', 'chargeSeconds', 'outcome'.");
  }
  return {
    times: input.findNumber('times', { least: 1, isWhole: true }) ?? 1,
    ...(api === undefined ? {} : { api }),
    ...(queryContains === undefined ? {} : { queryContains }),
    ...(delayMs === undefined ? {} : { delayMs }),
    ...(chargeSeconds === undefined ? {} : { chargeSeconds }),
    ...(outcome === undefined ? {} : { outcome }),
  };
}

function setAnswers({ hunting }: World, input: Input): unknown {
  hunting.style = {
    casing: input.findOneOf('casing', ['lower', 'upper']) ?? 'lower',
    hasODataTypes: input.findBoolean('odataTypes') ?? false,
  };
  hunting.isRetired = input.findBoolean('retired');
  return { ...hunting.style, retired: hunting.isRetired ?? 'from 2027-02-01' };
}

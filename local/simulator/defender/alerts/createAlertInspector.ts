import type { SimulatedClock } from '../../clock/SimulatedClock.ts';
import type { Estates } from '../../company/Estates.ts';
import type { Call } from '../../http/Call.ts';
import type { QueryInspector } from '../../http/Service.ts';
import type { FilterExpression } from '../../odata/FilterExpression.ts';
import type { QueryOptions } from '../../odata/parseQueryOptions.ts';
import { everything } from '../roles/Viewpoint.ts';
import { parseAlertQuery } from './answerAlerts.ts';
import { selectAlerts } from './selectAlerts.ts';

/**
 * Lets fault rules look into alert queries. A query that would be refused matches nothing, and a person's is looked at as
 * if that person saw everything.
 */
export function createAlertInspector(estates: Estates, clock: SimulatedClock): QueryInspector {
  return {
    findWindow(call) {
      const options = findOptions(call);
      return options === undefined ? undefined : toWindow(options.filter);
    },
    isAlertInResult(call, alertId) {
      if (call.path.endsWith(`/alerts/${alertId}`)) return true;
      const options = findOptions(call);
      if (options === undefined) return false;
      const estate = estates.find(call.tenant ?? '');
      if (estate === undefined) return false;
      const sight = { store: estate.alerts, nowTicks: clock.nowTicks(), viewpoint: everything };
      return selectAlerts(sight, options).rows.some((row) => row.key === alertId);
    },
  };
}

function findOptions(call: Call): QueryOptions | undefined {
  if (!/^\/api(?:\/v1\.0)?\/alerts$/.test(call.path)) return undefined;
  try {
    return parseAlertQuery(call);
  } catch {
    return undefined;
  }
}

interface Window {
  readonly from: bigint;
  readonly to: bigint;
}

const always: Window = { from: -(10n ** 30n), to: 10n ** 30n };

/** The bounds on `lastUpdateTime` that hold for every alert the filter selects; the largest interval when there are none. */
function toWindow(filter: FilterExpression | undefined): Window {
  if (filter?.kind === 'and') {
    const left = toWindow(filter.left);
    const right = toWindow(filter.right);
    return {
      from: left.from > right.from ? left.from : right.from,
      to: left.to < right.to ? left.to : right.to,
    };
  }
  if (filter?.kind === 'or') {
    const left = toWindow(filter.left);
    const right = toWindow(filter.right);
    return {
      from: left.from < right.from ? left.from : right.from,
      to: left.to > right.to ? left.to : right.to,
    };
  }
  if (
    filter?.kind !== 'comparison' ||
    filter.property !== 'lastUpdateTime' ||
    typeof filter.value !== 'bigint'
  ) {
    return always;
  }
  const { operator, value } = filter;
  if (operator === 'ne') return always;
  return {
    from: operator === 'ge' || operator === 'eq' ? value : operator === 'gt' ? value + 1n : always.from,
    to: operator === 'le' || operator === 'eq' ? value : operator === 'lt' ? value - 1n : always.to,
  };
}

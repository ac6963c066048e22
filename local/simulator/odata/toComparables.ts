import { findTicks } from '../clock/ticks.ts';
import { findRawValue, RawJson } from '../http/RawJson.ts';
import type { FilterSchema, PropertyType, PropertyValue } from './FilterExpression.ts';

/** What queries compare of a record, by property. */
export type Comparables = Readonly<Record<string, PropertyValue>>;

/** Values that do not fit the property's type are null to queries; only a fault of a test puts them there. */
export function toComparables(
  fields: Readonly<Record<string, unknown>>,
  properties: FilterSchema['properties'],
): Comparables {
  const entries = Object.entries(properties).map(([name, { kind }]) => [
    name,
    toComparable(fields[name], kind),
  ]);
  return Object.fromEntries(entries) as Comparables;
}

function toComparable(value: unknown, kind: PropertyType['kind']): PropertyValue {
  if (value instanceof RawJson) return toComparable(findRawValue(value), kind);
  if (kind === 'instant') return typeof value === 'string' ? (findTicks(value) ?? null) : null;
  if (kind === 'number') return typeof value === 'number' || typeof value === 'bigint' ? value : null;
  if (kind === 'collection') {
    return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : null;
  }
  if (typeof value !== 'string') return null;
  return kind === 'guid' ? value.toLowerCase() : value;
}

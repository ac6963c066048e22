import { findTicks } from '../../clock/ticks.ts';
import type { Comparable } from '../../odata/FilterExpression.ts';
import { alertProperties } from './alertRules.ts';

/** JSON text that is sent as it is, for payloads that no JavaScript value has: huge numbers, invalid JSON. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** The properties of an alert as they are sent. Values are JSON values, or `RawJson` at the top level. */
export type AlertFields = Readonly<Record<string, unknown>>;

/** An alert as it stands from one change to the next. */
export interface AlertVersion {
  readonly fields: AlertFields;
  /** Sent instead of the fields. */
  readonly raw?: string;
  /** When queries start to see it, in ticks; later than the change when it is indexed late. */
  readonly visibleFrom: bigint;
  /** What queries compare. */
  readonly comparable: Readonly<Record<string, Comparable | null>>;
}

/** Prepares fields for storing. */
export function createAlertVersion(fields: AlertFields, visibleFrom: bigint, raw?: string): AlertVersion {
  const entries = Object.entries(alertProperties).map(([name, { kind }]) => [
    name,
    toComparable(fields[name], kind),
  ]);
  return {
    fields,
    visibleFrom,
    comparable: Object.fromEntries(entries) as Record<string, Comparable | null>,
    ...(raw === undefined ? {} : { raw }),
  };
}

/** Values that do not fit the property's type are null to queries; only a fault of a test puts them there. */
function toComparable(value: unknown, kind: string): Comparable | null {
  if (value instanceof RawJson) return toComparable(parseRaw(value.text), kind);
  if (kind === 'instant') return typeof value === 'string' ? (findTicks(value) ?? null) : null;
  if (kind === 'number') return typeof value === 'number' || typeof value === 'bigint' ? value : null;
  return typeof value === 'string' ? value : null;
}

function parseRaw(text: string): unknown {
  if (/^-?\d+$/.test(text)) return BigInt(text);
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The JSON text of an alert; without `$expand=evidence` the service sends an empty list. */
export function toAlertJson({ fields, raw }: AlertVersion, isEvidenceExpanded: boolean): string {
  if (raw !== undefined) return raw;
  const properties = Object.entries(fields).map(([name, value]) => {
    const sent = name === 'evidence' && !isEvidenceExpanded ? [] : value;
    return `${JSON.stringify(name)}:${sent instanceof RawJson ? sent.text : JSON.stringify(sent)}`;
  });
  return `{${properties.join(',')}}`;
}

import { parseTicks, type Ticks } from '../alerts/ticks.ts';

/** An object of the service, of which nothing is certain. */
export type ServiceRecord = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is ServiceRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The first member that is there and not null, whatever the case of its name. */
export function memberOf(record: ServiceRecord, names: readonly string[]): unknown {
  for (const name of names) {
    const value = Object.hasOwn(record, name) ? record[name] : undefined;
    if (value !== undefined && value !== null) return value;
  }
  const wanted = names.map((name) => name.toLowerCase());
  return Object.entries(record).find(
    ([name, value]) => value !== null && wanted.includes(name.toLowerCase()),
  )?.[1];
}

/** Likewise as text; ids come as text from one API and as numbers from another. */
export function textOf(record: ServiceRecord, ...names: string[]): string | undefined {
  const value = memberOf(record, names);
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' ? String(value) : undefined;
}

/** Likewise the objects of a list; undefined when there is no list. */
export function listOf(record: ServiceRecord, ...names: string[]): ServiceRecord[] | undefined {
  const value = memberOf(record, names);
  return Array.isArray(value) ? value.filter(isRecord) : undefined;
}

/** The instant that the first readable one of these members names. */
export function ticksOf(record: ServiceRecord, ...names: string[]): Ticks | undefined {
  for (const name of names) {
    const text = textOf(record, name);
    const ticks = text === undefined ? undefined : parseTicks(text);
    if (ticks !== undefined) return ticks;
  }
  return undefined;
}

import type { Newest } from '../../reading/listNewest.ts';
import type { ReadQuery } from '../../reading/RecordReader.ts';
import { parseSince } from './parseSince.ts';

/** @throws InputInvalid when `since` is neither an instant nor a duration. */
export function toReadQuery(query: Readonly<Record<string, unknown>>, now: number): ReadQuery {
  const { since, top, status, severity } = query as {
    since: string;
    top: number;
    status?: string;
    severity?: string;
  };
  return { since: parseSince(since, now), top, status, severity };
}

/** A list as callers get it, its records under the name of what they are. */
export function toListAnswer(name: 'alerts' | 'incidents', newest: Newest<unknown>): Record<string, unknown> {
  const { value, ...about } = newest;
  return { [name]: value, count: value.length, ...about };
}

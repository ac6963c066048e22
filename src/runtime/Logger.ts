import { events, type EventName } from './events.ts';

/**
 * Ids, counts, instants and codes, and the comment with which a caller justifies an action. Never a token, a secret, or
 * text of an alert, which an attacker may have written.
 */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Logger {
  info(event: EventName, fields?: LogFields): void;
  warn(event: EventName, fields?: LogFields): void;
  error(event: EventName, fields?: LogFields): void;
}

/** Where finished lines go: the invocation context of a function has this shape. */
export interface LineSink {
  info(line: string): void;
  warn(line: string): void;
  error(line: string): void;
}

/** A logger that writes one line per event: the fixed sentence, then `name=value` pairs that KQL's `parse-kv` reads. */
export function createLogger(sink: LineSink): Logger {
  return {
    info: (event, fields) => {
      sink.info(formatLine(event, fields));
    },
    warn: (event, fields) => {
      sink.warn(formatLine(event, fields));
    },
    error: (event, fields) => {
      sink.error(formatLine(event, fields));
    },
  };
}

function formatLine(event: EventName, fields: LogFields = {}): string {
  const pairs = Object.entries<LogFields[string]>({ event, ...fields }).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}=${formatValue(value)}`,
  );
  return [events[event], ...pairs].join(' ');
}

function formatValue(value: string | number | boolean): string {
  const text = String(value);
  return /^[\w.:/@+-]+$/.test(text) ? text : JSON.stringify(text).replace(INVISIBLE, escapeCharacter);
}

/** Controls, separators and marks of direction, which terminals and log viewers obey and JSON leaves as they are. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

function escapeCharacter(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}

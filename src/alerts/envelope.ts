import { messageKey, type AlertVersion } from './AlertVersion.ts';

export const ENVELOPE_SCHEMA_VERSION = 1;

/**
 * What surrounds an alert on its way. No property has a name of the queue's own metadata (`id`, `dequeueCount`, ...):
 * the Functions host merges the properties of a JSON message into those.
 */
export interface AlertEnvelope {
  readonly schemaVersion: number;
  /** The same for every delivery of the same version: what a receiver recognises repeats by. */
  readonly messageKey: string;
  readonly tenantId: string;
  readonly source: string;
  readonly alertId: string;
  /** UTC ISO 8601 with seven fractional digits, so that texts order as versions do; `undated-…` without a readable time. */
  readonly alertVersion: string;
  /** When the pull put it on the queue; UTC ISO 8601. */
  readonly handedOverAt: string;
  /** How the alert departs from its documented form; empty when it does not. */
  readonly problems: readonly string[];
  readonly evidenceOmitted: boolean;
}

/** A message of the outbox: the envelope with the alert itself, or with the blob in which it lies. */
export type QueuedAlert = AlertEnvelope & ({ readonly alert: unknown } | { readonly alertBlob: string });

export function createEnvelope(version: AlertVersion, now: number): AlertEnvelope {
  return {
    schemaVersion: ENVELOPE_SCHEMA_VERSION,
    messageKey: messageKey(version),
    tenantId: version.tenantId,
    source: version.source,
    alertId: version.alertId,
    alertVersion: version.version,
    handedOverAt: new Date(now).toISOString(),
    problems: version.problems,
    evidenceOmitted: version.evidenceOmitted,
  };
}

/** JSON of `head` with the property `alert` added, whose value is `alertJson` exactly as it is. */
export function spliceAlert(head: object, alertJson: string): string {
  return `${JSON.stringify(head).slice(0, -1)},"alert":${alertJson}}`;
}

/**
 * Whether the JSON keeps its numbers when it is parsed and printed again. Whoever reads the queue parses the message, so
 * an alert that does not survive that travels as a blob.
 */
export function survivesParsing(alertJson: string): boolean {
  for (const [token] of alertJson.matchAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/gs)) {
    if (token.startsWith('"')) continue;
    const mayChange = token.length >= 16 || /[eE]/.test(token) || token === '-0';
    if (mayChange && String(Number(token)) !== token) return false;
  }
  return true;
}

import {
  isUnstorable,
  parseAlert,
  type AlertOrigin,
  type AlertVersion,
} from '../../src/alerts/AlertVersion.ts';
import { parseTicks, type Ticks } from '../../src/alerts/ticks.ts';
import type { PageElement } from '../../src/defender/PageSplitter.ts';

export const ORIGIN: AlertOrigin = { tenantId: 'contoso.example', source: 'endpoint' };

/** An element of a page: this text exactly, or this value as JSON. */
export function elementOf(content: string | object): PageElement {
  const bytes = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content), 'utf8');
  return { bytes, totalBytes: bytes.length };
}

/** A version as the pull makes it from an alert with these properties. */
export function createVersion(alert: object = {}, origin: AlertOrigin = ORIGIN): AlertVersion {
  const whole = { id: 'da1', lastUpdateTime: '2026-11-21T02:30:00Z', ...alert };
  const parsed = parseAlert(elementOf(whole), origin, false);
  if (isUnstorable(parsed)) throw new Error(`not an alert: ${parsed.reason}`);
  return parsed;
}

/** The instant that a timestamp names. */
export function ticksOf(timestamp: string): Ticks {
  const ticks = parseTicks(timestamp);
  if (ticks === undefined) throw new Error(`not a timestamp: ${timestamp}`);
  return ticks;
}

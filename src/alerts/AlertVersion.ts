import type { PageElement } from '../defender/PageSplitter.ts';
import { pageLimits } from '../defender/PageSplitter.ts';
import { DefenderAnswerUnreadable } from '../defender/DefenderAnswerUnreadable.ts';
import { sha256 } from '../storage/keys.ts';
import { formatTicks, parseTicks, type Ticks } from './ticks.ts';

/** Where a version of an alert comes from. */
export interface AlertOrigin {
  readonly tenantId: string;
  readonly source: string;
}

/** One state of one alert: what is handed over exactly once. */
export interface AlertVersion extends AlertOrigin {
  readonly alertId: string;
  /** Orders versions of the alert: its last update, or its creation where there was none. */
  readonly ticks: Ticks;
  /** Names the version: its instant, or a digest of its content when it has no readable instant. */
  readonly version: string;
  /** How the alert departs from its documented form; empty when it does not. */
  readonly problems: readonly string[];
  /** True when it was read without evidence, because reading it with evidence keeps failing. */
  readonly evidenceOmitted: boolean;
  /** The service's own JSON, byte for byte. */
  readonly bytes: Buffer;
}

/** An element of a page that cannot be handed over as an alert. */
export interface Unstorable {
  readonly reason: 'not_an_object' | 'no_id' | 'too_large';
  readonly bytes: Buffer;
  readonly totalBytes: number;
}

/**
 * Reads what the pull needs from an element of a page and leaves the rest alone.
 * @throws DefenderAnswerUnreadable when the element is not JSON: then the whole answer cannot be trusted.
 */
export function parseAlert(
  { bytes, totalBytes }: PageElement,
  origin: AlertOrigin,
  evidenceOmitted: boolean,
): AlertVersion | Unstorable {
  if (totalBytes > pageLimits.elementBytes) return { reason: 'too_large', bytes, totalBytes };
  const alert = parseJson(bytes);
  if (typeof alert !== 'object' || alert === null || Array.isArray(alert)) {
    return { reason: 'not_an_object', bytes, totalBytes };
  }
  const read = fieldReader(alert as Record<string, unknown>);
  const alertId = read('id');
  if (typeof alertId !== 'string' || alertId.trim() === '') return { reason: 'no_id', bytes, totalBytes };

  const updated = readInstant(read('lastUpdateTime'));
  const created = readInstant(read('alertCreationTime'));
  const instant = updated ?? created;
  const problems = [
    ...(updated === 'invalid' ? ['lastUpdateTime is not a timestamp'] : []),
    ...(created === 'invalid' ? ['alertCreationTime is not a timestamp'] : []),
    ...(instant === undefined ? ['lastUpdateTime and alertCreationTime are missing'] : []),
    ...['title', 'severity', 'status']
      .filter((name) => !isTextOrAbsent(read(name)))
      .map((name) => `${name} is not text`),
  ];
  const isDated = typeof instant === 'bigint';
  return {
    ...origin,
    alertId,
    ticks: isDated ? instant : 0n,
    version: isDated ? formatTicks(instant) : `undated-${sha256(bytes).slice(0, 32)}`,
    problems,
    evidenceOmitted,
    bytes,
  };
}

export function isUnstorable(parsed: AlertVersion | Unstorable): parsed is Unstorable {
  return 'reason' in parsed;
}

/** The same text for the same version, whoever computes it: 32 hex digits. */
export function messageKey({
  tenantId,
  source,
  alertId,
  version,
}: Pick<AlertVersion, 'tenantId' | 'source' | 'alertId' | 'version'>): string {
  return sha256(JSON.stringify([tenantId, source, alertId, version])).slice(0, 32);
}

/** Property names are documented in one case; another case of the same name is taken where that one is absent. */
function fieldReader(alert: Record<string, unknown>): (name: string) => unknown {
  return (name) => {
    if (name in alert) return alert[name];
    const key = Object.keys(alert).find((candidate) => candidate.toLowerCase() === name.toLowerCase());
    return key === undefined ? undefined : alert[key];
  };
}

function readInstant(value: unknown): Ticks | 'invalid' | undefined {
  if (value === undefined || value === null) return undefined;
  return (typeof value === 'string' ? parseTicks(value) : undefined) ?? 'invalid';
}

function isTextOrAbsent(value: unknown): boolean {
  return value === undefined || value === null || typeof value === 'string';
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    throw new DefenderAnswerUnreadable('Read alerts', 'an element of the page is not JSON');
  }
}

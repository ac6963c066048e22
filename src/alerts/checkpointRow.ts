import type { AlertOrigin } from './AlertVersion.ts';
import type { Checkpoint, Gap, Lease } from './Checkpoint.ts';
import { CheckpointUntrusted } from './CheckpointUntrusted.ts';
import { formatTicks, parseTicks, type Ticks } from './ticks.ts';
import type { TimeWindow } from './TimeWindow.ts';

export const CHECKPOINT_SCHEMA_VERSION = 1;

/** The properties of a checkpoint's table row, besides its keys. Instants are text, so that a person can read them. */
export interface CheckpointRow {
  schemaVersion: number;
  tenantId: string;
  source: string;
  startedFrom: string;
  watermark: string;
  rereadFrom: string;
  gaps: string;
  sweptAt: string;
  sweep: string;
  calls: string;
  throttledUntil: string;
  lastSuccess: string;
  epoch: number;
  owner: string;
  leaseUntil: string;
}

export function toRow(
  { tenantId, source }: AlertOrigin,
  checkpoint: Checkpoint,
  lease: Lease,
): CheckpointRow {
  return {
    schemaVersion: CHECKPOINT_SCHEMA_VERSION,
    tenantId,
    source,
    startedFrom: formatTicks(checkpoint.startedFrom),
    watermark: formatTicks(checkpoint.watermark),
    rereadFrom: formatTicks(checkpoint.rereadFrom),
    gaps: JSON.stringify(checkpoint.gaps.map(toGapText)),
    sweptAt: formatTicks(checkpoint.sweptAt),
    sweep: checkpoint.sweep ? JSON.stringify(toWindowText(checkpoint.sweep)) : '',
    calls: formatCalls(checkpoint.calls),
    throttledUntil: formatMs(checkpoint.throttledUntil),
    lastSuccess: formatMs(checkpoint.lastSuccess),
    epoch: lease.epoch,
    owner: lease.owner ?? '',
    leaseUntil: formatMs(lease.until),
  };
}

/** @throws CheckpointUntrusted naming the property that cannot be right. */
export function fromRow(
  origin: AlertOrigin,
  row: Readonly<Record<string, unknown>>,
): { checkpoint: Checkpoint; lease: Lease } {
  const untrusted = (why: string) => new CheckpointUntrusted(origin.tenantId, origin.source, why);
  const instant = (name: string): Ticks =>
    parseTicksOr(row[name], () => untrusted(`\`${name}\` is not a timestamp`));
  const time = (name: string): number | undefined =>
    row[name] ? parseMs(row[name], () => untrusted(`\`${name}\` is not a timestamp`)) : undefined;
  const json = (name: string): unknown => parseJson(row[name], () => untrusted(`\`${name}\` is not JSON`));
  const window = (value: unknown, name: string): TimeWindow => {
    const { from, to } = (value ?? {}) as { from?: unknown; to?: unknown };
    const fault = () => untrusted(`\`${name}\` does not hold windows`);
    const parsed = { from: parseTicksOr(from, fault), to: parseTicksOr(to, fault) };
    if (parsed.from >= parsed.to) throw fault();
    return parsed;
  };

  if (row.schemaVersion !== CHECKPOINT_SCHEMA_VERSION) {
    throw untrusted(
      `its schema version is ${String(row.schemaVersion)}, and this release knows ${CHECKPOINT_SCHEMA_VERSION}`,
    );
  }
  const gaps = json('gaps');
  if (!Array.isArray(gaps)) throw untrusted('`gaps` is not a list');
  return {
    checkpoint: {
      startedFrom: instant('startedFrom'),
      watermark: instant('watermark'),
      rereadFrom: instant('rereadFrom'),
      gaps: gaps.map((gap: unknown) => ({ ...window(gap, 'gaps'), ...fromGapText(gap) })),
      sweptAt: instant('sweptAt'),
      sweep: row.sweep ? window(json('sweep'), 'sweep') : undefined,
      calls: parseCalls(row.calls, () => untrusted('`calls` is not a list of times')),
      throttledUntil: time('throttledUntil'),
      lastSuccess: time('lastSuccess'),
    },
    lease: {
      epoch: typeof row.epoch === 'number' ? row.epoch : 0,
      owner: typeof row.owner === 'string' && row.owner ? row.owner : undefined,
      until: time('leaseUntil') ?? 0,
    },
  };
}

function toWindowText({ from, to }: TimeWindow): { from: string; to: string } {
  return { from: formatTicks(from), to: formatTicks(to) };
}

function toGapText(gap: Gap): Record<string, unknown> {
  return {
    ...toWindowText(gap),
    since: formatMs(gap.since),
    attempts: gap.attempts,
    nextTryAt: formatMs(gap.nextTryAt),
  };
}

function fromGapText(gap: unknown): Pick<Gap, 'since' | 'attempts' | 'nextTryAt'> {
  const { since, attempts, nextTryAt } = gap as { since?: unknown; attempts?: unknown; nextTryAt?: unknown };
  // What only paces the tries need not be trusted: without it the gap is tried at once.
  return {
    since: Date.parse(String(since)) || 0,
    attempts: typeof attempts === 'number' ? attempts : 0,
    nextTryAt: Date.parse(String(nextTryAt)) || 0,
  };
}

/** The first call in milliseconds, then the steps in seconds rounded up: every call counts a little too long, never too short. */
function formatCalls(calls: readonly number[]): string {
  const [first] = calls;
  if (first === undefined) return '';
  const offsets = calls.map((at) => Math.ceil((at - first) / 1000));
  const steps = offsets.slice(1).map((offset, index) => offset - (offsets[index] ?? 0));
  return [first, ...steps].join(' ');
}

function parseCalls(text: unknown, fault: () => Error): number[] {
  if (text === undefined || text === '') return [];
  if (typeof text !== 'string' || !/^\d+( \d+)*$/.test(text)) throw fault();
  const [first = 0, ...steps] = text.split(' ').map(Number);
  const calls = [first];
  for (const step of steps) calls.push((calls.at(-1) ?? 0) + step * 1000);
  return calls;
}

function formatMs(ms: number | undefined): string {
  return ms === undefined ? '' : new Date(ms).toISOString();
}

function parseMs(value: unknown, fault: () => Error): number {
  const ms = typeof value === 'string' ? Date.parse(value) : NaN;
  if (Number.isNaN(ms)) throw fault();
  return ms;
}

function parseTicksOr(value: unknown, fault: () => Error): Ticks {
  const ticks = typeof value === 'string' ? parseTicks(value) : undefined;
  if (ticks === undefined) throw fault();
  return ticks;
}

function parseJson(value: unknown, fault: () => Error): unknown {
  try {
    return JSON.parse(String(value)) as unknown;
  } catch {
    throw fault();
  }
}

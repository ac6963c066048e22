import { joinKey, sha256 } from '../storage/keys.ts';
import type { AlertOrigin, AlertVersion } from './AlertVersion.ts';
import { formatTicks, type Ticks } from './ticks.ts';

/** Spreads a day over partitions: one takes 2,000 entities a second. Source: ../storage/limits.ts */
const SHARDS = 4;
/** Sorts after every day, so that deleting old days passes it by. */
const OLD = 'old';

/**
 * The partition of a version: tenant, source, day of the version, shard of the alert.
 *
 * Versions from before the horizon share partitions that are never deleted. Defender does not give such versions for a
 * recent window, but whatever gives them would otherwise see them handed over again each time their day was deleted.
 */
export function ledgerGroup(version: AlertVersion, horizon: Ticks): string {
  const day = version.ticks < horizon ? OLD : formatDay(version.ticks);
  return joinKey(version.tenantId, version.source, day, String(shardOf(version.alertId)));
}

/** Whether this is one of the groups that are never deleted. */
export function isOldGroup(group: string): boolean {
  return group.split('__')[2] === OLD;
}

/** The row of a version: its instant, so that a range of rows is a range of time, and a digest of what names it. */
export function ledgerRow({ ticks, alertId, version }: AlertVersion): string {
  const digest = sha256(JSON.stringify([alertId, version])).slice(0, 32);
  return `${ticks.toString().padStart(19, '0')}-${digest}`;
}

/** The partitions of all days before the horizon: from the first key (inclusive) to the second (exclusive). */
export function ledgerGroupsBefore({ tenantId, source }: AlertOrigin, horizon: Ticks): [string, string] {
  return [joinKey(tenantId, source, '0'), joinKey(tenantId, source, formatDay(horizon))];
}

function formatDay(ticks: Ticks): string {
  return formatTicks(ticks).slice(0, 10);
}

function shardOf(alertId: string): number {
  return parseInt(sha256(alertId).slice(0, 4), 16) % SHARDS;
}

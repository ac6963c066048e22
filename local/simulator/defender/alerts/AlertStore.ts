import { hashText } from '../../random/hashText.ts';
import type { AlertVersion } from './AlertVersion.ts';

/** An alert with its versions, oldest first. */
export interface StoredAlert {
  /** The alert's id; a made-up one when it was stored without. */
  readonly key: string;
  /** Its place in an unordered answer. */
  readonly place: number;
  readonly versions: readonly AlertVersion[];
}

/**
 * The alerts of the tenant.
 *
 * A query sees of each alert the last version that is visible by now. Unordered answers come in an order that is the same
 * for the same seed and follows neither time nor arrival: the documentation promises none.
 */
export class AlertStore {
  readonly #seed: number;
  readonly #alerts = new Map<string, StoredAlert>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Adds an alert; false when the key is taken. */
  add(key: string, version: AlertVersion): boolean {
    if (this.#alerts.has(key)) return false;
    this.#alerts.set(key, { key, place: hashText(`${this.#seed} ${key}`), versions: [version] });
    return true;
  }

  /** Adds a version to a stored alert. Versions nobody can see any more are dropped. */
  update(key: string, version: AlertVersion, nowTicks: bigint): void {
    const alert = this.#alerts.get(key);
    if (alert === undefined) throw new RangeError(`There is no alert ${key}.`);
    const seen = alert.versions.findLastIndex((one) => one.visibleFrom <= nowTicks);
    this.#alerts.set(key, { ...alert, versions: [...alert.versions.slice(Math.max(seen, 0)), version] });
  }

  find(key: string): StoredAlert | undefined {
    return this.#alerts.get(key);
  }

  list(): Iterable<StoredAlert> {
    return this.#alerts.values();
  }

  clear(): void {
    this.#alerts.clear();
  }
}

/** The version that a query sees now; undefined while none is visible. */
export function findVisible(alert: StoredAlert, nowTicks: bigint): AlertVersion | undefined {
  return alert.versions.findLast((one) => one.visibleFrom <= nowTicks);
}

/** The newest version, visible or not. */
export function getNewest({ key, versions }: StoredAlert): AlertVersion {
  const newest = versions.at(-1);
  if (newest === undefined) throw new RangeError(`The alert ${key} has no version.`);
  return newest;
}

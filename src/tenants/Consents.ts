import { randomBytes } from 'node:crypto';
import { odata, type TableClient } from '@azure/data-tables';
import type { Clock } from '../runtime/Clock.ts';
import { sha256 } from '../storage/keys.ts';
import { findEntity, replaceEntity } from '../storage/replaceEntity.ts';
import { StorageError, storageStatus } from '../storage/StorageError.ts';
import { withDeadline } from '../storage/withDeadline.ts';
import { isTenantId } from './TenantRecord.ts';
import { formatTime, parseTime, tenantKeys } from './tenantRow.ts';

const CONSENT_PARTITION = 'consent';
const CONSENT_SCHEMA_VERSION = 1;
/** An administrator may need until tomorrow; a link that lies in a mailbox for longer should not work. */
const LIFE_MS = 24 * 3_600_000;
/** 256 bits, as base64url. */
const STATE = /^[A-Za-z0-9_-]{43}$/;

/**
 * What Entra sends the administrator's browser back with; all of it may be anybody's invention.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
export interface ConsentAnswer {
  readonly state: string | undefined;
  readonly tenant: string | undefined;
  readonly adminConsent: string | undefined;
  readonly error: string | undefined;
}

/** What became of an answer; `tenantId` is the one that was asked for, as it is stored. */
export type ConsentResult =
  | { readonly kind: 'given'; readonly tenantId: string }
  | { readonly kind: 'declined'; readonly tenantId: string }
  | {
      readonly kind: 'rejected';
      readonly reason: 'state' | 'unknown' | 'expired' | 'used' | 'tenant' | 'answer';
    };

/** A consent that was given, as it is kept. */
export interface KeptConsent {
  readonly tenantId: string;
  readonly askedBy: string;
  /** Milliseconds since the Unix epoch. */
  readonly givenAt: number;
}

/**
 * Remembers which consents were asked for, so that only an answer to one of them is taken for a consent.
 *
 * A state is a random text that only its link has; stored is its hash. It works once, for a day, and for the tenant that
 * it was made for. What is recorded here opens nothing: a tenant is pulled only when a token of it has been looked at.
 */
export class Consents {
  readonly #table: () => Promise<TableClient>;
  readonly #clock: Clock;

  constructor(table: () => Promise<TableClient>, clock: Clock) {
    this.#table = table;
    this.#clock = clock;
  }

  /** @param tenantId a GUID. @returns the state for a link. @throws StorageError */
  async ask(
    tenantId: string,
    by: string,
    signal: AbortSignal,
  ): Promise<{ readonly state: string; readonly expiresAt: number }> {
    if (!isTenantId(tenantId)) throw new TypeError('A consent is asked of a tenant by its id.');
    const state = randomBytes(32).toString('base64url');
    const now = this.#clock.now();
    const expiresAt = now + LIFE_MS;
    const row = {
      ...keysOf(state),
      schemaVersion: CONSENT_SCHEMA_VERSION,
      tenantId,
      askedAt: formatTime(now),
      askedBy: by,
      expiresAt: formatTime(expiresAt),
      usedAt: '',
    };
    const table = await this.#table();
    await wrap('Write consent', signal, () => replaceEntity(table, row, undefined, signal));
    return { state, expiresAt };
  }

  /**
   * Takes an answer. One that declines leaves its state as it is: whoever clicked wrongly may open the link again.
   * @throws StorageError
   */
  async finish(answer: ConsentAnswer, signal: AbortSignal): Promise<ConsentResult> {
    const { state, tenant, adminConsent, error } = answer;
    if (state === undefined || !STATE.test(state)) return { kind: 'rejected', reason: 'state' };
    const table = await this.#table();
    const stored = await wrap('Read consent', signal, () => findEntity(table, keysOf(state), signal));
    if (!stored) return { kind: 'rejected', reason: 'unknown' };

    const { etag, schemaVersion, tenantId, usedAt } = stored;
    const expiresAt = parseTime(stored.expiresAt) ?? 0;
    if (schemaVersion !== CONSENT_SCHEMA_VERSION || typeof tenantId !== 'string' || !isTenantId(tenantId)) {
      return { kind: 'rejected', reason: 'unknown' };
    }
    if (usedAt !== '') return { kind: 'rejected', reason: 'used' };
    const now = this.#clock.now();
    if (now >= expiresAt) return { kind: 'rejected', reason: 'expired' };
    if (error !== undefined) return { kind: 'declined', tenantId };
    if (tenant?.toLowerCase() !== tenantId) return { kind: 'rejected', reason: 'tenant' };
    if (adminConsent?.toLowerCase() !== 'true') return { kind: 'rejected', reason: 'answer' };

    const { askedAt, askedBy } = stored;
    const used = {
      ...keysOf(state),
      ...{ schemaVersion, tenantId, askedAt, askedBy, expiresAt: stored.expiresAt },
      usedAt: formatTime(now),
    };
    const written = await wrap('Write consent', signal, () => replaceEntity(table, used, etag, signal));
    if (written === undefined) return { kind: 'rejected', reason: 'used' };
    await this.#noteTenant(table, tenantId, now, signal);
    return { kind: 'given', tenantId };
  }

  /** The last consent of a tenant that was given through a link. @throws StorageError */
  async findGiven(tenantId: string, signal: AbortSignal): Promise<KeptConsent | undefined> {
    const table = await this.#table();
    return await wrap('Read consents', signal, async () => {
      const filter = odata`PartitionKey eq ${CONSENT_PARTITION}`;
      const rows = table.listEntities({ queryOptions: { filter }, abortSignal: withDeadline(signal) });
      let last: KeptConsent | undefined;
      for await (const row of rows) {
        const givenAt = row.tenantId === tenantId ? parseTime(row.usedAt) : undefined;
        if (typeof givenAt !== 'number' || givenAt <= (last?.givenAt ?? 0)) continue;
        last = { tenantId, askedBy: typeof row.askedBy === 'string' ? row.askedBy : '', givenAt };
      }
      return last;
    });
  }

  /** The consent of a tenant that is listed already stands in its row too. */
  async #noteTenant(table: TableClient, tenantId: string, now: number, signal: AbortSignal): Promise<void> {
    const row = { ...tenantKeys(tenantId), consentedAt: formatTime(now) };
    await wrap('Write tenant', signal, async () => {
      try {
        await table.updateEntity(row, 'Merge', { abortSignal: withDeadline(signal) });
      } catch (error) {
        if (storageStatus(error) !== 404) throw error;
      }
    });
  }
}

function keysOf(state: string) {
  return { partitionKey: CONSENT_PARTITION, rowKey: sha256(state) };
}

async function wrap<T>(operation: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    throw new StorageError(operation, error);
  }
}

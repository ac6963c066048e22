import { AppError } from '../runtime/AppError.ts';
import type { Clock } from '../runtime/Clock.ts';
import type { Logger } from '../runtime/Logger.ts';
import { CertificateUnusable } from './CertificateUnusable.ts';
import { CredentialRefused } from './CredentialRefused.ts';

/** Entra's `error` for a secret or assertion that is wrong or expired, and for an application that a tenant does not know. */
const INVALID_CLIENT = 'invalid_client';
/** How long a version that Entra refused in a tenant is not shown to it there again. */
const REFUSED_PAUSE_MS = 5 * 60_000;
/** How often one tenant's refusals make the app look into the vault for a newer version meanwhile. */
const LOOK_INTERVAL_MS = 60_000;
/** How often the vault is read at most, however many tenants refuse. Its own limit is hundreds of reads a second. */
const READ_INTERVAL_MS = 10_000;
/** The newest and the one before: where only some tenants refuse the newest, the other may serve a little longer. */
const KEPT_VERSIONS = 2;
/** A vault that had another version at each look would otherwise be read for ever. */
const MAX_ATTEMPTS = KEPT_VERSIONS + 1;
/** Numbers that stand beside `invalid_client` when no other version can help: the tenant does not know the application. */
const NOT_ABOUT_THE_PROOF: readonly (string | undefined)[] = ['7000229', '7000112'];

/** One version of what lies in the vault. */
export interface Version<T> {
  readonly version: string;
  readonly material: T;
}

export interface RotatingProofInit<T> {
  /** Its name in the vault, for the log. */
  readonly name: string;
  /** Reads the newest version from the vault. */
  readonly read: (signal: AbortSignal) => Promise<Version<T>>;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Refusal {
  readonly error: AppError;
  readonly at: number;
}

/**
 * A secret or certificate of the vault that may be rotated at any time, shared by all tenants and audiences of one
 * application: read once and kept; when Entra refuses it, the vault is read again, and a newer version is tried at once.
 * Without one the refusal stands for five minutes, and neither Entra nor the vault is hammered.
 *
 * A refusal counts for the version and the tenant: Entra says `invalid_client` also when one tenant does not know the
 * application (AADSTS7000229), and a new secret is not known to all of Entra at once. So no tenant's refusal stops others.
 */
export class RotatingProof<T> {
  readonly #init: RotatingProofInit<T>;
  /** Newest first. */
  #versions: readonly Version<T>[] = [];
  #reading: Promise<Version<T>> | undefined;
  /** When the vault was last read without giving a version that serves, and why that failed if it did. */
  #readInVain: { readonly at: number; readonly error?: unknown } | undefined;
  /** When tenants last made the app look for a newer version. */
  readonly #lookedAt = new Map<string, number>();
  /** By version, then by tenant; only of the versions that are kept. */
  readonly #refusals = new Map<string, Map<string, Refusal>>();

  constructor(init: RotatingProofInit<T>) {
    this.#init = init;
  }

  /** @throws what `attempt` and the reading throw. */
  async use<R>(tenantId: string, signal: AbortSignal, attempt: (material: T) => Promise<R>): Promise<R> {
    const isFresh = this.#versions.length === 0;
    if (isFresh) await this.#readFirst(signal);
    for (let attempts = 1; ; attempts += 1) {
      const known = this.#versions.find(({ version }) => !this.#refusal(version, tenantId));
      const chosen = known ?? (await this.#findNewer(tenantId, signal));
      try {
        return await attempt(chosen.material);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        this.#remember(chosen.version, tenantId, error);
        // What was read a moment ago is the newest that there is.
        if (isFresh) this.#noteLookInVain(tenantId);
        if (attempts === MAX_ATTEMPTS) throw error;
      }
    }
  }

  async #readFirst(signal: AbortSignal): Promise<void> {
    const { at, error } = this.#readInVain ?? {};
    // Reading and decrypting the same again gives the same. An outage, though, may be over.
    const isUseless = error instanceof CertificateUnusable && at !== undefined;
    if (!this.#reading && isUseless && this.#init.clock.now() - at < READ_INTERVAL_MS) throw error;
    await this.#read(signal);
  }

  /** A version that is not known yet. @throws the refusal of the newest known one when the vault has none. */
  async #findNewer(tenantId: string, signal: AbortSignal): Promise<Version<T>> {
    const now = this.#init.clock.now();
    if (!this.#reading) {
      const isTooSoon =
        now - (this.#lookedAt.get(tenantId) ?? -Infinity) < LOOK_INTERVAL_MS ||
        now - (this.#readInVain?.at ?? -Infinity) < READ_INTERVAL_MS;
      if (isTooSoon) throw this.#readInVain?.error ?? this.#newestRefusal(tenantId);
    }
    this.#lookedAt.set(tenantId, now);
    const found = await this.#read(signal);
    if (this.#refusal(found.version, tenantId)) throw this.#newestRefusal(tenantId);
    return found;
  }

  #noteLookInVain(tenantId: string): void {
    const at = this.#init.clock.now();
    this.#lookedAt.set(tenantId, at);
    this.#readInVain = { at };
  }

  /** However long ago it was. */
  #newestRefusal(tenantId: string): unknown {
    return this.#refusals.get(this.#versions[0]?.version ?? '')?.get(tenantId)?.error;
  }

  /** One read for all who want it at the same time. */
  #read(signal: AbortSignal): Promise<Version<T>> {
    this.#reading ??= this.#readNewest(signal).finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async #readNewest(signal: AbortSignal): Promise<Version<T>> {
    const { name, read, clock, logger } = this.#init;
    const [newest] = this.#versions;
    let found: Version<T>;
    try {
      found = await read(signal);
    } catch (error) {
      this.#readInVain = { at: clock.now(), error };
      throw error;
    }
    this.#readInVain = found.version === newest?.version ? { at: clock.now() } : undefined;
    if (found.version === newest?.version) return newest;
    if (newest) logger.warn('credential_secret_rotated', { name, version: found.version });
    const others = this.#versions.filter(({ version }) => version !== found.version);
    this.#versions = [found, ...others].slice(0, KEPT_VERSIONS);
    this.#forgetOthers();
    return found;
  }

  /** Refusals of versions that are gone, and looks that were for this one. */
  #forgetOthers(): void {
    const kept = new Set(this.#versions.map(({ version }) => version));
    for (const version of this.#refusals.keys()) if (!kept.has(version)) this.#refusals.delete(version);
    this.#lookedAt.clear();
  }

  #refusal(version: string, tenantId: string): Refusal | undefined {
    const found = this.#refusals.get(version)?.get(tenantId);
    return found && this.#init.clock.now() - found.at <= REFUSED_PAUSE_MS ? found : undefined;
  }

  #remember(version: string, tenantId: string, error: AppError): void {
    const byTenant = this.#refusals.get(version) ?? new Map<string, Refusal>();
    byTenant.set(tenantId, { error, at: this.#init.clock.now() });
    this.#refusals.set(version, byTenant);
  }
}

/** Whether another version may help. */
function isRefusal(error: unknown): error is AppError {
  return (
    error instanceof CertificateUnusable ||
    (error instanceof CredentialRefused &&
      error.error === INVALID_CLIENT &&
      !NOT_ABOUT_THE_PROOF.includes(error.number))
  );
}

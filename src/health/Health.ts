import type { AlertOrigin } from '../alerts/AlertVersion.ts';
import type { CheckpointStore } from '../alerts/CheckpointStore.ts';
import type { PoisonQueue } from '../alerts/PoisonQueue.ts';
import { toUnixMs } from '../alerts/ticks.ts';
import type { CredentialExpiry, CredentialWatch } from '../identity/CredentialWatch.ts';
import type { TokenSource } from '../identity/TokenSource.ts';
import type { OperationStore } from '../operations/OperationStore.ts';
import type { PauseSwitch } from '../operations/PauseSwitch.ts';
import { AppError } from '../runtime/AppError.ts';
import type { Clock } from '../runtime/Clock.ts';
import type { TableTenantDirectory } from '../tenants/TableTenantDirectory.ts';
import type { TenantList } from '../tenants/TenantList.ts';
import { isFailing, type TenantRecord } from '../tenants/TenantRecord.ts';

/** Everybody may ask, so nobody can make the app ask storage and Entra more often than this. */
const KEEP_MS = 10_000;

export interface PullHealth {
  readonly lastSuccessDateTime: string | undefined;
  readonly ageSeconds: number | undefined;
  readonly lagSeconds: number | undefined;
  readonly gaps: number;
}

/** Of all tenants that are not paused, the home tenant included. */
export interface TenantsHealth {
  readonly enabled: number;
  /** Others than the home tenant whose last complete pull is too old. */
  readonly late: number;
  /** Those whose last pull ended with an error. */
  readonly failing: number;
}

export interface HealthReport {
  readonly status: 'up' | 'degraded';
  /** Codes of what is wrong. */
  readonly reasons: readonly string[];
  readonly pull: PullHealth | undefined;
  readonly tenants: TenantsHealth | undefined;
  readonly poisonMessages: number | undefined;
  /** `ok`, or the code of what is wrong. */
  readonly credential: string;
  /** Those in the vault of which a notice is due. */
  readonly expiringCredentials: readonly ExpiringCredential[];
  readonly openOperations: number | undefined;
  readonly actionsPaused: boolean | undefined;
}

export interface ExpiringCredential {
  readonly name: string;
  readonly usedFor: string;
  readonly expiresDateTime: string;
  /** Negative once it has expired. */
  readonly daysLeft: number;
}

export interface HealthInit {
  readonly origin: AlertOrigin;
  /** False where no schedule is set: then nothing is pulled, and nothing is missed. */
  readonly isPulling: boolean;
  readonly maxPullAgeMs: number;
  readonly audience: string;
  readonly checkpoints: CheckpointStore;
  readonly poison: PoisonQueue;
  readonly tokens: TokenSource;
  readonly operations: OperationStore;
  readonly pause: PauseSwitch;
  readonly tenants: Pick<TableTenantDirectory, 'list'>;
  readonly credentials: Pick<CredentialWatch, 'read'>;
  readonly clock: Clock;
}

/** Tells how the app is, from what it stores and whether it can sign in. */
export class Health {
  readonly #init: HealthInit;
  #kept: { readonly at: number; readonly report: Promise<HealthReport> } | undefined;

  constructor(init: HealthInit) {
    this.#init = init;
  }

  /** At most ten seconds old. Never throws for what it finds: that is what it reports. */
  async report(signal: AbortSignal): Promise<HealthReport> {
    const now = this.#init.clock.now();
    if (!this.#kept || now - this.#kept.at >= KEEP_MS) {
      this.#kept = { at: now, report: this.#examine(now, signal) };
      this.#kept.report.catch(() => {
        this.#kept = undefined;
      });
    }
    return await this.#kept.report;
  }

  async #examine(now: number, signal: AbortSignal): Promise<HealthReport> {
    const { origin, checkpoints, poison, tokens, audience, operations, pause, tenants, credentials } =
      this.#init;
    const [checkpoint, poisoned, token, open, paused, listed, expiries] = await Promise.all([
      attempt(() => checkpoints.read(origin, signal), signal),
      attempt(() => poison.count(signal), signal),
      attempt(() => tokens.getToken(audience, signal), signal),
      attempt(() => operations.listOpen(signal), signal),
      attempt(() => pause.read(signal), signal),
      attempt(() => tenants.list(signal), signal),
      attempt(() => credentials.read(signal), signal),
    ]);
    const pull = checkpoint.value && this.#pullHealth(checkpoint.value.checkpoint, now);
    const failures = [checkpoint, poisoned, token, open, paused, listed, expiries].flatMap(
      ({ code }) => code ?? [],
    );
    const reasons = [
      ...new Set([
        ...failures,
        ...(checkpoint.code === undefined && isHomePulled(listed.value) ? this.#pullReasons(pull) : []),
        ...this.#tenantReasons(listed.value, now),
        ...(poisoned.value ? ['poison_messages'] : []),
        ...(expiries.value?.some(isUrgent) ? ['credential_expires'] : []),
      ]),
    ];
    return {
      status: reasons.length > 0 ? 'degraded' : 'up',
      reasons,
      pull,
      tenants: listed.value && this.#tenantsHealth(listed.value, now),
      poisonMessages: poisoned.value,
      credential: token.code ?? 'ok',
      expiringCredentials: (expiries.value ?? []).flatMap(toExpiring),
      openOperations: open.value?.length,
      actionsPaused: paused.value?.isPaused,
    };
  }

  #pullHealth(
    {
      lastSuccess,
      watermark,
      gaps,
    }: { lastSuccess: number | undefined; watermark: bigint; gaps: readonly unknown[] },
    now: number,
  ): PullHealth {
    const secondsSince = (ms: number) => Math.max(0, Math.round((now - ms) / 1000));
    return {
      lastSuccessDateTime: lastSuccess === undefined ? undefined : new Date(lastSuccess).toISOString(),
      ageSeconds: lastSuccess === undefined ? undefined : secondsSince(lastSuccess),
      lagSeconds: secondsSince(toUnixMs(watermark)),
      gaps: gaps.length,
    };
  }

  #pullReasons(pull: PullHealth | undefined): string[] {
    if (!this.#init.isPulling) return [];
    if (pull?.ageSeconds === undefined) return ['pull_never_finished'];
    return [
      ...(pull.ageSeconds * 1000 > this.#init.maxPullAgeMs ? ['pull_too_old'] : []),
      ...(pull.gaps > 0 ? ['pull_gaps'] : []),
    ];
  }

  #tenantsHealth({ tenants }: TenantList, now: number): TenantsHealth {
    const enabled = tenants.filter(({ isEnabled }) => isEnabled);
    return {
      enabled: enabled.length,
      late: enabled.filter((tenant) => this.#isLate(tenant, now)).length,
      failing: enabled.filter(isFailing).length,
    };
  }

  /** The home tenant has reasons of its own, and a new tenant as much time as an old one. */
  #isLate({ isHome, addedAt, lastSuccess }: TenantRecord, now: number): boolean {
    if (isHome || !this.#init.isPulling) return false;
    return now - Math.max(addedAt ?? 0, lastSuccess ?? 0) > this.#init.maxPullAgeMs;
  }

  #tenantReasons(list: TenantList | undefined, now: number): string[] {
    if (!list) return [];
    return [
      ...(this.#tenantsHealth(list, now).late > 0 ? ['tenants_late'] : []),
      ...(list.untrusted.length > 0 ? ['tenant_untrusted'] : []),
    ];
  }
}

/** A month ahead is told, but is nothing wrong yet. */
function isUrgent({ notice }: CredentialExpiry): boolean {
  return notice !== undefined && notice <= 7;
}

function toExpiring({ name, usedFor, expiresOn, daysLeft, notice }: CredentialExpiry): ExpiringCredential[] {
  if (notice === undefined || expiresOn === undefined || daysLeft === undefined) return [];
  return [{ name, usedFor, expiresDateTime: new Date(expiresOn).toISOString(), daysLeft }];
}

function isHomePulled(list: TenantList | undefined): boolean {
  return list?.tenants.find(({ isHome }) => isHome)?.isEnabled ?? true;
}

/** The value, or the code of why there is none. */
async function attempt<T>(
  work: () => Promise<T>,
  signal: AbortSignal,
): Promise<{ readonly value?: T; readonly code?: string }> {
  try {
    return { value: await work() };
  } catch (error) {
    signal.throwIfAborted();
    return { code: error instanceof AppError ? error.code : 'unexpected_error' };
  }
}

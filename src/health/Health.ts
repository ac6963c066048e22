import type { AlertOrigin } from '../alerts/AlertVersion.ts';
import type { CheckpointStore } from '../alerts/CheckpointStore.ts';
import type { PoisonQueue } from '../alerts/PoisonQueue.ts';
import { toUnixMs } from '../alerts/ticks.ts';
import type { TokenSource } from '../identity/TokenSource.ts';
import type { OperationStore } from '../operations/OperationStore.ts';
import type { PauseSwitch } from '../operations/PauseSwitch.ts';
import { AppError } from '../runtime/AppError.ts';
import type { Clock } from '../runtime/Clock.ts';

/** Everybody may ask, so nobody can make the app ask storage and Entra more often than this. */
const KEEP_MS = 10_000;

export interface PullHealth {
  readonly lastSuccessDateTime: string | undefined;
  readonly ageSeconds: number | undefined;
  readonly lagSeconds: number | undefined;
  readonly gaps: number;
}

export interface HealthReport {
  readonly status: 'up' | 'degraded';
  /** Codes of what is wrong. */
  readonly reasons: readonly string[];
  readonly pull: PullHealth | undefined;
  readonly poisonMessages: number | undefined;
  /** `ok`, or the code of what is wrong. */
  readonly credential: string;
  readonly openOperations: number | undefined;
  readonly actionsPaused: boolean | undefined;
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
    const { origin, checkpoints, poison, tokens, audience, operations, pause } = this.#init;
    const [checkpoint, poisoned, token, open, paused] = await Promise.all([
      attempt(() => checkpoints.read(origin, signal), signal),
      attempt(() => poison.count(signal), signal),
      attempt(() => tokens.getToken(audience, signal), signal),
      attempt(() => operations.listOpen(signal), signal),
      attempt(() => pause.read(signal), signal),
    ]);
    const pull = checkpoint.value && this.#pullHealth(checkpoint.value.checkpoint, now);
    const failures = [checkpoint, poisoned, token, open, paused].flatMap(({ code }) => code ?? []);
    const reasons = [
      ...new Set([
        ...failures,
        ...(checkpoint.code === undefined ? this.#pullReasons(pull) : []),
        ...(poisoned.value ? ['poison_messages'] : []),
      ]),
    ];
    return {
      status: reasons.length > 0 ? 'degraded' : 'up',
      reasons,
      pull,
      poisonMessages: poisoned.value,
      credential: token.code ?? 'ok',
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

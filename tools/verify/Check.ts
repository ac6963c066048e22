import { UsageError } from '../runCommand.ts';
import { AppError } from '../../src/runtime/AppError.ts';

/**
 * What a check found: `ok`, `failed`, or `unknown` when it could not look, for want of a right or a value; `off` when
 * the deployment does not do what would be checked.
 */
export interface Finding {
  readonly status: 'ok' | 'failed' | 'unknown' | 'off';
  /** One line for the operator: what was seen or, unless it is ok, what to do. */
  readonly detail: string;
}

/** One row of the table. */
export interface Check {
  readonly name: string;
  /** Never throws for what it finds. */
  readonly run: (signal: AbortSignal) => Promise<Finding>;
}

export const ok = (detail: string): Finding => ({ status: 'ok', detail });
export const failed = (detail: string): Finding => ({ status: 'failed', detail });
export const unknown = (detail: string): Finding => ({ status: 'unknown', detail });
export const off = (detail: string): Finding => ({ status: 'off', detail });

/** Runs a check; what it throws was in the way of looking, and proves nothing. */
export async function runCheck({ run }: Check, signal: AbortSignal): Promise<Finding> {
  try {
    return await run(signal);
  } catch (error) {
    const isExpected = error instanceof AppError || error instanceof UsageError;
    if (isExpected) return unknown(error.message);
    return unknown(error instanceof Error ? `${error.name}: ${error.message}` : 'something unexpected');
  }
}

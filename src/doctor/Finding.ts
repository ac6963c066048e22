import { AppError } from '../runtime/AppError.ts';

/** The links of the chain, in the order in which a person would try them. */
export const steps = [
  'settings',
  'keyVault',
  'token',
  'claims',
  'signature',
  'permission',
  'call',
  'clock',
  'retirement',
  'onBehalfOf',
] as const;

export type Step = (typeof steps)[number];

/** What was seen at one link of the chain. */
export interface Finding {
  readonly step: Step;
  /** An API, a feature, or the name of a secret or certificate. */
  readonly about?: string | undefined;
  /**
   * `failed` stands in the way of something that is switched on; `warning` does not, or not yet; `skipped` could not be
   * looked at, or is off, and says why.
   */
  readonly status: 'ok' | 'warning' | 'failed' | 'skipped';
  readonly text: string;
  /** What to do. */
  readonly advice?: string | undefined;
  /** What to run, or the link to open, for it. */
  readonly command?: string | undefined;
  /** The service's request id, for a support case. */
  readonly requestId?: string | undefined;
  /** Stable; of an error of the app it is its code. */
  readonly code?: string | undefined;
}

/** What an error means at a step. Of an error that is not the app's own only its class is told. */
export function toFinding(
  step: Step,
  about: string | undefined,
  error: unknown,
  status: Finding['status'] = 'failed',
): Finding {
  if (error instanceof AppError) {
    const { message: text, code, requestId } = error;
    return { step, about, status, text, code, requestId };
  }
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return { step, about, status, code: 'timed_out', text: 'No answer came in time.' };
  }
  const name = error instanceof Error ? error.name : 'something';
  return {
    step,
    about,
    status,
    code: 'unexpected_error',
    text: `Something unexpected went wrong (${name}).`,
  };
}

/** A refusal by Entra, freed from the library that reports it. All parts are short and code-like: descriptions are left out. */
export interface EntraFailure {
  /** Entra's `error`, the only part that Microsoft calls stable. */
  readonly error: string;
  /** The AADSTS number, a hint and no more. */
  readonly number: string | undefined;
  readonly correlationId: string | undefined;
  readonly traceId: string | undefined;
  /** The claims challenge, as JSON text. */
  readonly claims: string | undefined;
  /** True for what may pass by itself: Entra is busy, or broken. */
  readonly isPassing: boolean;
}

interface Found {
  errorCode?: unknown;
  errorNo?: unknown;
  status?: unknown;
  statusCode?: unknown;
  correlationId?: unknown;
  traceId?: unknown;
  claims?: unknown;
  errorResponse?: {
    error?: unknown;
    errorCodes?: unknown;
    correlationId?: unknown;
    traceId?: unknown;
  };
}

/** Header values have bounds, and so has what a caller may be told to send on. */
const MAX_CLAIMS_LENGTH = 4_000;

/** Entra's words for its own troubles, for the cases where the SDK keeps the status to itself. */
const PASSING = ['temporarily_unavailable', 'server_error'];

/**
 * What `@azure/identity` knows of a refusal. It hides in the chain of causes: as MSAL's ServerError (`errorCode`,
 * `errorNo`, and `status`, but not for on-behalf-of), as its InteractionRequiredAuthError (likewise, with `claims` and
 * without a status), or as AuthenticationError (`statusCode`, `errorResponse`). Undefined when Entra did not refuse.
 */
export function readEntraFailure(error: unknown): EntraFailure | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    const found = current as Error & Found;
    const { errorResponse } = found;
    const code = textOf(found.errorCode) ?? textOf(errorResponse?.error);
    const isWithoutStatus = ['ServerError', 'InteractionRequiredAuthError'].includes(found.name);
    const status =
      numberOf(found.status) ?? numberOf(found.statusCode) ?? (isWithoutStatus && code ? 400 : undefined);
    if (status === undefined || status < 400) continue;
    const numbers: unknown[] = Array.isArray(errorResponse?.errorCodes) ? errorResponse.errorCodes : [];
    return {
      error: code ?? `HTTP ${status}`,
      number: textOf(found.errorNo) ?? textOf(numbers[0]) ?? findNumber(found.message),
      // MSAL puts its own id over the one that Entra gave.
      correlationId:
        findId('Correlation ID', found.message) ??
        textOf(found.correlationId) ??
        textOf(errorResponse?.correlationId),
      traceId: textOf(found.traceId) ?? textOf(errorResponse?.traceId) ?? findId('Trace ID', found.message),
      claims: claimsOf(found.claims),
      isPassing: status === 429 || status >= 500 || PASSING.includes(code ?? ''),
    };
  }
  return undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** Only short code-like texts: descriptions are free text. */
function textOf(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && /^[\w-]{1,100}$/.test(text) ? text : undefined;
}

/** From the message of MSAL's errors, which is where it keeps what Entra gave. */
function findId(label: string, message: string): string | undefined {
  const pattern = new RegExp(String.raw`\b${label}: ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b`, 'i');
  return pattern.exec(message)?.[1];
}

/** Entra's list of numbers does not pass every proxy and gateway; its description begins with the number. */
function findNumber(message: string): string | undefined {
  return /\bAADSTS(\d{5,8})\b/.exec(message)?.[1];
}

function claimsOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > MAX_CLAIMS_LENGTH) return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === 'object' && parsed !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

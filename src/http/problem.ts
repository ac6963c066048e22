import { STATUS_CODES } from 'node:http';
import type { HttpResponseInit } from '@azure/functions';
import { AppError } from '../runtime/AppError.ts';
import { InputInvalid } from './InputInvalid.ts';

/** The headers of every answer. */
export function commonHeaders(requestId: string): Record<string, string> {
  return { 'x-ms-request-id': requestId, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
}

/** A problem by its parts, for those that are not errors of this process. */
export interface ProblemParts {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly target?: string | undefined;
  readonly details?: readonly unknown[];
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * One answer for both worlds: problem+json with Azure's `error` member.
 * Sources: RFC 9457, https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md#handling-errors
 */
export function problem(parts: ProblemParts, requestId: string): HttpResponseInit {
  const { status, code, message, target, details, members, headers } = parts;
  return {
    status,
    headers: {
      ...commonHeaders(requestId),
      'content-type': 'application/problem+json',
      'x-ms-error-code': code,
      ...headers,
    },
    body: JSON.stringify({
      type: `urn:defender-functions:error:${code}`,
      title: STATUS_CODES[status] ?? 'Problem',
      status,
      detail: message,
      instance: `urn:uuid:${requestId}`,
      ...members,
      error: { code, message, target, details },
    }),
  };
}

/** The answer to whatever went wrong; of an unknown error nothing is told but that it happened. */
export function toProblem(error: unknown, requestId: string): HttpResponseInit {
  if (!(error instanceof AppError)) {
    const message = `Something unexpected went wrong. The log has it under the request id ${requestId}.`;
    return problem({ status: 500, code: 'unexpected_error', message }, requestId);
  }
  const { httpStatus: status, code, message, members, retryAfterMs } = error;
  const details =
    error instanceof InputInvalid ? error.faults.map((fault) => ({ code: 'invalid', ...fault })) : undefined;
  const serviceId = error.requestId === undefined ? {} : { serviceRequestId: error.requestId };
  return problem(
    {
      status,
      code,
      message,
      ...(details ? { details } : {}),
      members: { ...members, ...serviceId },
      headers: retryAfterHeader(status, retryAfterMs),
    },
    requestId,
  );
}

const DEFAULT_RETRY_AFTER_MS = 30_000;

/** Whoever is told to come again is told when. */
function retryAfterHeader(status: number, retryAfterMs: number | undefined): Record<string, string> {
  const ms = retryAfterMs ?? (status === 429 || status === 503 ? DEFAULT_RETRY_AFTER_MS : undefined);
  return ms === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(ms / 1000))) };
}

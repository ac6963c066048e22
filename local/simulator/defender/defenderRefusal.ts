import { randomUUID } from 'node:crypto';
import { json } from '../http/Answer.ts';
import { Refusal } from '../http/Refusal.ts';

interface DefenderError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The documented refusals of Defender for Endpoint, one constructor each.
 *
 * Source: https://learn.microsoft.com/defender-endpoint/api/common-errors
 */
export const defenderErrors = {
  odata: (message: string): DefenderError => ({ status: 400, code: 'ODataError', message }),
  badRequest: (message: string): DefenderError => ({ status: 400, code: 'BadRequest', message }),
  invalidInput: (message: string): DefenderError => ({ status: 400, code: 'InvalidInput', message }),
  invalidRequestBody: (why: string): DefenderError => ({
    status: 400,
    code: 'InvalidRequestBody',
    message: `Request body is incorrect: ${why}`,
  }),
  missingParameter: (name: string): DefenderError => ({
    status: 400,
    code: 'MissingRequiredParameter',
    message: `Parameter ${name} is missing.`,
  }),
  osPlatformNotSupported: (platform: string): DefenderError => ({
    status: 400,
    code: 'OsPlatformNotSupported',
    message: `OS Platform ${platform} is not supported for this action.`,
  }),
  clientVersionNotSupported: (action: string, version: string): DefenderError => ({
    status: 400,
    code: 'ClientVersionNotSupported',
    message: `${action} is supported on client version ${version} and above.`,
  }),
  /** The message was seen in real answers. */
  activeRequestAlreadyExists: (): DefenderError => ({
    status: 400,
    code: 'ActiveRequestAlreadyExists',
    message: 'Action is already in progress',
  }),
  unauthorized: (reason: string): DefenderError => ({
    status: 401,
    code: 'Unauthorized',
    message: `The authorization header is not valid. ${reason}`,
    headers: { 'WWW-Authenticate': 'Bearer' },
  }),
  forbidden: (message: string): DefenderError => ({ status: 403, code: 'Forbidden', message }),
  notFound: (path: string): DefenderError => ({
    status: 404,
    code: 'NotFound',
    message: `There is nothing at ${path}.`,
  }),
  resourceNotFound: (
    kind: 'Alert' | 'Incident' | 'Machine' | 'Machine action',
    id: string,
  ): DefenderError => ({
    status: 404,
    code: 'ResourceNotFound',
    message: `${kind} ${id} was not found`,
  }),
  noRecentMachines: (): DefenderError => ({
    status: 404,
    code: 'NotFound',
    message: 'There are no recent machines.',
  }),
  methodNotAllowed: (method: string): DefenderError => ({
    status: 405,
    code: 'BadRequest',
    message: `The method ${method} is not allowed here.`,
  }),
  tooManyRequests: (allowed: number, period: string, retryAfter: string): DefenderError => ({
    status: 429,
    code: 'TooManyRequests',
    message: `API calls quota exceeded! maximum allowed ${allowed} per ${period}`,
    headers: { 'Retry-After': retryAfter },
  }),
  notSimulated: (what: string): DefenderError => ({
    status: 501,
    code: 'NotSimulated',
    message: `The simulator does not do ${what}. docs/simulator.md lists what it does.`,
  }),
} as const;

/** A refusal in the shape of Defender for Endpoint; `target` is the id that support asks for. */
export function defenderRefusal({ status, code, message, headers = {} }: DefenderError): Refusal {
  return new Refusal(json(status, { error: { code, message, target: randomUUID() } }, headers));
}

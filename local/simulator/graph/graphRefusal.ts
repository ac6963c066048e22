import { json } from '../http/Answer.ts';
import { Refusal } from '../http/Refusal.ts';

/** The ids and the time that Graph puts into each error. */
export interface GraphRequestFacts {
  readonly requestId: string;
  readonly clientRequestId: string;
  readonly now: Date;
}

interface GraphError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The refusals of Graph, one constructor each.
 *
 * Source: https://learn.microsoft.com/graph/errors
 */
export const graphErrors = {
  badRequest: (message: string): GraphError => ({ status: 400, code: 'BadRequest', message }),
  /** The code and the messages about audience and lifetime were seen in real answers. */
  invalidToken: (message: string): GraphError => ({
    status: 401,
    code: 'InvalidAuthenticationToken',
    message,
    headers: { 'WWW-Authenticate': 'Bearer' },
  }),
  forbidden: (message: string): GraphError => ({ status: 403, code: 'Forbidden', message }),
  resourceNotFound: (kind: 'alert' | 'incident', id: string): GraphError => ({
    status: 404,
    code: 'ResourceNotFound',
    message: `There is no ${kind} ${id}.`,
  }),
  noSegment: (segment: string): GraphError => ({
    status: 400,
    code: 'BadRequest',
    message: `Resource not found for the segment '${segment}'.`,
  }),
  methodNotAllowed: (method: string): GraphError => ({
    status: 405,
    code: 'BadRequest',
    message: `The method ${method} is not allowed here.`,
  }),
  tooManyRequests: (message: string, retryAfter: string): GraphError => ({
    status: 429,
    code: 'TooManyRequests',
    message,
    headers: { 'Retry-After': retryAfter },
  }),
  /** Seen in real answers: https://github.com/microsoftgraph/microsoft-graph-docs/issues/19954 */
  gatewayTimeout: (): GraphError => ({ status: 504, code: 'UnknownError', message: '' }),
  notSimulated: (what: string): GraphError => ({
    status: 501,
    code: 'NotSimulated',
    message: `The simulator does not do ${what}. docs/simulator.md lists what it does.`,
  }),
} as const;

/** A refusal in the shape of Graph. */
export function graphRefusal(facts: GraphRequestFacts, error: GraphError): Refusal {
  const { status, code, message, headers = {} } = error;
  const innerError = {
    date: facts.now.toISOString().slice(0, 19),
    'request-id': facts.requestId,
    'client-request-id': facts.clientRequestId,
  };
  return new Refusal(
    json(status, { error: { code, message, innerError } }, { ...idHeaders(facts), ...headers }),
  );
}

/** The headers that Graph puts on every answer. */
export function idHeaders({
  requestId,
  clientRequestId,
}: GraphRequestFacts): Readonly<Record<string, string>> {
  return { 'request-id': requestId, 'client-request-id': clientRequestId };
}

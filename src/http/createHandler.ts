import type { HttpHandler, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { AppError } from '../runtime/AppError.ts';
import { describeError } from '../runtime/describeError.ts';
import { createLogger, type Logger } from '../runtime/Logger.ts';
import { OnBehalfOfRefused } from '../identity/OnBehalfOfRefused.ts';
import type { PersonAssertion } from '../identity/TokenSource.ts';
import type { Caller } from './Caller.ts';
import type { CallerGate } from './CallerGate.ts';
import { CallerUnauthenticated } from './CallerUnauthenticated.ts';
import type { Endpoint } from './Endpoint.ts';
import { endpoints, type EndpointName } from './endpoints.ts';
import { toFailurePage } from './page.ts';
import { problem, commonHeaders, toProblem } from './problem.ts';
import { RequestTimedOut } from './RequestTimedOut.ts';
import { readInput, type Input } from './readInput.ts';
import type { VerifiedCaller } from './TokenVerifier.ts';

/** Logic Apps give up after two minutes; whatever takes longer is ended before. */
const TIMEOUT_MS = 110_000;

/** A call whose caller and input are checked. */
export interface Call extends Input {
  /** Undefined for an open endpoint that was called without a token. */
  readonly caller: Caller | undefined;
  /** The caller's own token when it is a person's: Defender is called on their behalf with it. */
  readonly person: PersonAssertion | undefined;
  readonly headers: HttpRequest['headers'];
  readonly requestId: string;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Answers a call; what it throws becomes a problem. */
export type Answer = (call: Call) => Promise<HttpResponseInit>;

/** The way of every request: who calls, may they, is the input right, then the work, and one form for what goes wrong. */
export function createHandler(name: EndpointName, gate: () => CallerGate, answer: Answer): HttpHandler {
  const endpoint: Endpoint = endpoints[name];
  return async (request, context) => {
    const requestId = context.invocationId;
    const logger = createLogger(context);
    let isKnown = false;
    try {
      const known = await identify(endpoint, gate(), request, logger);
      isKnown = true;
      const input = await readInput(endpoint, request, namesToIgnore(endpoint, gate(), request));
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const response = await answer({
        ...input,
        caller: known?.caller,
        person: known?.person,
        headers: request.headers,
        requestId,
        logger,
        signal,
      });
      return withHeaders(response, commonHeaders(requestId));
    } catch (caught) {
      const error = isTimeout(caught) ? new RequestTimedOut() : caught;
      const failure = toAnswer(error, { name, isKnown, logger, context, gate });
      if (!endpoint.isPage) return failure;
      return withHeaders(toFailurePage(failure.status ?? 500, requestId), commonHeaders(requestId));
    }
  };
}

/** Names in the query that are not the endpoint's: the host's key and, in a link that another service made, its own. */
function namesToIgnore(
  { isPage, parameters }: Endpoint,
  { usesFunctionKeys }: CallerGate,
  { query }: HttpRequest,
): readonly string[] {
  const ignored = usesFunctionKeys ? ['code'] : [];
  if (!isPage) return ignored;
  return [...ignored, ...[...query.keys()].filter((name) => !parameters.some((one) => one.name === name))];
}

async function identify(
  endpoint: Endpoint,
  gate: CallerGate,
  request: HttpRequest,
  logger: Logger,
): Promise<VerifiedCaller | undefined> {
  if (gate.usesFunctionKeys) logger.warn('caller_unverified');
  const authorization = request.headers.get('authorization');
  const isOpen = endpoint.roles.length === 0;
  // With function keys the host checks nothing for an open endpoint, so nobody is known there.
  if (isOpen && (gate.usesFunctionKeys || authorization === null)) return undefined;
  const known = await gate.identify(authorization);
  if (!isOpen) gate.admit(known.caller, endpoint.roles);
  return known;
}

/** An answer with more headers; those that it has already stay. */
function withHeaders(answer: HttpResponseInit, more: Readonly<Record<string, string>>): HttpResponseInit {
  const headers = new Headers(answer.headers);
  for (const [name, value] of Object.entries(more)) if (!headers.has(name)) headers.set(name, value);
  return { ...answer, headers };
}

function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError';
}

interface Failure {
  readonly name: EndpointName;
  /** Whether the caller is known; only those are told what is wrong inside. */
  readonly isKnown: boolean;
  readonly logger: Logger;
  readonly context: InvocationContext;
  readonly gate: () => CallerGate;
}

function toAnswer(error: unknown, { name, isKnown, logger, context }: Failure): HttpResponseInit {
  const requestId = context.invocationId;
  const fields = { function: name, ...describeError(error) };
  const status = error instanceof AppError ? error.httpStatus : 500;
  if (status === 401 || status === 403) {
    logger.warn('caller_rejected', fields);
    return withHeaders(toProblem(error, requestId), { 'www-authenticate': challenge(error) });
  }
  if (status >= 500) logger.error('request_failed', fields);
  else logger.warn('request_refused', fields);
  if (isKnown) return toProblem(error, requestId);
  const code = error instanceof AppError ? error.code : 'unexpected_error';
  const message = `The app cannot tell who calls. Its log has why under the request id ${requestId}.`;
  return problem({ status, code, message, headers: { 'retry-after': '30' } }, requestId);
}

/** Source: RFC 6750, section 3. */
function challenge(error: unknown): string {
  if (error instanceof OnBehalfOfRefused && error.wwwAuthenticate !== undefined) return error.wwwAuthenticate;
  const realm = 'Bearer realm="defender-functions"';
  if (!(error instanceof CallerUnauthenticated)) return `${realm}, error="insufficient_scope"`;
  return error.isTokenMissing ? realm : `${realm}, error="invalid_token"`;
}

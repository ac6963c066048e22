import { timingSafeEqual, createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FunctionRunner } from './FunctionRunner.ts';
import { readBody, toRpcRequest, writeResponse } from './httpPayload.ts';
import type { HandleRequest } from './httpServer.ts';
import type { FindRoute } from './routeTable.ts';

interface FrontEndOptions {
  findRoute: FindRoute;
  runner: FunctionRunner;
  /** Answers a request below `/admin`. */
  handleAdmin: (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void>;
  /** `LOCAL_HOST_FUNCTION_KEY`; undefined: keys are not checked. */
  functionKey: string | undefined;
}

/** Answers requests as the real host does: see the table in docs/local-host.md. */
export function createFrontEnd(options: FrontEndOptions): HandleRequest {
  const { findRoute, runner, handleAdmin, functionKey } = options;
  return async (request, response) => {
    const url = request.url ?? '/';
    const path = url.split('?', 1)[0] ?? '/';
    const method = request.method ?? 'GET';
    if (/^\/admin(\/|$)/i.test(path)) {
      if (isAuthorized(request, functionKey)) await handleAdmin(request, response, path);
      else endEmpty(request, response, 401);
      return;
    }
    const match = findRoute(method, path);
    if (match === undefined) {
      endEmpty(request, response, 404);
      return;
    }
    if (match.http.authLevel !== 'anonymous' && !isAuthorized(request, functionKey)) {
      endEmpty(request, response, 401);
      return;
    }
    const body = await readBody(request);
    if (body === undefined) {
      endEmpty(request, response, 500);
      return;
    }
    const outcome = await runner.run(match.fn, {
      data: toRpcRequest(request, match, body),
      traceParent: request.headersDistinct.traceparent?.[0],
      reason: `${method} ${path}`,
    });
    if (outcome.ok) writeResponse(response, outcome.returnValue);
    else endEmpty(request, response, 500);
  };
}

function endEmpty(request: IncomingMessage, response: ServerResponse, status: number): void {
  request.resume();
  response.writeHead(status, { 'content-length': 0 }).end();
}

function isAuthorized(request: IncomingMessage, functionKey: string | undefined): boolean {
  if (functionKey === undefined) return true;
  const query = new URL(request.url ?? '/', 'http://127.0.0.1').searchParams;
  const given = request.headersDistinct['x-functions-key']?.[0] ?? query.get('code') ?? '';
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(functionKey));
}

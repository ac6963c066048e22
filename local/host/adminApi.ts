import type { IncomingMessage, ServerResponse } from 'node:http';
import { asObject } from './appSettings.ts';
import type { FunctionInError, HostFunction } from './functionTable.ts';
import type { FunctionRunner, TriggerInput } from './FunctionRunner.ts';
import { readBody } from './httpPayload.ts';

interface AdminOptions {
  hostId: string;
  functions: readonly HostFunction[];
  inError: readonly FunctionInError[];
  runner: FunctionRunner;
  /** The trigger input of a call that someone asks for. */
  inputFor: (fn: HostFunction, input: string | undefined) => Promise<TriggerInput>;
}

/**
 * The part of the host's admin API that is of use locally: host status, function status, and starting a function that
 * is not an HTTP function with `POST /admin/functions/{name}` and `{"input": "..."}`.
 *
 * Source: Controllers/FunctionsController.cs of Azure/azure-functions-host
 */
export function createAdminApi(
  options: AdminOptions,
): (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void> {
  const started = Date.now();
  return async (request, response, path) => {
    const body = await readBody(request);
    const route = `${request.method ?? 'GET'} ${path.replace(/\/$/, '').toLowerCase()}`;
    const [, method, name, isStatus] =
      /^(GET|POST) \/admin\/functions\/([^/]+)(\/status)?$/.exec(route) ?? [];
    if (route === 'GET /admin/host/status') {
      const status = {
        id: options.hostId,
        state: 'Running',
        version: 'local',
        processUptime: Date.now() - started,
      };
      endJson(response, status);
    } else if (method === 'GET' && isStatus !== undefined) {
      endStatus(response, options, name ?? '');
    } else if (method === 'POST' && isStatus === undefined) {
      await startFunction(response, options, { name: name ?? '', body: body ?? Buffer.alloc(0) });
    } else {
      response.writeHead(404).end();
    }
  };
}

function endStatus(response: ServerResponse, { functions, inError }: AdminOptions, name: string): void {
  const broken = inError.find((fn) => fn.name.toLowerCase() === name);
  if (broken !== undefined) endJson(response, { errors: [broken.error] });
  else if (functions.some((fn) => fn.name.toLowerCase() === name)) endJson(response, {});
  else response.writeHead(404).end();
}

async function startFunction(
  response: ServerResponse,
  { functions, runner, inputFor }: AdminOptions,
  call: { name: string; body: Buffer },
): Promise<void> {
  const input = parseInput(call.body);
  if (input === undefined) {
    response.writeHead(400).end();
    return;
  }
  const fn = functions.find((candidate) => candidate.name.toLowerCase() === call.name);
  if (fn === undefined || fn.details.kind === 'http') {
    response.writeHead(404).end();
    return;
  }
  // The caller is answered at once; how the call ends is in the log. A retry policy does not apply to it.
  void runner.run(fn, await inputFor(fn, input.input));
  response.writeHead(202).end();
}

function parseInput(body: Buffer): { input: string | undefined } | undefined {
  try {
    const object = asObject(JSON.parse(body.toString('utf8')));
    if (object === undefined) return undefined;
    const { input } = object;
    if (input === undefined || input === null) return { input: undefined };
    if (typeof input === 'object') return undefined;
    return { input: typeof input === 'string' ? input : JSON.stringify(input) };
  } catch {
    return undefined;
  }
}

function endJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value));
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { json, type Answer } from '../http/Answer.ts';
import { readCall, type Call } from '../http/Call.ts';
import { decodeSegment } from '../http/decodeSegment.ts';
import { Refusal } from '../http/Refusal.ts';
import { sendAnswer } from '../http/sendAnswer.ts';
import type { World } from '../World.ts';
import { alertRoutes } from './alertRoutes.ts';
import { callerRoutes } from './callerRoutes.ts';
import { clockRoutes } from './clockRoutes.ts';
import { NotFoundError, type ControlRoute } from './ControlRoute.ts';
import { defenderRoutes } from './defenderRoutes.ts';
import { credentialRoutes } from './credentialRoutes.ts';
import { entraRoutes } from './entraRoutes.ts';
import { faultRoutes } from './faultRoutes.ts';
import { huntingRoutes } from './huntingRoutes.ts';
import { incidentRoutes } from './incidentRoutes.ts';
import { InputError } from './Input.ts';
import { keyVaultRoutes } from './keyVaultRoutes.ts';
import { machineActionRoutes } from './machineActionRoutes.ts';
import { machineRoutes } from './machineRoutes.ts';
import { personRoutes } from './personRoutes.ts';
import { requestRoutes } from './requestRoutes.ts';
import { tenantRoutes } from './tenantRoutes.ts';
import { trafficRoutes } from './trafficRoutes.ts';

/**
 * The control surface: JSON over plain http, for tests and for the person at the terminal. `entraUrl` is where Entra is
 * reached.
 */
export function createControl(
  world: World,
  entraUrl: () => string,
): (request: IncomingMessage, response: ServerResponse) => void {
  const routes: readonly ControlRoute[] = [
    ...alertRoutes(world),
    ...incidentRoutes(world),
    ...machineRoutes(world),
    ...machineActionRoutes(world),
    ...defenderRoutes(world),
    ...huntingRoutes(world),
    ...faultRoutes(world),
    ...requestRoutes(world),
    ...clockRoutes(world),
    ...trafficRoutes(world),
    ...entraRoutes(world),
    ...credentialRoutes(world, entraUrl),
    ...tenantRoutes(world),
    ...personRoutes(world),
    ...callerRoutes(world, entraUrl),
    ...keyVaultRoutes(world),
  ];
  return (request, response) => {
    const signal = new AbortController().signal;
    readCall(request, signal)
      .then((call) => answerControl(routes, call))
      .catch(toErrorAnswer)
      .then((answer) => sendAnswer(response, { answer }, {}))
      .catch(() => {
        response.destroy(); // The caller went away.
      });
  };
}

async function answerControl(routes: readonly ControlRoute[], call: Call): Promise<Answer> {
  if (call.path === '/' && call.method === 'GET') return json(200, describe(routes));
  const matching = routes.flatMap((route) => {
    const id = findId(route.path, call.path);
    return id === undefined ? [] : [{ route, id }];
  });
  if (matching.length === 0)
    throw new NotFoundError(`There is nothing at ${call.path}; GET / lists the calls.`);
  const found = matching.find(({ route }) => route.method === call.method);
  if (found === undefined) {
    const allowed = matching.map(({ route }) => route.method).join(', ');
    return json(
      405,
      { error: `${call.method} is not possible at ${call.path}; possible: ${allowed}.` },
      { Allow: allowed },
    );
  }
  const value = await found.route.answer({ id: found.id, query: call.query, body: parseBody(call.body) });
  return value === undefined ? { status: 204 } : json(200, value);
}

function describe(routes: readonly ControlRoute[]): Record<string, unknown> {
  return {
    what: 'Control surface of the simulator; docs/simulator.md describes the bodies.',
    calls: routes.map(({ method, path, summary }) => ({ call: `${method} ${path}`, does: summary })),
  };
}

/** The segment at `{id}`, `''` when the path has none, undefined when the paths differ. */
function findId(pattern: string, path: string): string | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  let id = '';
  for (const [index, part] of wanted.entries()) {
    if (part === '{id}') id = decodeSegment(given[index] ?? '');
    else if (part !== given[index]) return undefined;
  }
  return id;
}

function parseBody(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`The body is not JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

function toErrorAnswer(error: unknown): Answer {
  if (error instanceof Refusal) return error.answer;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof InputError || error instanceof RangeError) return json(400, { error: message });
  if (error instanceof NotFoundError) return json(404, { error: message });
  process.stderr.write(`Simulator fault in the control surface: ${message}\n`);
  return json(500, { error: `The simulator itself failed: ${message}` });
}

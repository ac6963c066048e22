import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SimulatedClock } from '../clock/SimulatedClock.ts';
import { applyFault } from '../faults/applyFault.ts';
import type { FaultRules } from '../faults/FaultRules.ts';
import { sendAnswer } from './sendAnswer.ts';
import { readCall, toDecodedQuery, type Call } from './Call.ts';
import { json, type Answer } from './Answer.ts';
import { findTenantId, type TenantFinder } from './findTenantId.ts';
import { Refusal } from './Refusal.ts';
import type { RequestLog } from './RequestLog.ts';
import type { Service } from './Service.ts';

/** What every service is served with. */
export interface ServeOptions {
  readonly service: Service;
  readonly clock: SimulatedClock;
  readonly faults: FaultRules;
  readonly log: RequestLog;
  readonly findTenant: TenantFinder;
}

/** Serves one service: reads the request, logs it, applies a fault rule if one matches, answers. */
export function serveService(
  options: ServeOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    serve(options, request, response)
      .catch((error: unknown) => {
        if (error instanceof Refusal) return sendAnswer(response, { answer: error.answer }, {});
        throw error;
      })
      .catch(() => {
        response.destroy(); // The caller went away in the middle; there is nobody to tell.
      });
  };
}

async function serve(
  { service, clock, faults, log, findTenant }: ServeOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => {
    gone.abort();
  });
  const call = await readCall(request, gone.signal);
  const tenant = findTenantId(service.name, call, findTenant);
  if (tenant !== undefined) call.tenant = tenant;
  const entry = log.add({
    service: service.name,
    time: clock.now().toISOString(),
    method: call.method,
    path: call.path,
    query: toDecodedQuery(call),
    tenant: tenant ?? null,
    status: null,
    principal: null,
    fault: null,
  });
  const rule = faults.take(service, call);
  if (rule !== undefined) entry.fault = rule.id;
  const delivery = await applyFault(rule?.effect, {
    service,
    call,
    clock,
    answer: () => answerCall(service, call),
  });
  entry.principal = call.principal ?? null;
  if (delivery.answer !== undefined) entry.status = delivery.answer.status;
  await sendAnswer(response, delivery, { Date: clock.now().toUTCString() });
}

async function answerCall(service: Service, call: Call): Promise<Answer> {
  try {
    return await service.handle(call);
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    if (call.signal.aborted) throw error;
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`Simulator fault in ${service.name} ${call.method} ${call.path}: ${message}\n`);
    return json(500, {
      error: { code: 'InternalServerError', message: 'The simulator itself failed; see its log.' },
    });
  }
}

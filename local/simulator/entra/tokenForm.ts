import type { SimulatedClock } from '../clock/SimulatedClock.ts';
import { json, type Answer } from '../http/Answer.ts';
import type { Call } from '../http/Call.ts';
import { entraErrors } from './entraErrors.ts';
import { entraRefusal } from './entraRefusal.ts';

/** The form of a request to Entra, empty when the body is none; refuses a parameter that is given twice. */
export function parseForm(call: Call, clock: SimulatedClock): URLSearchParams {
  const isForm = call.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
  const form = new URLSearchParams(isForm ? call.body : '');
  for (const name of form.keys()) {
    if (form.getAll(name).length > 1) throw entraRefusal(entraErrors.repeatedParameter(name), clock);
  }
  return form;
}

/** A parameter that must be there. */
export function getParameter(form: URLSearchParams, name: string, clock: SimulatedClock): string {
  const value = form.get(name);
  if (value === null || value === '') throw entraRefusal(entraErrors.missingParameter(name), clock);
  return value;
}

/** An answer with a token, which nobody may keep. */
export function tokenAnswer(body: Readonly<Record<string, unknown>>): Answer {
  return json(200, body, { 'Cache-Control': 'no-store, no-cache', Pragma: 'no-cache' });
}

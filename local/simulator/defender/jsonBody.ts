import type { Call } from '../http/Call.ts';
import { defenderErrors, defenderRefusal } from './defenderRefusal.ts';

/** The properties of a JSON body. */
export type JsonBody = Readonly<Record<string, unknown>>;

/**
 * The JSON object that a call carries; throws a 400 refusal when there is none, or when it has a property that is not known.
 * Names are case-sensitive.
 *
 * Source: https://learn.microsoft.com/defender-endpoint/api/common-errors#body-parameters-are-case-sensitive
 */
export function parseJsonBody(call: Call, known: readonly string[]): JsonBody {
  const contentType = call.headers['content-type'] ?? '';
  if (!/^application\/json\s*(?:;|$)/i.test(contentType))
    throw refuse('the Content-Type must be application/json.');
  const body = parse(call.body);
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw refuse('a JSON object is expected.');
  const unknown = Object.keys(body).find((name) => !known.includes(name));
  if (unknown !== undefined) throw refuse(`the parameter ${unknown} is not known.`);
  return body as JsonBody;
}

/** A required text; throws a 400 refusal when it is missing, blank or no text. */
export function getText(body: JsonBody, name: string): string {
  const value = body[name];
  if (value === undefined || value === null) throw defenderRefusal(defenderErrors.missingParameter(name));
  if (typeof value !== 'string') throw refuse(`the parameter ${name} must be a string.`);
  if (value.trim() === '') throw defenderRefusal(defenderErrors.missingParameter(name));
  return value;
}

/** A required text that must be one of these; throws a 400 refusal. */
export function getOneOf<Choice extends string>(
  body: JsonBody,
  name: string,
  choices: readonly Choice[],
): Choice {
  const text = getText(body, name);
  const choice = choices.find((one) => one === text);
  if (choice === undefined) throw refuse(`the parameter ${name} must be one of ${choices.join(', ')}.`);
  return choice;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refuse('it is not JSON.');
  }
}

function refuse(why: string): Error {
  return defenderRefusal(defenderErrors.invalidRequestBody(why));
}

import { Ajv } from 'ajv';
import type { Action } from './Definition.ts';
import type { ActionRecord } from './expressions/EvaluationContext.ts';
import { ExpressionFailed, NotInterpreted } from './expressions/Expression.ts';
import { resolve } from './expressions/evaluate.ts';
import { runHttp } from './runHttp.ts';
import { runHttpWebhook } from './runHttpWebhook.ts';
import { type Run, Terminated, toContext } from './Run.ts';

const ajv = new Ajv({ allowUnionTypes: true, strictRequired: false });

const succeeded = (outputs?: unknown): ActionRecord => ({ status: 'Succeeded', code: 'OK', outputs });

/** Runs an action that has no actions within. @throws ExpressionFailed, NotInterpreted, Terminated */
export async function runAction(name: string, action: Action, run: Run): Promise<ActionRecord> {
  const context = toContext(run);
  switch (action.type) {
    case 'Http':
      return await runHttp(name, action, run);
    case 'HttpWebhook':
      return await runHttpWebhook(name, action, run);
    case 'Compose':
      return succeeded(resolve(action.inputs, context));
    case 'ParseJson':
      return parseJson(resolve(action.inputs.content, context), action.inputs.schema);
    case 'Select': {
      const items = getArray(resolve(action.inputs.from, context));
      const { select } = action.inputs;
      return succeeded({ body: items.map((item) => resolve(select, toContext(run, { item }))) });
    }
    case 'Query': {
      const items = getArray(resolve(action.inputs.from, context));
      const { where } = action.inputs;
      return succeeded({ body: items.filter((item) => resolve(where, toContext(run, { item })) === true) });
    }
    case 'InitializeVariable':
      for (const { name: variable, value } of action.inputs.variables)
        run.variables.set(variable, resolve(value, context));
      return succeeded();
    case 'SetVariable':
      setVariable(action.inputs.name, resolve(action.inputs.value, context), run);
      return succeeded();
    case 'Response':
      return respond(resolve(action.inputs, context), run);
    case 'Terminate': {
      const { runStatus, runError } = resolve(action.inputs, context) as typeof action.inputs;
      throw new Terminated(runStatus, runError);
    }
    default:
      throw new NotInterpreted(`${name} is of the type ${action.type}.`);
  }
}

/** Text is parsed, and the value must fit the schema. */
function parseJson(content: unknown, schema: object): ActionRecord {
  const failed = (message: string): ActionRecord => ({
    status: 'Failed',
    error: { code: 'ValidationFailed', message },
  });
  let value = content;
  if (typeof content === 'string') {
    try {
      value = JSON.parse(content) as unknown;
    } catch {
      return failed('The content is not JSON.');
    }
  }
  if (!ajv.validate(schema, value)) return failed(ajv.errorsText());
  return succeeded({ body: value });
}

/** A variable keeps its type. */
function setVariable(name: string, value: unknown, run: Run): void {
  if (typeof value !== typeof run.variables.get(name) || value === null)
    throw new ExpressionFailed(`The variable ${name} is of another type.`);
  run.variables.set(name, value);
}

function respond(inputs: unknown, run: Run): ActionRecord {
  if (run.response) throw new NotInterpreted('There is a second response.');
  const { statusCode, headers, body } = inputs as {
    statusCode: number;
    headers: Record<string, string>;
    body: unknown;
  };
  if (!Number.isInteger(statusCode)) throw new ExpressionFailed('The status of the response is no number.');
  run.response = { statusCode, headers, body };
  return succeeded(run.response);
}

function getArray(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new ExpressionFailed('An array is needed.');
}

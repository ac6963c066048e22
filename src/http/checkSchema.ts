import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { InputFault } from './InputInvalid.ts';
import type { Schema } from './schema.ts';

/** Compiled once per schema, when it is first needed: the compiler is not for the start of the app. */
const compiled = new Map<Schema, ValidateFunction>();
let compiler: Ajv | undefined;
const MAX_NAME_LENGTH = 100;

/** Every fault of a value, by its place. What is absent gets the default that the schema names, in place. */
export function findFaults(value: unknown, schema: Schema, target: string): InputFault[] {
  let validate = compiled.get(schema);
  if (!validate) {
    compiler ??= createCompiler();
    validate = compiler.compile(schema);
    compiled.set(schema, validate);
  }
  return validate(value) ? [] : (validate.errors ?? []).map((error) => toFault(error, target));
}

function createCompiler(): Ajv {
  return new Ajv({
    allErrors: true,
    allowUnionTypes: true,
    strictTypes: false,
    useDefaults: true,
    keywords: ['x-ms-summary', 'x-ms-visibility'],
  });
}

function toFault({ instancePath, keyword, params, message }: ErrorObject, root: string): InputFault {
  const place = `${root}${instancePath.replaceAll('/', '.')}`;
  const { missingProperty, additionalProperty, allowedValues } = params as Readonly<Record<string, unknown>>;
  if (keyword === 'required') return { target: `${place}.${String(missingProperty)}`, message: 'is missing' };
  if (keyword === 'additionalProperties') {
    return { target: `${place}.${cut(String(additionalProperty))}`, message: 'is not known here' };
  }
  if (keyword === 'enum' && Array.isArray(allowedValues)) {
    return { target: place, message: `must be one of ${allowedValues.join(', ')}` };
  }
  if (keyword === 'pattern') return { target: place, message: 'does not have the form that is documented' };
  return { target: place, message: message ?? 'is wrong' };
}

/** A name that the caller chose. */
function cut(name: string): string {
  return name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH)}...` : name;
}

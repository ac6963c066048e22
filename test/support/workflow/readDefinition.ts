import { Ajv } from 'ajv';
import { type Actions, type Definition, listActions } from './Definition.ts';
import { definitionSchema } from './definitionSchema.ts';
import { NotInterpreted } from './expressions/Expression.ts';
import { verifyReferences } from './verifyReferences.ts';

const ajv = new Ajv({ discriminator: true, allErrors: false, allowUnionTypes: true, strictRequired: false });
const isDefinition = ajv.compile<Definition>(definitionSchema);

/**
 * Takes a definition that has nothing unknown to this interpreter, and that Logic Apps would deploy: names are unique,
 * `runAfter` names neighbours and makes no circle, and expressions look only at what has run before.
 * @throws NotInterpreted
 */
export function readDefinition(value: unknown): Definition {
  if (!isDefinition(value)) throw new NotInterpreted(ajv.errorsText(isDefinition.errors));
  const names = listActions(value.actions).map(([name]) => name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw new NotInterpreted(`Two actions are called ${repeated}.`);
  verifyVariables(value.actions);
  verifyReferences(value);
  return value;
}

/** Variables are made at the top level, and only those are set. */
function verifyVariables(actions: Actions): void {
  const top = new Set(Object.keys(actions));
  const all = listActions(actions);
  const made = new Set<string>();
  for (const [name, action] of all) {
    if (action.type !== 'InitializeVariable') continue;
    if (!top.has(name)) throw new NotInterpreted(`${name} makes a variable below the top level.`);
    for (const variable of action.inputs.variables) made.add(variable.name);
  }
  for (const [name, action] of all)
    if (action.type === 'SetVariable' && !made.has(action.inputs.name))
      throw new NotInterpreted(`${name} sets an unknown variable.`);
}

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../src/http/Endpoint.ts';
import { endpoints } from '../../src/http/endpoints.ts';
import {
  type Action,
  type Definition,
  type HttpInputs,
  listActions,
  listBranches,
} from '../support/workflow/Definition.ts';
import type { Expression } from '../support/workflow/expressions/Expression.ts';
import { functionNames } from '../support/workflow/expressions/functions.ts';
import { listExpressions } from '../support/workflow/expressions/template.ts';
import {
  IDENTITY_ID,
  type PlaybookName,
  playbookNames,
  playbooksFolder,
  readPlaybook,
} from './support/readPlaybook.ts';

const root = path.join(playbooksFolder, '..', '..');
const read = (...parts: string[]) => readFileSync(path.join(root, ...parts), 'utf8');
const roles = JSON.parse(read('infra', 'playbooks', 'roles.json')) as Record<PlaybookName, string[]>;
const API = "@{parameters('apiUrl')}/api/";

interface Call {
  readonly name: string;
  readonly inputs: HttpInputs;
}

/** The HTTP actions that call the functions. */
function listCalls({ actions }: Definition): Call[] {
  return listActions(actions).flatMap(([name, action]) =>
    action.type === 'Http' && action.inputs.uri.startsWith(API) ? [{ name, inputs: action.inputs }] : [],
  );
}

/** The function that a call reaches; what expressions give is taken for one segment of the path. */
function findEndpoint({ inputs }: Call): Endpoint | undefined {
  const route = inputs.uri.slice(API.length).replace(/@\{[^}]*\}/g, '{}');
  return Object.values<Endpoint>(endpoints).find(
    (endpoint) => endpoint.method === inputs.method && endpoint.route.replace(/\{\w+\}/g, '{}') === route,
  );
}

/** The functions that a playbook reaches, with the one that Logic Apps follow to the end of an action. */
function listEndpoints(definition: Definition): Endpoint[] {
  const reached = listCalls(definition).flatMap((call) => findEndpoint(call) ?? []);
  return reached.some(({ isIdempotent }) => isIdempotent)
    ? [...reached, endpoints.getOperationResult]
    : reached;
}

const isLetIn = (granted: readonly string[]) => (endpoint: Endpoint) =>
  endpoint.roles.some((role) => granted.includes(role));

function listCallsOf(expression: Expression): Extract<Expression, { kind: 'call' }>[] {
  if (expression.kind === 'literal') return [];
  if (expression.kind === 'member') return [...listCallsOf(expression.of), ...listCallsOf(expression.key)];
  return [expression, ...expression.parameters.flatMap(listCallsOf)];
}

/**
 * Whether it is not settled how an action ends when a limit is reached: see `TimeoutStatus`. A scope fails.
 * Source: https://learn.microsoft.com/azure/logic-apps/logic-apps-control-flow-run-steps-group-scopes
 */
function mayEndUnsettled(action: Action): boolean {
  if (action.type === 'Scope') return false;
  return (
    action.limit !== undefined ||
    listBranches(action).some((branch) => Object.values(branch).some(mayEndUnsettled))
  );
}

/** Whether an action sends or holds a URL that is a secret. */
function holdsSecret(action: Action, definition: Definition): boolean {
  const secrets = Object.entries(definition.parameters).filter(([, { type }]) => type === 'SecureString');
  const names = secrets.map(([name]) => name);
  return (
    'inputs' in action &&
    listExpressions(action.inputs)
      .flatMap(listCallsOf)
      .some(
        ({ name, parameters: [first] }) =>
          name === 'listCallbackUrl' ||
          (name === 'parameters' && first?.kind === 'literal' && names.includes(String(first.value))),
      )
  );
}

describe.each(playbookNames)('%s', (name) => {
  const definition = readPlaybook(name);

  it('calls only functions that exist, as its own identity', () => {
    expect(listCalls(definition).length).toBeGreaterThan(0);
    for (const call of listCalls(definition)) {
      expect(findEndpoint(call), call.name).toBeDefined();
      expect(call.inputs.authentication, call.name).toEqual({
        type: 'ManagedServiceIdentity',
        identity: IDENTITY_ID,
        audience: "@parameters('apiAudience')",
      });
    }
  });

  it('sends its token nowhere else', () => {
    for (const [inner, action] of listActions(definition.actions)) {
      const inputs =
        action.type === 'Http'
          ? action.inputs
          : action.type === 'HttpWebhook'
            ? action.inputs.subscribe
            : undefined;
      if (inputs && !inputs.uri.startsWith(API)) expect(inputs.authentication, inner).toBeUndefined();
    }
  });

  it('goes on after an action that reached its limit by the scope around that one', () => {
    const all = new Map(listActions(definition.actions));
    for (const [inner, { runAfter }] of all)
      for (const [earlier, statuses] of Object.entries(runAfter)) {
        const action = all.get(earlier);
        if (action && statuses.join() !== 'Succeeded')
          expect(mayEndUnsettled(action), `${inner} runs after ${earlier}`).toBe(false);
      }
  });

  it('is granted the roles that it needs, and no other', () => {
    const reached = listEndpoints(definition);
    expect(reached.filter((endpoint) => !isLetIn(roles[name])(endpoint))).toEqual([]);
    for (const role of roles[name]) {
      const rest = roles[name].filter((other) => other !== role);
      expect(reached.every(isLetIn(rest)), `without ${role}`).toBe(false);
    }
  });

  it('is granted those roles by the infrastructure', () => {
    const parameter = name.replace(/-(\w)/g, (_match, letter: string) => letter.toUpperCase());
    const main = read('infra', 'main.bicep');
    const [, list] = /var (\w+) = loadJsonContent\('playbooks\/roles\.json'\)/.exec(main) ?? [];
    expect(main).toContain(`playbooks.${parameter} ? ${list ?? 'the list'}['${name}'] : []`);
  });

  it('hides every secret in the run history', () => {
    for (const [inner, action] of listActions(definition.actions))
      if (holdsSecret(action, definition))
        expect(action.runtimeConfiguration?.secureData.properties, inner).toEqual(['inputs', 'outputs']);
  });

  it('gets exactly its parameters from its Bicep file', () => {
    const bicep = read('infra', 'playbooks', name, `${name}.bicep`);
    const [, given = ''] = /parameters: \{\n([^]*?)\n {4}\}/.exec(bicep) ?? [];
    const names = [...given.matchAll(/^ +(\w+): \{ value:/gm)].map(([, parameter]) => parameter);
    expect(names.sort()).toEqual(Object.keys(definition.parameters).sort());
    for (const [parameter, { type }] of Object.entries(definition.parameters))
      expect(new RegExp(`@secure\\(\\)\\n(@\\w.*\\n)*param ${parameter} `).test(bicep), parameter).toBe(
        type === 'SecureString',
      );
  });

  it('is explained with a diagram, and with every code of its own', () => {
    const [, section = ''] = read('docs', 'playbooks.md').split(`\n## ${name}\n`);
    const [own = ''] = section.split('\n## ');
    expect(own).toContain('```mermaid\nflowchart');
    const codes = [...JSON.stringify(definition.actions).matchAll(/"code":"([a-z_]+)"/g)];
    for (const [, code = ''] of codes) expect(own, code).toContain(`\`${code}\``);
  });
});

describe('the interpreter', () => {
  it('knows no function that no playbook uses', () => {
    const used = playbookNames
      .flatMap((name) => listActions(readPlaybook(name).actions))
      .flatMap(([, action]) => [
        ...listExpressions('inputs' in action ? action.inputs : []),
        ...listExpressions('expression' in action ? action.expression : []),
      ])
      .flatMap(listCallsOf)
      .map(({ name }) => name);
    expect([...new Set(used)].sort()).toEqual([...functionNames].sort());
  });
});

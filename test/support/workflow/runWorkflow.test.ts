import { describe, expect, it } from 'vitest';
import { NotInterpreted } from './expressions/Expression.ts';
import { readDefinition } from './readDefinition.ts';
import { runWorkflow, type WorkflowResult } from './runWorkflow.ts';

const good = (more: object = {}) => ({ type: 'Compose', inputs: 'fine', runAfter: {}, ...more });
/** Fails when it is run. */
const bad = (more: object = {}) => ({
  type: 'Compose',
  inputs: "@triggerBody()['absent']",
  runAfter: {},
  ...more,
});
const after = (name: string, ...statuses: string[]) => ({ runAfter: { [name]: statuses } });
const scope = (actions: object, more: object = {}) => ({ type: 'Scope', actions, runAfter: {}, ...more });
const response = { type: 'Response', kind: 'Http', inputs: { statusCode: 200, headers: {}, body: '' } };

const toDefinition = (actions: object, more: object = {}): unknown => ({
  $schema:
    'https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#',
  contentVersion: '1.0.0.0',
  parameters: { p: { type: 'String', defaultValue: 'd' } },
  triggers: { Asked: { type: 'Request', kind: 'Http', inputs: { method: 'POST', schema: {} } } },
  actions,
  ...more,
});

const run = async (actions: object, triggerBody: unknown = {}): Promise<WorkflowResult> =>
  await runWorkflow(readDefinition(toDefinition(actions)), {
    workflowName: 'test',
    parameters: {},
    triggerBody,
    authenticate: () => Promise.reject(new Error('no identity')),
    callbacks: {
      open: () => {
        throw new Error('no callbacks');
      },
    },
  });

const statusesOf = ({ actions }: WorkflowResult) =>
  Object.fromEntries([...actions].map(([name, { status }]) => [name, status]));

describe('a run', () => {
  it('runs what wants the status that came before, and skips the rest with all that is within', async () => {
    const result = await run({
      A: bad(),
      B: good(after('A', 'Succeeded')),
      C: good(after('A', 'Failed', 'TimedOut')),
      D: scope({ E: good() }, after('B', 'Succeeded')),
      F: good(after('D', 'Skipped')),
    });
    expect(statusesOf(result)).toEqual({
      ...{ A: 'Failed', B: 'Skipped', C: 'Succeeded', D: 'Skipped', E: 'Skipped', F: 'Succeeded' },
    });
    expect(result.status).toBe('Succeeded');
    expect(result.actions.get('A')?.error?.code).toBe('InvalidTemplate');
  });

  it('fails by what came before an action that was skipped at the end of a path', async () => {
    expect(
      (await run({ A: bad(), B: good(after('A', 'Succeeded')), C: good(after('A', 'Failed')) })).status,
    ).toBe('Failed');
    expect((await run({ A: bad(), C: good(after('A', 'Failed')) })).status).toBe('Succeeded');
  });

  it('waits for all that an action runs after', async () => {
    const result = await run({
      A: good(),
      B: bad(),
      C: good({ runAfter: { A: ['Succeeded'], B: ['Failed'] } }),
    });
    expect(statusesOf(result)).toMatchObject({ C: 'Succeeded' });
  });

  it('chooses one branch, and takes its failure for its own', async () => {
    const condition = (right: string) => ({
      type: 'If',
      expression: { and: [{ equals: ["@parameters('p')", right] }, { not: { less: [2, 1] } }] },
      actions: { Yes: bad() },
      else: { actions: { No: good() } },
      runAfter: {},
    });
    expect(statusesOf(await run({ If: condition('d') }))).toEqual({
      If: 'Failed',
      Yes: 'Failed',
      No: 'Skipped',
    });
    expect(statusesOf(await run({ If: condition('e') }))).toEqual({
      If: 'Succeeded',
      Yes: 'Skipped',
      No: 'Succeeded',
    });
    const choice = {
      type: 'Switch',
      expression: "@parameters('p')",
      cases: { One: { case: 'd', actions: { D: good() } }, Two: { case: 'e', actions: { E: good() } } },
      default: { actions: { Other: good() } },
      runAfter: {},
    };
    expect(statusesOf(await run({ Switch: choice }))).toEqual({
      ...{ Switch: 'Succeeded', D: 'Succeeded', E: 'Skipped', Other: 'Skipped' },
    });
  });

  it('ends at once where it is terminated', async () => {
    const result = await run({
      S: scope({
        T: {
          type: 'Terminate',
          inputs: { runStatus: 'Failed', runError: { code: 'c', message: 'm' } },
          runAfter: {},
        },
      }),
      A: good(after('S', 'Succeeded', 'Failed', 'Skipped', 'TimedOut')),
    });
    expect([result.status, result.error, result.actions.has('A')]).toEqual([
      'Failed',
      { code: 'c', message: 'm' },
      false,
    ]);
  });

  it('filters, maps and parses, and answers', async () => {
    const body = { list: [{ n: 1 }, { n: 2 }] };
    const result = await run(
      {
        P: {
          type: 'ParseJson',
          inputs: { content: '@triggerBody()', schema: { type: 'object', required: ['list'] } },
          runAfter: {},
        },
        Q: {
          type: 'Query',
          inputs: { from: "@body('P')['list']", where: "@less(1, item()['n'])" },
          ...after('P', 'Succeeded'),
        },
        S: {
          type: 'Select',
          inputs: { from: "@body('Q')", select: { is: "@item()['n']" } },
          ...after('Q', 'Succeeded'),
        },
        R: { ...response, inputs: { ...response.inputs, body: "@body('S')" }, ...after('S', 'Succeeded') },
      },
      JSON.stringify(body),
    );
    expect(result.response).toEqual({ statusCode: 200, headers: {}, body: [{ is: 2 }] });
  });

  it('fails to parse what does not fit the schema', async () => {
    const parse = {
      type: 'ParseJson',
      inputs: { content: '@triggerBody()', schema: { type: 'object', required: ['x'] } },
      runAfter: {},
    };
    for (const body of [{}, 'no JSON', null])
      expect((await run({ P: parse }, body)).actions.get('P')?.error?.code).toBe('ValidationFailed');
  });
});

describe('a definition is refused when', () => {
  const set = { type: 'SetVariable', inputs: { name: 'v', value: 1 }, runAfter: {} };
  const make = {
    type: 'InitializeVariable',
    inputs: { variables: [{ name: 'v', type: 'object', value: {} }] },
    runAfter: {},
  };
  it.each<[string, object]>([
    ['an action is of an unknown type', { A: { type: 'Until', actions: {}, runAfter: {} } }],
    ['an action has an unknown property', { A: good({ kind: 'x' }) }],
    ['runAfter wants an unknown status', { A: good(), B: good(after('A', 'Cancelled')) }],
    [
      'an action runs after one that is not beside it',
      { A: scope({ B: good() }), C: good(after('B', 'Succeeded')) },
    ],
    ['actions run after each other', { A: good(after('B', 'Succeeded')), B: good(after('A', 'Succeeded')) }],
    ['two actions have one name', { A: good(), B: scope({ A: good() }) }],
    [
      'an expression names an action that may not have run',
      { A: good(), B: good({ inputs: "@outputs('A')" }) },
    ],
    ['an expression names an unknown parameter', { A: good({ inputs: "@parameters('q')" }) }],
    ['an expression uses an unknown function', { A: good({ inputs: '@guid()' }) }],
    ['a variable is set that is not made', { A: set }],
    ['a variable is made within a scope', { A: scope({ B: make }) }],
  ])('%s', (_name, actions) => {
    expect(() => readDefinition(toDefinition(actions))).toThrow(NotInterpreted);
  });

  it('but not when expressions look at what has run, also within what has run', () => {
    const actions = {
      A: scope({ B: good() }),
      C: scope({ D: good({ inputs: "@outputs('B')" }) }, after('A', 'Failed')),
    };
    expect(() => readDefinition(toDefinition(actions))).not.toThrow();
  });

  it('it has a trigger or a parameter of another kind', () => {
    expect(() => readDefinition(toDefinition({}, { triggers: { T: { type: 'Recurrence' } } }))).toThrow(
      NotInterpreted,
    );
    expect(() => readDefinition(toDefinition({}, { parameters: { p: { type: 'Int' } } }))).toThrow(
      NotInterpreted,
    );
  });
});

const text = { type: 'string' } as const;
const anything = {};
const texts = { type: 'object', additionalProperties: text } as const;
const branch = { $ref: '#/definitions/actions' } as const;

const object = (properties: object, required: readonly string[] = Object.keys(properties)) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
});

const constant = (...values: readonly string[]) => ({ enum: values });

const runtimeConfiguration = object({
  secureData: object({ properties: { type: 'array', items: constant('inputs', 'outputs') } }),
});

const httpInputs = object(
  {
    method: constant('GET', 'POST'),
    uri: text,
    headers: texts,
    queries: { type: 'object', additionalProperties: { type: ['string', 'integer'] } },
    body: anything,
    authentication: object({ type: constant('ManagedServiceIdentity'), identity: text, audience: text }),
    retryPolicy: {
      oneOf: [
        object({ type: constant('none') }),
        object({ type: constant('fixed'), count: { type: 'integer' }, interval: text }),
      ],
    },
  },
  ['method', 'uri'],
);

const comparisons = ['equals', 'greater', 'greaterOrEquals', 'less'];
const operands = {
  type: 'array',
  minItems: 2,
  maxItems: 2,
  items: { type: ['string', 'number', 'boolean'] },
};
const condition = { $ref: '#/definitions/condition' };
const conditions = { type: 'array', items: condition };

/** An action of one type: what it must have, and what it may have besides `runAfter`. */
const action = (type: string, parts: object, options: object = {}) =>
  object(
    {
      type: { const: type },
      runAfter: {
        type: 'object',
        additionalProperties: {
          type: 'array',
          minItems: 1,
          uniqueItems: true,
          items: constant('Succeeded', 'Failed', 'Skipped', 'TimedOut'),
        },
      },
      ...parts,
      ...options,
    },
    ['type', 'runAfter', ...Object.keys(parts)],
  );

const limit = { limit: object({ timeout: { type: 'string', pattern: '^P' } }), runtimeConfiguration };
const variable = object({ name: text, type: constant('object', 'string'), value: anything });

/**
 * What this interpreter knows of a definition; everything else is refused.
 * Source: https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers
 */
export const definitionSchema = {
  ...object({
    $schema: {
      const:
        'https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#',
    },
    contentVersion: text,
    parameters: {
      type: 'object',
      additionalProperties: object({ type: constant('String', 'SecureString'), defaultValue: text }, [
        'type',
      ]),
    },
    triggers: {
      type: 'object',
      minProperties: 1,
      maxProperties: 1,
      additionalProperties: object(
        {
          type: constant('Request'),
          kind: constant('Http'),
          inputs: object({ method: constant('POST'), schema: { type: 'object' } }),
          runtimeConfiguration,
        },
        ['type', 'kind', 'inputs'],
      ),
    },
    actions: branch,
  }),
  definitions: {
    actions: {
      type: 'object',
      propertyNames: { pattern: '^[A-Z][A-Za-z0-9_]{0,79}$' },
      additionalProperties: { $ref: '#/definitions/action' },
    },
    condition: {
      oneOf: [
        ...comparisons.map((name) => object({ [name]: operands })),
        object({ and: conditions }),
        object({ or: conditions }),
        object({ not: condition }),
      ],
    },
    action: {
      type: 'object',
      required: ['type'],
      discriminator: { propertyName: 'type' },
      oneOf: [
        action(
          'Http',
          { inputs: httpInputs },
          { ...limit, operationOptions: constant('DisableAsyncPattern') },
        ),
        action('HttpWebhook', { inputs: object({ subscribe: httpInputs, unsubscribe: object({}) }) }, limit),
        action('Compose', { inputs: anything }),
        action('ParseJson', { inputs: object({ content: text, schema: { type: 'object' } }) }),
        action('Select', { inputs: object({ from: text, select: anything }) }),
        action('Query', { inputs: object({ from: text, where: text }) }),
        action('InitializeVariable', {
          inputs: object({ variables: { type: 'array', minItems: 1, maxItems: 1, items: variable } }),
        }),
        action('SetVariable', { inputs: object({ name: text, value: anything }) }),
        action('Response', {
          kind: constant('Http'),
          inputs: object({ statusCode: { type: ['integer', 'string'] }, headers: texts, body: anything }),
        }),
        action('Terminate', {
          inputs: object(
            {
              runStatus: constant('Succeeded', 'Failed', 'Cancelled'),
              runError: object({ code: text, message: text }),
            },
            ['runStatus'],
          ),
        }),
        action('Scope', { actions: branch }),
        action('If', { expression: condition, actions: branch, else: object({ actions: branch }) }),
        action('Switch', {
          expression: text,
          cases: { type: 'object', additionalProperties: object({ case: text, actions: branch }) },
          default: object({ actions: branch }),
        }),
      ],
    },
  },
};

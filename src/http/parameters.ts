import type { Parameter } from './Endpoint.ts';
import { text } from './schema.ts';

// The parameters that endpoints take, each described once.

/** The device, in the path. */
export const device: Parameter = {
  name: 'device',
  in: 'path',
  schema: text(
    'Device',
    "Defender's device id, the Entra device id or the full DNS name; always matched exactly.",
    {
      maxLength: 255,
      pattern: '^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$',
    },
  ),
};
/** The operation, in the path. */
export const operationId: Parameter = {
  name: 'id',
  in: 'path',
  schema: text('Operation', 'The id of the operation.', { pattern: '^[0-9a-f]{32}$' }),
};
/** The tenant that it is about. */
export const tenant: Parameter = {
  name: 'tenant',
  in: 'query',
  schema: text('Tenant', 'The tenant, by id or name. Absent: the home tenant.', {
    'x-ms-visibility': 'advanced',
    maxLength: 100,
    pattern: '^[A-Za-z0-9]([A-Za-z0-9 ._-]*[A-Za-z0-9])?$',
  }),
};
/** Whether nothing is to be done. */
export const dryRun: Parameter = {
  name: 'dryRun',
  in: 'query',
  schema: {
    type: 'boolean',
    'x-ms-summary': 'Dry run',
    description: 'Answer what would happen, and do nothing.',
    default: false,
  },
};
/** By what a repetition is recognised. */
export const idempotencyKey: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  schema: text(
    'Idempotency key',
    'The same key with the same request is the same operation. Logic Apps need none: their run and action are known.',
    { 'x-ms-visibility': 'advanced', maxLength: 255 },
  ),
};

/** What is wrong with them is never told: the function looks at them itself. */
export const consentAnswer = ['state', 'tenant', 'admin_consent', 'error'].map((name): Parameter => {
  return { name, in: 'query', schema: text(name, 'As Entra gives it back.') };
});

/** From when on; `fallback` is the default. */
export const since = (description: string, fallback: string): Parameter => ({
  name: 'since',
  in: 'query',
  schema: text(
    'Since',
    `Not before this instant or, as an ISO 8601 duration, not longer ago. ${description}`,
    {
      maxLength: 40,
      pattern: '^[0-9PTZDHMS.:+-]+$',
      default: fallback,
    },
  ),
});
/** What narrows a list of alerts or incidents. */
export const newest = (statuses: readonly string[]): readonly Parameter[] => [
  since('It counts when something last changed. Default two days.', 'PT48H'),
  {
    name: 'severity',
    in: 'query',
    schema: text('Severity', 'Only this severity.', {
      enum: ['unknown', 'informational', 'low', 'medium', 'high'],
    }),
  },
  { name: 'status', in: 'query', schema: text('Status', 'Only this status.', { enum: statuses }) },
  {
    name: 'top',
    in: 'query',
    schema: {
      type: 'integer',
      'x-ms-summary': 'How many',
      description: 'The most that are given, the newest first.',
      minimum: 1,
      maximum: 1_000,
      default: 100,
    },
  },
  tenant,
];
/** An alert or incident, in the path. */
export const recordId = (what: string, pattern: string): Parameter => ({
  name: 'id',
  in: 'path',
  schema: text(`${what} id`, `The id of the ${what.toLowerCase()}, matched exactly.`, { pattern }),
});

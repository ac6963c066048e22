import type { CallerRole } from './Caller.ts';
import { answerSchemas } from './answerSchemas.ts';
import { requestSchemas } from './requestSchemas.ts';
import { text, type Schema } from './schema.ts';

/** A parameter in the path, the query or a header. */
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema: Schema;
}

export type RequestName = keyof typeof requestSchemas;
export type AnswerName = keyof typeof answerSchemas;

/** One HTTP function: what registers it, checks its input and its caller, and describes it to others. */
export interface Endpoint {
  readonly method: 'GET' | 'POST';
  /** Below `/api/`. */
  readonly route: string;
  /** Any one of these lets a caller in. Empty: everybody. */
  readonly roles: readonly CallerRole[];
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  readonly body?: RequestName;
  /** Repetitions must be recognisable: by a key or by a run of Logic Apps. */
  readonly isIdempotent?: boolean;
  /** For the browser of a person who follows a link: answers, problems too, are pages, and no connector needs it. */
  readonly isPage?: boolean;
  /** Successful answers by status; the others are problems. */
  readonly answers: Readonly<Record<number, AnswerName | undefined>>;
  readonly problems: readonly number[];
}

const device: Parameter = {
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
const operationId: Parameter = {
  name: 'id',
  in: 'path',
  schema: text('Operation', 'The id of the operation.', { pattern: '^[0-9a-f]{32}$' }),
};
const tenant: Parameter = {
  name: 'tenant',
  in: 'query',
  schema: text('Tenant', 'The tenant, by id or name. Absent: the home tenant.', {
    'x-ms-visibility': 'advanced',
    maxLength: 100,
    pattern: '^[A-Za-z0-9]([A-Za-z0-9 ._-]*[A-Za-z0-9])?$',
  }),
};
const dryRun: Parameter = {
  name: 'dryRun',
  in: 'query',
  schema: {
    type: 'boolean',
    'x-ms-summary': 'Dry run',
    description: 'Answer what would happen, and do nothing.',
    default: false,
  },
};
const idempotencyKey: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  schema: text(
    'Idempotency key',
    'The same key with the same request is the same operation. Logic Apps need none: their run and action are known.',
    { 'x-ms-visibility': 'advanced', maxLength: 255 },
  ),
};

/** What is wrong with them is never told: the function looks at them itself. */
const consentAnswer = ['state', 'tenant', 'admin_consent', 'error'].map((name): Parameter => {
  return { name, in: 'query', schema: text(name, 'As Entra gives it back.') };
});

const since = (description: string, fallback: string): Parameter => ({
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
const newest = (statuses: readonly string[]): readonly Parameter[] => [
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
const recordId = (what: string, pattern: string): Parameter => ({
  name: 'id',
  in: 'path',
  schema: text(`${what} id`, `The id of the ${what.toLowerCase()}, matched exactly.`, { pattern }),
});

const acting = [400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 502, 503];
const reading = [400, 401, 403, 404, 409, 429, 500, 502, 503];

/** Every HTTP function of the app, by its name. */
export const endpoints = {
  isolateDevice: {
    method: 'POST',
    route: 'devices/{device}/isolate',
    roles: ['Defender.Respond'],
    summary: 'Isolate a device',
    description:
      'Isolates a device in Defender for Endpoint. The answer is 202; follow Location until it is no longer 202.',
    parameters: [device, dryRun, tenant, idempotencyKey],
    body: 'IsolateRequest',
    isIdempotent: true,
    answers: { 200: 'Decision', 202: 'Operation' },
    problems: acting,
  },
  releaseDevice: {
    method: 'POST',
    route: 'devices/{device}/release',
    roles: ['Defender.Respond'],
    summary: 'Release a device from isolation',
    description:
      'Ends the isolation of a device. An isolation that is still pending is cancelled or waited for first.',
    parameters: [device, dryRun, tenant, idempotencyKey],
    body: 'ReleaseRequest',
    isIdempotent: true,
    answers: { 200: 'Decision', 202: 'Operation' },
    problems: acting,
  },
  findDevices: {
    method: 'GET',
    route: 'devices',
    roles: ['Defender.Read', 'Defender.Respond'],
    summary: 'Find devices',
    description:
      'Lists all records of one full DNS name or one Entra device id, with what an action would make of them.',
    parameters: [
      {
        name: 'name',
        in: 'query',
        schema: text('Name', 'The full DNS name.', { maxLength: 255, pattern: '^[A-Za-z0-9_.-]+$' }),
      },
      {
        name: 'aadDeviceId',
        in: 'query',
        schema: text('Entra device id', 'The id of the device in Entra.', {
          pattern: '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$',
        }),
      },
      tenant,
    ],
    answers: { 200: 'DeviceList' },
    problems: reading,
  },
  listOperations: {
    method: 'GET',
    route: 'operations',
    roles: ['Defender.Read', 'Defender.Admin'],
    summary: 'List operations',
    description: 'Pages through what was asked for, newest first.',
    parameters: [
      {
        name: 'device',
        in: 'query',
        schema: text('Device', 'Only this Defender device id or full DNS name.', {
          maxLength: 255,
          pattern: '^[A-Za-z0-9_.-]+$',
        }),
      },
      {
        name: 'caller',
        in: 'query',
        schema: text('Caller', 'Only this caller, by id.', { maxLength: 100, pattern: '^[A-Za-z0-9-]+$' }),
      },
      since('Default 30 days.', 'P30D'),
      {
        name: 'top',
        in: 'query',
        schema: {
          type: 'integer',
          'x-ms-summary': 'Page size',
          description: 'How many at once.',
          minimum: 1,
          maximum: 100,
          default: 50,
        },
      },
      {
        name: 'continuation',
        in: 'query',
        schema: text('Continuation', 'From the next link of the page before.', {
          'x-ms-visibility': 'internal',
          maxLength: 200,
          pattern: '^[A-Za-z0-9_.-]+$',
        }),
      },
    ],
    answers: { 200: 'OperationList' },
    problems: [400, 401, 403, 500, 503],
  },
  getOperation: {
    method: 'GET',
    route: 'operations/{id}',
    roles: ['Defender.Read', 'Defender.Respond'],
    summary: 'Get an operation',
    description: 'Tells where an operation stands; 200 as long as it exists.',
    parameters: [operationId],
    answers: { 200: 'Operation' },
    problems: [400, 401, 403, 404, 500, 503],
  },
  getOperationResult: {
    method: 'GET',
    route: 'operations/{id}/result',
    roles: ['Defender.Read', 'Defender.Respond'],
    summary: 'Wait for an operation',
    description: 'Answers 202 until the operation is over, then 200, or 422 when it failed or was canceled.',
    parameters: [operationId],
    answers: { 200: 'Operation', 202: 'Operation' },
    problems: [400, 401, 403, 404, 422, 500, 503],
  },
  runHunt: {
    method: 'POST',
    route: 'hunts',
    roles: ['Defender.Hunt'],
    summary: 'Run a hunting query',
    description: 'Runs a query of the Kusto query language over the hunting tables of Defender.',
    parameters: [tenant],
    body: 'HuntRequest',
    answers: { 200: 'HuntResult' },
    problems: [400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 502, 503, 504],
  },
  listAlerts: {
    method: 'GET',
    route: 'alerts',
    roles: ['Defender.Read'],
    summary: 'List alerts',
    description: 'The newest alerts, by their last update. The answer says whether there are more.',
    parameters: newest(['unknown', 'new', 'inProgress', 'resolved']),
    answers: { 200: 'AlertList' },
    problems: reading,
  },
  getAlert: {
    method: 'GET',
    route: 'alerts/{id}',
    roles: ['Defender.Read'],
    summary: 'Get an alert',
    description: 'One alert with its evidence.',
    parameters: [recordId('Alert', '^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$'), tenant],
    answers: { 200: 'Alert' },
    problems: reading,
  },
  listIncidents: {
    method: 'GET',
    route: 'incidents',
    roles: ['Defender.Read'],
    summary: 'List incidents',
    description: 'The newest incidents, by their last update. The answer says whether there are more.',
    parameters: newest(['active', 'inProgress', 'resolved', 'redirected']),
    answers: { 200: 'IncidentList' },
    problems: reading,
  },
  getIncident: {
    method: 'GET',
    route: 'incidents/{id}',
    roles: ['Defender.Read'],
    summary: 'Get an incident',
    description: 'One incident, with its alerts where the service can give them.',
    parameters: [recordId('Incident', '^[A-Za-z0-9][A-Za-z0-9-]{0,63}$'), tenant],
    answers: { 200: 'Incident' },
    problems: reading,
  },
  getHealth: {
    method: 'GET',
    route: 'health',
    roles: [],
    summary: 'Get the health of the app',
    description: 'Says up or degraded to everybody, and why to callers with a role.',
    parameters: [],
    answers: { 200: 'Health' },
    problems: [400, 401, 403, 500, 503],
  },
  getAccess: {
    method: 'GET',
    route: 'access',
    roles: ['Defender.Admin'],
    summary: 'Check what the app may do in a tenant',
    description:
      'Gets a token for each API in use, reads it, and makes one harmless call. Answers 200 also when something is wrong. Takes up to a minute.',
    parameters: [tenant],
    answers: { 200: 'Access' },
    problems: [400, 401, 403, 404, 429, 500, 503],
  },
  getOpenApi: {
    method: 'GET',
    route: 'openapi.json',
    roles: ['Defender.Read', 'Defender.Respond', 'Defender.Hunt', 'Defender.Admin'],
    summary: 'Get this description',
    description: 'The OpenAPI 2.0 document of this API, for custom connectors.',
    parameters: [],
    answers: { 200: undefined },
    problems: [400, 401, 403, 500, 503],
  },
  finishConsent: {
    method: 'GET',
    route: 'consent',
    roles: [],
    summary: 'Take the consent of an administrator',
    description: 'Where Entra sends the browser of an administrator who was asked to consent.',
    parameters: consentAnswer,
    isPage: true,
    answers: { 200: undefined },
    problems: [400, 401, 403, 500, 503],
  },
} as const satisfies Record<string, Endpoint>;

export type EndpointName = keyof typeof endpoints;

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

const acting = [400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 502, 503];
const reading = [400, 401, 403, 404, 500, 502, 503];

/** Every HTTP function of the app, by its name. */
export const endpoints = {
  isolateDevice: {
    method: 'POST',
    route: 'devices/{device}/isolate',
    roles: ['Defender.Respond'],
    summary: 'Isolate a device',
    description:
      'Isolates a device in Defender for Endpoint. The answer is 202; follow Location until it is no longer 202.',
    parameters: [device, dryRun, idempotencyKey],
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
    parameters: [device, dryRun, idempotencyKey],
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
      {
        name: 'since',
        in: 'query',
        schema: text(
          'Since',
          'Not before this instant or, as an ISO 8601 duration, not longer ago. Default 30 days.',
          { maxLength: 40, pattern: '^[0-9PTZDHMS.:+-]+$', default: 'P30D' },
        ),
      },
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
    parameters: [],
    body: 'HuntRequest',
    answers: { 200: 'HuntResult' },
    problems: [400, 401, 403, 413, 415, 422, 429, 500, 502, 503, 504],
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
} as const satisfies Record<string, Endpoint>;

export type EndpointName = keyof typeof endpoints;

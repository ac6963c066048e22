import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { DeviceAmbiguous } from '../../src/devices/DeviceAmbiguous.ts';
import type { Decision } from '../../src/devices/DeviceActions.ts';
import { DeviceMerged } from '../../src/devices/DeviceMerged.ts';
import { DeviceProtected } from '../../src/devices/DeviceProtected.ts';
import { toDeviceView } from '../../src/devices/deviceView.ts';
import { readMachine } from '../../src/devices/Machine.ts';
import type { HealthReport } from '../../src/health/Health.ts';
import type { AnswerName } from '../../src/http/Endpoint.ts';
import { InputInvalid } from '../../src/http/InputInvalid.ts';
import { problem, toProblem } from '../../src/http/problem.ts';
import { answerSchemas } from '../../src/http/answerSchemas.ts';
import { requestSchemas } from '../../src/http/requestSchemas.ts';
import type { Schema } from '../../src/http/schema.ts';
import { readHuntAnswer } from '../../src/hunting/readHuntAnswer.ts';
import { toListAnswer } from '../../src/functions/input/readQuery.ts';
import { alertApis, incidentApis } from '../../src/reading/readingApis.ts';
import { toAlertView, toIncidentView } from '../../src/reading/views.ts';
import type { Operation } from '../../src/operations/Operation.ts';
import { toOperationView } from '../../src/operations/operationView.ts';
import { httpError } from '../support/errors.ts';
import { DEVICE } from './support/requests.ts';
import { APP, NOW, PERSON } from './support/testIssuer.ts';

/** The same schema, but what it does not describe is wrong. */
function strict(schema: Schema): object {
  const { properties, items, ...rest } = schema;
  return {
    ...rest,
    ...(items ? { items: strict(items) } : {}),
    ...(properties
      ? {
          additionalProperties: false,
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, its]) => [name, strict(its)]),
          ),
        }
      : {}),
  };
}

const definitions = Object.fromEntries(
  Object.entries<Schema>(answerSchemas).map(([name, schema]) => [name, strict(schema)]),
);
const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });

/** What an answer has that the document does not describe so. */
function differences(name: AnswerName, answer: unknown): string[] {
  const validate = ajv.compile({ definitions, $ref: `#/definitions/${name}` });
  // What is undefined is not sent.
  validate(JSON.parse(JSON.stringify(answer)));
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`,
  );
}

const GUARDS = {
  capPerHour: 60,
  capPerCaller: 40,
  protectedIds: [],
  protectedNames: [],
  protectedTags: [],
  protectedGroups: [],
  protectedValues: ['high'],
  protectedPlatforms: [],
};
const machine = readMachine({
  id: DEVICE,
  computerDnsName: 'lis-desk-027.corp.harbourlane.example',
  aadDeviceId: PERSON,
  osPlatform: 'Windows11',
  healthStatus: 'Inactive',
  onboardingStatus: 'Onboarded',
  deviceValue: 'High',
  rbacGroupName: 'Desks',
  machineTags: ['lisbon'],
  lastSeen: '2026-11-20T12:00:00Z',
});
if (!machine) throw new Error('the record is no machine');
const device = toDeviceView(machine, GUARDS);

/** An operation with every member that one can have. */
const operation: Operation = {
  id: 'a'.repeat(32),
  requestHash: 'b'.repeat(64),
  request: {
    action: 'isolate',
    device: { id: DEVICE, name: machine.name },
    comment: 'Ransomware, case 7',
    incidentId: '7',
    isolationType: 'Full',
    caller: { kind: 'person', id: PERSON, name: 'ana@contoso.example', applicationId: APP },
    run: { workflow: 'contain', runId: '08584', action: 'Isolate', trackingId: 'case-7' },
  },
  status: 'Failed',
  createdAt: NOW,
  attempts: 1,
  sentAt: NOW,
  machineAction: {
    id: 'c',
    status: 'Failed',
    type: 'Isolate',
    scope: 'Full',
    requestor: 'app',
    joined: true,
    createdDateTime: '2026-11-21T12:00:00Z',
    lastUpdatedDateTime: '2026-11-21T12:01:00Z',
    errorHResult: -2_147_024_891,
    troubleshootInfo: 'x',
    cancellationRequestor: 'ana',
  },
  waitingFor: 'd',
  checkedAt: NOW,
  nextCheckAt: NOW,
  endedAt: NOW,
  error: { code: 'machine_action_failed', message: 'It failed.', requestId: 'r-1' },
  checkError: { code: 'defender_unreachable', message: 'No answer.', requestId: 'r-2' },
};

const decision: Decision = { dryRun: true, decision: 'join', action: 'isolate', device, machineAction: 'c' };
const health: HealthReport = {
  status: 'degraded',
  reasons: ['pull_gaps'],
  pull: { lastSuccessDateTime: '2026-11-21T12:00:00.000Z', ageSeconds: 5, lagSeconds: 9, gaps: 1 },
  tenants: { enabled: 3, late: 1, failing: 1 },
  poisonMessages: 2,
  credential: 'ok',
  expiringCredentials: [
    { name: 's', usedFor: 'defender', expiresDateTime: '2026-11-21T12:00:00.000Z', daysLeft: -1 },
  ],
  openOperations: 3,
  actionsPaused: false,
};
const hunt = readHuntAnswer(
  { schema: [{ name: 'DeviceName', type: 'String' }], results: [{ DeviceName: 'x', n: null }] },
  'r-1',
);
const alert = toAlertView(
  {
    ...{ id: 'da1', incidentId: 7, title: 'x', category: 'Malware', severity: 'High', status: 'New' },
    ...{
      alertCreationTime: '2026-11-21T12:00:00Z',
      lastUpdateTime: '2026-11-21T12:00:00Z',
      machineId: DEVICE,
    },
  },
  alertApis.endpoint,
);
const incident = toIncidentView(
  {
    ...{ incidentId: 7, incidentName: 'x', severity: 'High', status: 'Active', assignedTo: 'ana' },
    ...{ createdTime: '2026-11-21T12:00:00Z', lastUpdateTime: '2026-11-21T12:00:00Z', redirectIncidentId: 8 },
    alerts: [{ alertId: 'da1', title: 'x', creationTime: '2026-11-21T12:00:00Z', devices: [] }],
  },
  incidentApis.xdr,
);
const newest = {
  truncated: true,
  truncatedBy: 'top',
  completeSince: '2026-11-21T12:00:00.0000000Z',
  calls: 2,
  limits: alertApis.endpoint.limits,
} as const;
const ofError = (error: unknown) => JSON.parse(toProblem(error, 'r').body as string) as unknown;
const failed = problem(
  { status: 422, code: 'x', message: 'y', target: 'z', members: { operation: toOperationView(operation) } },
  'r',
);

describe('what the document says of answers', () => {
  it.each<[AnswerName, string, unknown]>([
    ['Device', 'a device', device],
    ['DeviceList', 'a list of devices', { devices: [device] }],
    ['Operation', 'an operation with all that it can have', toOperationView(operation)],
    [
      'Operation',
      'an operation with the least',
      toOperationView({
        ...operation,
        machineAction: undefined,
        error: undefined,
        checkError: undefined,
        waitingFor: undefined,
        checkedAt: undefined,
        endedAt: undefined,
      }),
    ],
    [
      'OperationList',
      'a page of operations',
      { operations: [toOperationView(operation)], nextLink: 'https://x' },
    ],
    ['Decision', 'a dry run', decision],
    ['HuntResult', 'a hunt', hunt],
    ['Alert', 'an alert', { ...alert, evidenceOmitted: false, partial: false }],
    ['AlertList', 'a list of alerts', toListAnswer('alerts', { ...newest, value: [alert] })],
    ['Incident', 'an incident', { ...incident, partial: false }],
    ['IncidentList', 'a list of incidents', toListAnswer('incidents', { ...newest, value: [incident] })],
    ['Health', 'the whole health', health],
    ['Health', 'the health for everybody', { status: 'up' }],
    ['Problem', 'wrong input', ofError(new InputInvalid([{ target: 'body', message: 'is not JSON' }]))],
    ['Problem', 'an ambiguous name', ofError(new DeviceAmbiguous('x', [device]))],
    ['Problem', 'a merged record', ofError(new DeviceMerged('a', 'b'))],
    ['Problem', 'a protected device', ofError(new DeviceProtected('a', 'PROTECTED_DEVICE_TAGS'))],
    ['Problem', 'a failure of the service', ofError(httpError(500))],
    ['Problem', 'a failed operation', JSON.parse(failed.body as string)],
    ['Problem', 'an unexpected failure', ofError(new Error('x'))],
  ])('(%s) is all that there is to %s', (name, _title, answer) => {
    expect(differences(name, answer)).toEqual([]);
  });

  it('would be found to lack a member that is not described, or is of another type', () => {
    expect(differences('Device', { ...device, more: 1 })).toHaveLength(1);
    expect(differences('Operation', { ...toOperationView(operation), status: 'Done' })).toHaveLength(1);
    expect(differences('Health', { ...health, poisonMessages: 'two' })).toHaveLength(1);
  });
});

describe('what callers send', () => {
  it('is closed: a member that is not known is refused, because a misspelt one would be ignored', () => {
    for (const [name, schema] of Object.entries<Schema>(requestSchemas)) {
      expect(schema.additionalProperties, name).toBe(false);
      for (const required of schema.required ?? []) expect(schema.properties, name).toHaveProperty(required);
    }
  });
});

import { describe, expect, it } from 'vitest';
import { DefenderAnswerTooLarge } from '../../src/defender/DefenderAnswerTooLarge.ts';
import { DefenderUnreachable } from '../../src/defender/DefenderUnreachable.ts';
import { DeviceAmbiguous } from '../../src/devices/DeviceAmbiguous.ts';
import { DeviceMerged } from '../../src/devices/DeviceMerged.ts';
import { DeviceNotFound } from '../../src/devices/DeviceNotFound.ts';
import { DeviceProtected } from '../../src/devices/DeviceProtected.ts';
import { DeviceUnsuitable } from '../../src/devices/DeviceUnsuitable.ts';
import { AccessCheckRunning } from '../../src/doctor/AccessCheckRunning.ts';
import { TenantNotFound } from '../../src/tenants/TenantNotFound.ts';
import { TenantNotAllowed } from '../../src/tenants/TenantNotAllowed.ts';
import { BodyTooLarge } from '../../src/http/BodyTooLarge.ts';
import { CallerNotAllowed } from '../../src/http/CallerNotAllowed.ts';
import { CallerRoleMissing } from '../../src/http/CallerRoleMissing.ts';
import { CallerUnauthenticated } from '../../src/http/CallerUnauthenticated.ts';
import { ContentTypeUnsupported } from '../../src/http/ContentTypeUnsupported.ts';
import type { Endpoint } from '../../src/http/Endpoint.ts';
import { endpoints, type EndpointName } from '../../src/http/endpoints.ts';
import { InputInvalid } from '../../src/http/InputInvalid.ts';
import { RequestTimedOut } from '../../src/http/RequestTimedOut.ts';
import { SigningKeysUnavailable } from '../../src/http/SigningKeysUnavailable.ts';
import { HuntLimitReached } from '../../src/hunting/HuntLimitReached.ts';
import { HuntQueryInvalid } from '../../src/hunting/HuntQueryInvalid.ts';
import { HuntThrottled } from '../../src/hunting/HuntThrottled.ts';
import { HuntTimedOut } from '../../src/hunting/HuntTimedOut.ts';
import { HuntTimespanUnsupported } from '../../src/hunting/HuntTimespanUnsupported.ts';
import { ActionCapReached } from '../../src/operations/ActionCapReached.ts';
import { ActionsPaused } from '../../src/operations/ActionsPaused.ts';
import { IdempotencyConflict } from '../../src/operations/IdempotencyConflict.ts';
import { OperationNotFound } from '../../src/operations/OperationNotFound.ts';
import { OperationUntrusted } from '../../src/operations/OperationUntrusted.ts';
import { AlertNotFound } from '../../src/reading/AlertNotFound.ts';
import { IncidentNotFound } from '../../src/reading/IncidentNotFound.ts';
import { ReadFilterInvalid } from '../../src/reading/ReadFilterInvalid.ts';
import { ReadThrottled } from '../../src/reading/ReadThrottled.ts';
import type { AppError } from '../../src/runtime/AppError.ts';
import { SettingsError } from '../../src/settings/SettingsError.ts';
import { httpError, storageError } from '../support/errors.ts';

const everywhere: AppError[] = [
  new InputInvalid([]),
  new CallerUnauthenticated('x'),
  new CallerNotAllowed('x'),
  new SigningKeysUnavailable(undefined),
  new SettingsError([]),
  new RequestTimedOut(),
];
const withBody = [new BodyTooLarge(1), new ContentTypeUnsupported()];
const asking = [
  httpError(500),
  httpError(429),
  new DefenderUnreachable('x', undefined),
  new DefenderAnswerTooLarge('x', 1),
];
const acting = [
  ...withBody,
  ...asking,
  storageError(),
  new DeviceNotFound('x'),
  new DeviceAmbiguous('x', []),
  new DeviceMerged('x', 'y'),
  new DeviceProtected('x', 'y'),
  new DeviceUnsuitable('x', true),
  new ActionsPaused('x'),
  new ActionCapReached('x', 1, 1),
  new IdempotencyConflict('x'),
  new OperationUntrusted('x', 'y'),
];
const reading = [
  ...asking,
  storageError(),
  new ReadFilterInvalid('status', []),
  new ReadThrottled(1, undefined),
  new AlertNotFound('x'),
  new IncidentNotFound('x'),
];
const looking = [storageError(), new OperationNotFound('x'), new OperationUntrusted('x', 'y')];

const thrown: Readonly<Record<EndpointName, readonly AppError[]>> = {
  isolateDevice: acting,
  releaseDevice: acting,
  findDevices: asking,
  listOperations: [storageError(), new OperationUntrusted('x', 'y')],
  getOperation: looking,
  getOperationResult: looking,
  runHunt: [
    ...withBody,
    ...asking,
    new HuntQueryInvalid('x', undefined),
    new HuntTimespanUnsupported('endpoint'),
    new HuntLimitReached('hunt_preempted', undefined),
    new HuntThrottled({ isCpuQuota: false, retryAfterMs: 1, requestId: undefined }),
    new HuntTimedOut(undefined),
  ],
  listAlerts: reading,
  getAlert: reading,
  listIncidents: reading,
  getIncident: reading,
  getHealth: [],
  getAccess: [
    storageError(),
    new TenantNotFound('x'),
    new TenantNotAllowed('x'),
    new AccessCheckRunning('x'),
  ],
  getOpenApi: [],
  finishConsent: [storageError()],
};

describe('the table of endpoints', () => {
  it.each(Object.entries<Endpoint>(endpoints))(
    'names for %s the status of every error that it can have',
    (name, endpoint) => {
      const roles = endpoint.roles.length > 0 ? [new CallerRoleMissing('x', endpoint.roles)] : [];
      for (const error of [...everywhere, ...roles, ...thrown[name as EndpointName]]) {
        expect(endpoint.problems, error.code).toContain(error.httpStatus);
      }
    },
  );

  it('opens nothing but the health and the page of consents to everybody', () => {
    const open = Object.entries<Endpoint>(endpoints).filter(([, { roles }]) => roles.length === 0);
    expect(open.map(([name]) => name)).toEqual(['getHealth', 'finishConsent']);
  });

  it('lets nobody act who may only read or hunt', () => {
    for (const [name, { method, roles }] of Object.entries<Endpoint>(endpoints)) {
      if (method === 'POST') expect(roles, name).not.toContain('Defender.Read');
      if (name.endsWith('Device')) expect(roles).toEqual(['Defender.Respond']);
    }
  });

  it('wants a key for what acts, and only for that', () => {
    const keyed = Object.entries<Endpoint>(endpoints).filter(([, { isIdempotent }]) => isIdempotent);
    expect(keyed.map(([name]) => name)).toEqual(['isolateDevice', 'releaseDevice']);
  });
});

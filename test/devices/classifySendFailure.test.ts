import { describe, expect, it } from 'vitest';
import { classifySendFailure } from '../../src/devices/classifySendFailure.ts';
import { DefenderAnswerTooLarge } from '../../src/defender/DefenderAnswerTooLarge.ts';
import { DefenderAnswerUnreadable } from '../../src/defender/DefenderAnswerUnreadable.ts';
import { DefenderHttpError } from '../../src/defender/DefenderHttpError.ts';
import { DefenderPermissionMissing } from '../../src/defender/DefenderPermissionMissing.ts';
import { DefenderUnreachable } from '../../src/defender/DefenderUnreachable.ts';
import { CredentialRefused } from '../../src/identity/CredentialRefused.ts';
import { CredentialUnavailable } from '../../src/identity/CredentialUnavailable.ts';
import { permissionTable } from '../../src/identity/permissions.ts';

function answered(serviceStatus: number, serviceCode: string, serviceMessage?: string): DefenderHttpError {
  return new DefenderHttpError({
    ...{ operation: 'Ask for isolate', serviceStatus, serviceCode, serviceMessage },
    requestId: 'request-1',
    retryAfterMs: undefined,
  });
}

const permissionMissing = new DefenderPermissionMissing({
  operation: 'Ask for isolate',
  permission: permissionTable.isolateDevices,
  claims: undefined,
  wasAsked: true,
  requestId: undefined,
});

const credentialRefused = new CredentialRefused({
  subject: 'audience',
  error: 'invalid_client',
  number: '7000222',
  correlationId: undefined,
  cause: undefined,
});

describe('a failed request for an action', () => {
  it.each([
    ['the documented code', answered(400, 'ActiveRequestAlreadyExists'), 'alreadyActive'],
    [
      'the message that was seen with another code',
      answered(400, 'BadRequest', 'Action is already in progress'),
      'alreadyActive',
    ],
    ['throttling', answered(429, 'TooManyRequests'), 'notSent'],
    ['no token', new CredentialUnavailable('audience', new Error('down')), 'notSent'],
    ['no token for good', credentialRefused, 'refused'],
    ['a missing permission', permissionMissing, 'refused'],
    ['a bad request', answered(400, 'InvalidInput'), 'refused'],
    ['a platform that cannot be isolated', answered(400, 'OsPlatformNotSupported'), 'refused'],
    ['a token that is refused twice', answered(401, 'Unauthorized'), 'refused'],
    ['a machine that is gone', answered(404, 'ResourceNotFound'), 'refused'],
    [
      'a code that only resembles the one of an open action',
      answered(409, 'ActiveRequestAlreadyExists'),
      'refused',
    ],
    ['a fault of the service', answered(500, 'InternalServerError'), 'unknown'],
    ['a fault that speaks of an open action', answered(500, 'ActiveRequestAlreadyExists'), 'unknown'],
    ['a gateway that gave up', answered(504, 'without a code'), 'unknown'],
    ['a request time-out', answered(408, 'without a code'), 'unknown'],
    ['no answer', new DefenderUnreachable('Ask for isolate', new Error('reset')), 'unknown'],
    ['an answer that cannot be read', new DefenderAnswerUnreadable('Ask for isolate', 'no JSON'), 'unknown'],
    ['an answer that is too large', new DefenderAnswerTooLarge('Ask for isolate', 1), 'unknown'],
    ['an error of another kind', new TypeError('undefined is not a function'), 'unknown'],
    ['something that is no error', 'text', 'unknown'],
  ])('with %s', (_what, error, kind) => {
    expect(classifySendFailure(error).kind).toBe(kind);
  });

  it('waits as long as Defender says when it throttles, else for half a minute', () => {
    const told = new DefenderHttpError({
      operation: 'Ask for isolate',
      serviceStatus: 429,
      serviceCode: 'TooManyRequests',
      requestId: undefined,
      retryAfterMs: 7_000,
    });
    expect(classifySendFailure(told)).toMatchObject({ retryAfterMs: 7_000 });
    expect(classifySendFailure(answered(429, 'TooManyRequests'))).toMatchObject({ retryAfterMs: 30_000 });
  });
});

import { describe, expect, it } from 'vitest';
import { DefenderHttpError } from '../../src/defender/DefenderHttpError.ts';
import { DeviceProtected } from '../../src/devices/DeviceProtected.ts';
import { CallerUnauthenticated } from '../../src/http/CallerUnauthenticated.ts';
import { InputInvalid } from '../../src/http/InputInvalid.ts';
import { problem, toProblem } from '../../src/http/problem.ts';
import { RequestTimedOut } from '../../src/http/RequestTimedOut.ts';
import { HuntThrottled } from '../../src/hunting/HuntThrottled.ts';
import { ActionCapReached } from '../../src/operations/ActionCapReached.ts';
import { OperationNotFound } from '../../src/operations/OperationNotFound.ts';
import { storageError } from '../support/errors.ts';

const REQUEST = '7c9e6679-7425-40de-944b-e07fc1f90ae7';

/** Status, headers and body as a caller sees them. */
function seen(answer: ReturnType<typeof problem>) {
  const body = JSON.parse(answer.body as string) as Record<string, unknown>;
  return { status: answer.status, headers: Object.fromEntries(new Headers(answer.headers)), body };
}
const ofError = (error: unknown) => seen(toProblem(error, REQUEST));

describe('a problem', () => {
  it("has the members of RFC 9457 and the error of Azure's services, and the code in a header", () => {
    const error = new OperationNotFound('abc');
    expect(ofError(error)).toEqual({
      status: 404,
      headers: {
        'content-type': 'application/problem+json',
        'x-ms-error-code': 'operation_not_found',
        'x-ms-request-id': REQUEST,
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      },
      body: {
        type: 'urn:defender-functions:error:operation_not_found',
        title: 'Not Found',
        status: 404,
        detail: error.message,
        instance: `urn:uuid:${REQUEST}`,
        error: { code: 'operation_not_found', message: error.message },
      },
    });
  });

  it('by its parts says what it is about, and has their members and headers', () => {
    const parts = {
      status: 422,
      code: 'machine_action_failed',
      message: 'Defender could not carry the action out.',
      target: 'abc',
      members: { operation: { id: 'abc' } },
      headers: { 'x-more': 'yes' },
    };
    const { status, headers, body } = seen(problem(parts, REQUEST));
    expect(status).toBe(422);
    expect(headers).toMatchObject({ 'x-ms-error-code': 'machine_action_failed', 'x-more': 'yes' });
    expect(body).toMatchObject({ operation: { id: 'abc' }, error: { target: 'abc' } });
  });

  it('names every fault of the input in its details', () => {
    const faults = [
      { target: 'body.comment', message: 'is missing' },
      { target: 'query.dryRun', message: 'must be boolean' },
    ];
    const { status, body } = ofError(new InputInvalid(faults));
    expect(status).toBe(400);
    expect(body.error).toEqual({
      code: 'input_invalid',
      message: 'Correct the request: body.comment is missing; query.dryRun must be boolean.',
      details: [
        { code: 'invalid', target: 'body.comment', message: 'is missing' },
        { code: 'invalid', target: 'query.dryRun', message: 'must be boolean' },
      ],
    });
  });

  it('has the members by which its caller can go on', () => {
    expect(ofError(new DeviceProtected('abc', 'PROTECTED_DEVICE_TAGS')).body).toMatchObject({
      status: 422,
      rule: 'PROTECTED_DEVICE_TAGS',
    });
  });

  it("keeps the service's request id for a support case", () => {
    const error = new DefenderHttpError({
      operation: 'Read device',
      serviceStatus: 500,
      serviceCode: 'InternalServerError',
      serviceMessage: 'internal detail',
      requestId: 'service-1',
      retryAfterMs: undefined,
    });
    const { status, body } = ofError(error);
    expect(status).toBe(502);
    expect(body.serviceRequestId).toBe('service-1');
    expect(JSON.stringify(body)).not.toContain('internal detail');
    expect(ofError(new OperationNotFound('abc')).body).not.toHaveProperty('serviceRequestId');
  });

  it.each([
    [
      '429 as long as it takes, in whole seconds',
      new ActionCapReached('ACTION_CAP_PER_HOUR', 5, 90_001),
      '91',
    ],
    ['429 of a hunt', new HuntThrottled({ isCpuQuota: true, retryAfterMs: 1, requestId: undefined }), '1'],
    ['503 after half a minute, where nobody knows', storageError(), '30'],
    ['503 of a time-out', new RequestTimedOut(), '30'],
    ['404 never', new OperationNotFound('abc'), undefined],
    ['401 never', new CallerUnauthenticated('there is no token'), undefined],
    ['500 never', new Error('x'), undefined],
  ])('says when to come again: %s', (_title, error, expected) => {
    expect(ofError(error).headers['retry-after']).toBe(expected);
  });

  it.each<[string, unknown]>([
    ['an Error', Object.assign(new Error('password=hunter2'), { token: 'hunter2' })],
    ['a TypeError', new TypeError('hunter2 is not a function')],
    ['an Error with a cause', new Error('x', { cause: new Error('hunter2') })],
    ['something that looks like one of ours', { code: 'hunter2', message: 'hunter2', httpStatus: 418 }],
    ['a text', 'hunter2'],
    ['nothing', undefined],
  ])('of %s that nobody expected tells nothing but that it happened', (_title, error) => {
    const answer = ofError(error);
    expect(answer.status).toBe(500);
    expect(answer.body).toMatchObject({
      title: 'Internal Server Error',
      error: { code: 'unexpected_error' },
    });
    expect(answer.body.detail).toContain(REQUEST);
    expect(JSON.stringify(answer)).not.toContain('hunter2');
    expect(JSON.stringify(answer)).not.toContain('.ts');
  });

  it('of an error of ours never tells its cause or its stack', () => {
    const error = storageError();
    expect(JSON.stringify(ofError(error))).not.toMatch(/stack|errors\.ts/);
  });
});

import { describe, expect, it } from 'vitest';
import { ended, following, postponed, waiting } from '../../src/devices/transitions.ts';
import { storageError } from '../support/errors.ts';
import { START } from '../support/createTestActions.ts';
import { machineActionOf, operationOf } from '../support/devices.ts';

const NOW = START + 5_000;
const NEXT = START + 15_000;
const follow = (record: Readonly<Record<string, unknown>>, joined = false) =>
  following(
    operationOf({ attempts: 1, waitingFor: 'action-0', checkError: { code: 'x', message: 'y' } }),
    machineActionOf(record),
    joined,
    NOW,
    NEXT,
  );

describe('an operation that follows its machine action', () => {
  it.each(['Pending', 'InProgress', 'SomethingNew'])('runs while that is %s', (status) => {
    expect(follow({ status })).toMatchObject({
      status: 'Running',
      machineAction: { id: 'action-1', status, joined: false },
      waitingFor: undefined,
      checkError: undefined,
      checkedAt: NOW,
      nextCheckAt: NEXT,
      endedAt: undefined,
      error: undefined,
    });
  });

  it('succeeds when that succeeded, also one that it joined', () => {
    expect(follow({ status: 'Succeeded', errorHResult: 0 }, true)).toMatchObject({
      status: 'Succeeded',
      machineAction: { joined: true },
      endedAt: NOW,
      error: undefined,
    });
  });

  it.each([
    [
      'Failed',
      { errorHResult: -2147467259, troubleshootInfo: 'no sensor' },
      'Failed',
      'machine_action_failed',
      'Defender could not carry the action out (code -2147467259, no sensor).',
    ],
    ['Failed', {}, 'Failed', 'machine_action_failed', 'Defender could not carry the action out.'],
    [
      'TimeOut',
      { errorHResult: -2145844840 },
      'Failed',
      'machine_action_timed_out',
      'The device did not report in time, and the action was not carried out (code -2145844840).',
    ],
    [
      'Cancelled',
      { errorHResult: -2147467260, cancellationRequestor: 'analyst@contoso.example' },
      'Canceled',
      'machine_action_cancelled',
      'The action was cancelled by analyst@contoso.example (code -2147467260).',
    ],
    ['Cancelled', {}, 'Canceled', 'machine_action_cancelled', 'The action was cancelled by somebody.'],
  ])('ends with %s and %j', (status, record, end, code, message) => {
    const over = follow({ status, ...record });
    expect(over).toMatchObject({ status: end, endedAt: NOW, error: { code, message } });
    expect(over.machineAction?.status).toBe(status);
  });

  it('keeps who asked for what, and when', () => {
    const { id, request, createdAt, requestHash, attempts } = follow({ status: 'Succeeded' });
    expect({ id, request, createdAt, requestHash }).toEqual({
      id: operationOf().id,
      request: operationOf().request,
      createdAt: START,
      requestHash: 'hash',
    });
    expect(attempts).toBe(1);
  });
});

describe('an operation about which Defender cannot be asked', () => {
  it('keeps its status and says why, until that has passed', () => {
    const error = storageError();
    const later = postponed(operationOf({ status: 'Running' }), NEXT, error);
    expect(later).toMatchObject({
      status: 'Running',
      nextCheckAt: NEXT,
      checkError: { code: 'storage_error', message: error.message },
    });
    expect(postponed(later, NEXT + 1).checkError).toBeUndefined();
  });

  it('tells nothing of an error that nobody wrote for callers', () => {
    const { checkError } = postponed(operationOf(), NEXT, new TypeError('secret-internal is not a function'));
    expect(checkError?.code).toBe('unexpected_error');
    expect(checkError?.message).not.toContain('secret-internal');
  });
});

it('an operation waits for another action, and ends without one', () => {
  expect(waiting(operationOf(), 'action-0', NEXT)).toMatchObject({
    status: 'NotStarted',
    waitingFor: 'action-0',
    nextCheckAt: NEXT,
  });
  const error = { code: 'operation_superseded', message: 'later' };
  expect(ended(operationOf({ waitingFor: 'action-0' }), 'Canceled', NOW, error)).toMatchObject({
    status: 'Canceled',
    endedAt: NOW,
    waitingFor: undefined,
    machineAction: undefined,
    error,
  });
});

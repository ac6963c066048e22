import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOpen, readMachineAction, stateOf } from '../../src/devices/MachineAction.ts';
import { machineActionOf } from '../support/devices.ts';

describe('reading a machine action', () => {
  it('takes what the app needs', () => {
    const action = readMachineAction({
      id: '5382f7ea-7557-4ab7-9782-d50480024a4e',
      type: 'Isolate',
      scope: 'Selective',
      status: 'Succeeded',
      machineId: 'ABCDEF',
      requestor: 'analyst@contoso.example',
      requestorComment: '[op:1] because',
      creationDateTimeUtc: '2026-11-21T10:00:00Z',
      lastUpdateDateTimeUtc: '2026-11-21T10:05:00Z',
      errorHResult: 0,
      cancellationRequestor: null,
      relatedFileInfo: null,
    });
    expect(action).toEqual({
      id: '5382f7ea-7557-4ab7-9782-d50480024a4e',
      type: 'Isolate',
      scope: 'Selective',
      status: 'Succeeded',
      machineId: 'abcdef',
      requestor: 'analyst@contoso.example',
      requestorComment: '[op:1] because',
      createdDateTime: '2026-11-21T10:00:00Z',
      lastUpdatedDateTime: '2026-11-21T10:05:00Z',
      errorHResult: 0,
      troubleshootInfo: undefined,
      cancellationRequestor: undefined,
    });
  });

  it('knows the older name of the last update', () => {
    expect(machineActionOf({ lastUpdateTimeUtc: '2020-01-01T00:00:00Z' }).lastUpdatedDateTime).toBe(
      '2020-01-01T00:00:00Z',
    );
  });

  it('keeps the trouble that Defender describes, as text or as an object, to a bearable length', () => {
    expect(machineActionOf({ troubleshootInfo: 'no sensor' }).troubleshootInfo).toBe('no sensor');
    expect(machineActionOf({ troubleshootInfo: { step: 3 } }).troubleshootInfo).toBe('{"step":3}');
    expect(machineActionOf({ troubleshootInfo: 'x'.repeat(9_000) }).troubleshootInfo).toHaveLength(4_000);
  });

  it('finds none without id and type, and one without a status is open', () => {
    expect(readMachineAction({ id: 'a' })).toBeUndefined();
    expect(readMachineAction({ type: 'Isolate' })).toBeUndefined();
    expect(readMachineAction({ id: '', type: 'Isolate' })).toBeUndefined();
    const action = readMachineAction({ id: 'a', type: 'Isolate' });
    expect(action && isOpen(action)).toBe(true);
  });

  it('never throws', () => {
    const names = ['id', 'type', 'status', 'errorHResult', 'troubleshootInfo', 'requestorComment'];
    fc.assert(
      fc.property(
        fc.oneof(fc.anything(), fc.dictionary(fc.constantFrom(...names), fc.jsonValue())),
        (record) => {
          const action = readMachineAction(record);
          if (action)
            expect(['open', 'succeeded', 'failed', 'timedOut', 'cancelled']).toContain(stateOf(action));
        },
      ),
    );
  });
});

describe('how far an action is', () => {
  it.each([
    ['Pending', 'open'],
    ['InProgress', 'open'],
    ['Succeeded', 'succeeded'],
    ['succeeded', 'succeeded'],
    ['Failed', 'failed'],
    ['TimeOut', 'timedOut'],
    ['Cancelled', 'cancelled'],
    ['Canceled', 'cancelled'],
    // Nothing is called over that may still go on.
    ['PartiallyDone', 'open'],
    ['SucceededWithWarnings', 'open'],
  ])('%s is %s', (status, state) => {
    const action = machineActionOf({ status });
    expect(stateOf(action)).toBe(state);
    expect(isOpen(action)).toBe(state === 'open');
  });
});

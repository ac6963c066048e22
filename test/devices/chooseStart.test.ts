import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseStart, isOwnAction } from '../../src/devices/chooseStart.ts';
import { NEW_DEVICE, type DeviceState } from '../../src/operations/DeviceTurns.ts';
import { operationTag } from '../../src/operations/Operation.ts';
import { deviceId, START } from '../support/createTestActions.ts';
import { machineActionOf, OPERATION_ID, operationOf } from '../support/devices.ts';

const OTHER_ID = 'fedcba9876543210fedcba9876543210';
const OWN_TAG = operationTag(OPERATION_ID);
const isolation = operationOf();
const release = operationOf({}, { action: 'release', isolationType: undefined });
const isolate = (record: object = {}) => machineActionOf({ id: 'isolate-1', ...record });
const unisolate = (record: object = {}) =>
  machineActionOf({ id: 'unisolate-1', type: 'Unisolate', scope: null, ...record });
const remembering = (state: Partial<DeviceState>): DeviceState => ({ ...NEW_DEVICE, ...state });

describe('how an operation begins', () => {
  it.each([
    ['with nothing there', isolation, []],
    [
      'when all there was is over',
      isolation,
      [isolate({ status: 'Succeeded' }), unisolate({ status: 'TimeOut' })],
    ],
    [
      'when something else is open',
      isolation,
      [machineActionOf({ type: 'RunAntiVirusScan', scope: 'Full' })],
    ],
    ['for a release likewise', release, [isolate({ status: 'Cancelled' }), unisolate({ status: 'Failed' })]],
  ])('by sending, %s', (_when, operation, actions) => {
    expect(chooseStart(operation, actions, NEW_DEVICE, START)).toEqual({ kind: 'send' });
  });

  it.each([['Pending'], ['InProgress'], ['SomethingNew']])(
    'by joining the same action that is %s',
    (status) => {
      expect(chooseStart(isolation, [isolate({ status })], NEW_DEVICE, START)).toMatchObject({
        kind: 'join',
        action: { id: 'isolate-1' },
      });
      expect(chooseStart(release, [unisolate({ status })], NEW_DEVICE, START)).toMatchObject({
        kind: 'join',
      });
    },
  );

  it.each([
    ['the same scope in another case', 'FULL', 'join'],
    ['a scope that is not told', null, 'join'],
    ['another scope', 'Selective', 'wait'],
  ])('beside an isolation of %s: %s', (_what, scope, kind) => {
    expect(chooseStart(isolation, [isolate({ scope })], NEW_DEVICE, START).kind).toBe(kind);
  });

  it('does not cancel an isolation of another kind, but waits for it', () => {
    expect(chooseStart(isolation, [isolate({ scope: 'Selective' })], NEW_DEVICE, START)).toMatchObject({
      kind: 'wait',
      shouldCancel: false,
    });
  });

  it('finds the isolation to join among others', () => {
    const actions = [isolate({ scope: 'Selective' }), isolate({ id: 'isolate-2' })];
    expect(chooseStart(isolation, actions, NEW_DEVICE, START)).toMatchObject({
      kind: 'join',
      action: { id: 'isolate-2' },
    });
  });

  it.each([
    ['a release', release, isolate()],
    ['an isolation', isolation, unisolate()],
  ])('by cancelling the open opposite, for %s, and waiting for its end', (_what, operation, action) => {
    const wait = { kind: 'wait', action: { id: action.id } };
    expect(chooseStart(operation, [action], NEW_DEVICE, START)).toMatchObject({
      ...wait,
      shouldCancel: true,
    });
    // Asked before without an answer: asked again.
    const asked = remembering({ cancelling: [action.id] });
    expect(chooseStart(operation, [action], asked, START)).toMatchObject({ ...wait, shouldCancel: true });
    const answered = remembering({ cancelling: [action.id], cancelled: [action.id] });
    expect(chooseStart(operation, [action], answered, START)).toMatchObject({ ...wait, shouldCancel: false });
  });

  it('waits for the opposite even where the same is open as well', () => {
    expect(chooseStart(release, [unisolate(), isolate()], NEW_DEVICE, START)).toMatchObject({
      kind: 'wait',
      action: { id: 'isolate-1' },
    });
  });

  it('does not join what is being cancelled, but waits for its end', () => {
    const state = remembering({ cancelling: ['isolate-1'] });
    expect(chooseStart(isolation, [isolate()], state, START)).toMatchObject({
      kind: 'wait',
      shouldCancel: false,
    });
  });

  it('takes up its own action, open or over, whatever else there is', () => {
    for (const status of ['Pending', 'Succeeded', 'Failed', 'Cancelled']) {
      const own = isolate({ id: 'own', status, requestorComment: `${OWN_TAG} Ransomware seen [by SOAR]` });
      const state = remembering({
        lastSent: { operationId: OTHER_ID, createdAt: START + 1, action: 'release' },
      });
      expect(chooseStart(isolation, [unisolate(), isolate(), own], state, START)).toMatchObject({
        kind: 'own',
        action: { id: 'own' },
      });
    }
  });
});

describe('its own action', () => {
  it.each([
    ['begins with its tag', isolate({ requestorComment: `${OWN_TAG} why` }), true],
    ['has something before the tag', isolate({ requestorComment: `via API: ${OWN_TAG} why` }), true],
    ['is cut after the tag', isolate({ requestorComment: OWN_TAG }), true],
    ['is of the opposite type', unisolate({ requestorComment: `${OWN_TAG} why` }), false],
    [
      'is of another operation that quotes the tag',
      isolate({ requestorComment: `${operationTag(OTHER_ID)} as in ${OWN_TAG}` }),
      false,
    ],
    ['has part of the tag', isolate({ requestorComment: OWN_TAG.slice(0, -5) }), false],
    ['has no comment', isolate({ requestorComment: null }), false],
  ])('%s: %s', (_what, action, expected) => {
    expect(isOwnAction(action, isolation)).toBe(expected);
  });

  it('is never made by what a caller writes', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        const comment = `${operationTag(OTHER_ID)} ${before}${OWN_TAG}${after} [by x]`;
        expect(isOwnAction(isolate({ requestorComment: comment }), isolation)).toBe(false);
      }),
    );
  });
});

describe('an operation that comes too late', () => {
  it.each([
    ['the opposite was accepted later', 'release', START + 1, 'superseded'],
    ['the opposite was accepted earlier', 'release', START - 1, 'send'],
    ['the opposite was accepted at the same instant', 'release', START, 'send'],
    ['the same was accepted later', 'isolate', START + 1, 'send'],
  ])('when %s: %s', (_when, action, createdAt, kind) => {
    const state = remembering({ lastSent: { operationId: OTHER_ID, createdAt, action } });
    expect(chooseStart(isolation, [], state, START + 60_000).kind).toBe(kind);
  });

  it('says which one came first', () => {
    const state = remembering({
      lastSent: { operationId: OTHER_ID, createdAt: START + 1, action: 'release' },
    });
    expect(chooseStart(isolation, [isolate()], state, START)).toEqual({
      kind: 'superseded',
      operationId: OTHER_ID,
    });
  });
});

describe("another operation's action that may not be shown yet", () => {
  const asked = { operationId: OTHER_ID, at: START };
  it.each([
    ['at once', 0, [], 'lookAgain'],
    ['just before it must be shown', 9_999, [], 'lookAgain'],
    ['when it must have been shown', 10_000, [], 'send'],
    ['when it is shown and open', 0, [isolate({ requestorComment: `${operationTag(OTHER_ID)} x` })], 'wait'],
    [
      'when it is shown and over',
      0,
      [isolate({ requestorComment: `${operationTag(OTHER_ID)} x`, status: 'Succeeded' })],
      'send',
    ],
    ['when something else is shown', 0, [isolate()], 'lookAgain'],
  ])('%s', (_when, afterMs, actions, kind) => {
    const state = remembering({ lastAsked: asked });
    expect(chooseStart(release, actions, state, START + afterMs).kind).toBe(kind);
  });

  it('does not hold up the operation that asked for it', () => {
    const state = remembering({ lastAsked: { operationId: OPERATION_ID, at: START } });
    expect(chooseStart(isolation, [], state, START)).toEqual({ kind: 'send' });
  });
});

it('never acts over an open action of either kind', () => {
  const action = fc.record({
    id: fc.constantFrom('a', 'b', 'c'),
    type: fc.constantFrom('Isolate', 'Unisolate', 'isolate', 'LiveResponse'),
    status: fc.constantFrom('Pending', 'InProgress', 'Succeeded', 'Failed', 'TimeOut', 'Cancelled', 'New'),
    scope: fc.constantFrom('Full', 'Selective', null),
  });
  const ids = fc.subarray(['a', 'b', 'c']);
  fc.assert(
    fc.property(fc.array(action), ids, ids, fc.boolean(), (records, cancelling, cancelled, isRelease) => {
      const actions = records.map((record) => machineActionOf({ ...record, machineId: deviceId(1) }));
      const start = chooseStart(
        isRelease ? release : isolation,
        actions,
        remembering({ cancelling, cancelled }),
        START,
      );
      const isOpen = ({ type, status }: { type: string; status: string }) =>
        /^(un)?isolate$/i.test(type) && !['Succeeded', 'Failed', 'TimeOut', 'Cancelled'].includes(status);
      expect(start.kind === 'send').toBe(!actions.some(isOpen));
    }),
  );
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { operationId, requestHash, type RequestIdentity } from '../../src/operations/operationId.ts';

const text = fc.string({ maxLength: 20 });
const identity: fc.Arbitrary<RequestIdentity> = fc.record({
  callerId: text,
  key: fc.oneof(
    fc.record({ kind: fc.constant('key' as const), value: text }),
    fc.record({ kind: fc.constant('run' as const), runId: text, action: text }),
  ),
  action: fc.constantFrom('isolate', 'release'),
  device: text,
  comment: text,
  isolationType: fc.option(fc.constantFrom('Full', 'Selective'), { nil: undefined }),
  incidentId: fc.option(text, { nil: undefined }),
});

const BODY = ['action', 'device', 'comment', 'isolationType', 'incidentId'] as const;

describe('the hash of a request', () => {
  it('depends on what is asked for and on nothing else', () => {
    fc.assert(
      fc.property(identity, identity, (one, other) => {
        const isSame = BODY.every((name) => one[name] === other[name]);
        expect(requestHash(one) === requestHash(other)).toBe(isSame);
        // The order of members does not matter.
        const reversed = Object.fromEntries(Object.entries(one).reverse()) as unknown as RequestIdentity;
        expect(requestHash({ ...reversed, callerId: other.callerId, key: other.key })).toBe(requestHash(one));
      }),
    );
  });

  it.each(BODY)('tells requests apart by their %s alone', (name) => {
    fc.assert(
      fc.property(identity, text, (one, value) => {
        fc.pre(one[name] !== value);
        expect(requestHash({ ...one, [name]: value })).not.toBe(requestHash(one));
      }),
    );
  });

  it('tells a missing member from an empty one, and from the same text in another member', () => {
    const base: RequestIdentity = {
      ...{ callerId: 'c', key: { kind: 'key', value: 'k' }, action: 'isolate', device: 'd' },
      ...{ comment: 'x', isolationType: undefined, incidentId: undefined },
    };
    expect(requestHash({ ...base, incidentId: '' })).not.toBe(requestHash(base));
    expect(requestHash({ ...base, incidentId: 'null' })).not.toBe(requestHash(base));
    expect(requestHash({ ...base, isolationType: 'y' })).not.toBe(requestHash({ ...base, incidentId: 'y' }));
  });
});

describe('the id of an operation', () => {
  it('is 32 hex digits, and the same for every repetition', () => {
    fc.assert(
      fc.property(identity, (one) => {
        expect(operationId(one)).toMatch(/^[0-9a-f]{32}$/);
        expect(operationId(structuredClone(one))).toBe(operationId(one));
      }),
    );
  });

  it('is another one for another caller or another key, whatever they consist of', () => {
    const keyOf = ({ callerId, key }: RequestIdentity) => JSON.stringify([callerId, key]);
    fc.assert(
      fc.property(identity, identity, (one, other) => {
        if (keyOf(one) !== keyOf(other)) expect(operationId(one)).not.toBe(operationId(other));
      }),
    );
    // Parts that would read the same if they were only joined.
    const of = (callerId: string, value: string) =>
      operationId({
        ...{ callerId, key: { kind: 'key', value }, action: 'isolate', device: 'd', comment: 'x' },
        ...{ isolationType: undefined, incidentId: undefined },
      });
    expect(of('a', 'bc')).not.toBe(of('ab', 'c'));
    expect(of('a","b', 'c')).not.toBe(of('a', 'b","c'));
  });

  it('depends on the key alone where there is one: another body meets the same operation', () => {
    fc.assert(
      fc.property(identity, identity, text, (one, other, value) => {
        const key = { kind: 'key' as const, value };
        expect(operationId({ ...one, key })).toBe(operationId({ ...other, key, callerId: one.callerId }));
      }),
    );
  });

  it('is one for each branch of a workflow action: those share run and action', () => {
    fc.assert(
      fc.property(identity, identity, text, text, (one, other, runId, action) => {
        const key = { kind: 'run' as const, runId, action };
        const isSame = requestHash(one) === requestHash(other);
        const ids = [operationId({ ...one, key }), operationId({ ...other, key, callerId: one.callerId })];
        expect(new Set(ids).size === 1).toBe(isSame);
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinKey } from '../../src/storage/keys.ts';

const part = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ maxLength: 400 }), fc.uuid());

describe('storage keys', () => {
  it('hold only characters that Table Storage allows in keys, and fit', () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const key = joinKey(...parts);
        expect(key).toMatch(/^[A-Za-z0-9._-]*$/);
        expect(Buffer.byteLength(key)).toBeLessThanOrEqual(1024);
      }),
    );
  });

  it('differ when any of their parts differs', () => {
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 2, maxLength: 2 }),
        fc.array(part, { minLength: 2, maxLength: 2 }),
        (a, b) => {
          fc.pre(a.some((text, index) => text.isWellFormed() && text !== b[index]));
          fc.pre([...a, ...b].every((text) => text.isWellFormed()));
          expect(joinKey(...a)).not.toBe(joinKey(...b));
        },
      ),
    );
    // Parts that would read the same if they were only joined.
    expect(joinKey('a', 'b__c')).not.toBe(joinKey('a__b', 'c'));
    expect(joinKey('a_', 'b')).not.toBe(joinKey('a', '_b'));
    expect(joinKey('A')).not.toBe(joinKey('a'));
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecentMap } from '../../src/identity/RecentMap.ts';

describe('a map of what was used last', () => {
  it('never holds more than its limit, and always those keys that were used last', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(key, { maxLength: 60 }), (limit, keys) => {
        const map = new RecentMap<string>(limit);
        let recent: string[] = [];
        for (const one of keys) {
          let isCreated = false;
          map.getOrCreate(one, () => {
            isCreated = true;
            return one;
          });
          expect(isCreated).toBe(!recent.includes(one));
          recent = [one, ...recent.filter((other) => other !== one)].slice(0, limit);
          expect(map.size).toBe(recent.length);
        }
      }),
    );
  });

  it('gives the same value for the same key, until that is deleted', () => {
    const map = new RecentMap<{ readonly name: string }>(2);
    const value = map.getOrCreate('a', () => ({ name: 'a' }));
    expect(map.getOrCreate('a', () => ({ name: 'other' }))).toBe(value);
    map.deleteWhere(({ name }) => name === 'a');
    expect(map.size).toBe(0);
  });
});

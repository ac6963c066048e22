import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../../src/defender/fieldsOf.ts';

describe('the members of a record', () => {
  it('are found by their documented names, in whichever case they begin', () => {
    expect(fieldsOf({ Id: 1, computerDnsName: 'a' })).toMatchObject({ id: 1, computerDnsName: 'a' });
  });

  it('are those with the documented name where both are there', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.integer()), (record) => {
        for (const [name, value] of Object.entries(record)) expect(fieldsOf(record)[name]).toBe(value);
      }),
    );
  });

  it.each([null, undefined, 7, 'text', [1], true])('are none in %j', (record) => {
    expect(fieldsOf(record)).toEqual({});
  });
});

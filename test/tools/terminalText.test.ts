import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toCell, toJson, toLine, toText } from '../../tools/terminalText.ts';

const OBEYED = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const anything = fc.string({ unit: 'binary', maxLength: 200 });

describe('text for a terminal', () => {
  it('is one line without anything that a terminal obeys, whatever it was', () => {
    fc.assert(
      fc.property(anything, (text) => {
        expect(toLine(text)).not.toMatch(OBEYED);
        expect(toText(text).replaceAll('\n', '')).not.toMatch(OBEYED);
      }),
    );
  });

  it('stays as it is when there is nothing of that', () => {
    expect(toLine('Größe | 日本語 😀 "x"')).toBe('Größe | 日本語 😀 "x"');
    expect(toLine('one\r\ntwo\tthree')).toBe('one two three');
    expect(toText('one\ntwo')).toBe('one\ntwo');
  });

  it('is cut to what fits, and never in the middle of a character', () => {
    fc.assert(
      fc.property(anything, fc.integer({ min: 1, max: 20 }), (text, length) => {
        const cell = toCell(text, length);
        expect(Array.from(cell).length).toBeLessThanOrEqual(length);
        expect(cell.isWellFormed()).toBe(true);
      }),
    );
    expect(toCell('abcdef', 4)).toBe('abc…');
    expect(toCell(undefined, 4)).toBe('');
    expect(toCell({ a: 1 }, 10)).toBe('{"a":1}');
  });

  it('as JSON says the same to a machine', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const json = toJson(value);
        expect(json.replaceAll('\n', '')).not.toMatch(OBEYED);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

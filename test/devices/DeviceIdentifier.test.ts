import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSameName, parseDeviceIdentifier } from '../../src/devices/DeviceIdentifier.ts';

const HEX_DIGITS = '0123456789abcdefABCDEF'.split('');
const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...HEX_DIGITS), minLength: length, maxLength: length });
const label = fc.stringMatching(/^[A-Za-z0-9_]([A-Za-z0-9_-]{0,20}[A-Za-z0-9_])?$/);
const dnsName = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join('.'));
const anything = fc.oneof(fc.string({ maxLength: 60 }), hex(40), fc.uuid(), dnsName);

describe('a device identifier', () => {
  it('is a Defender id, an Entra device id or a DNS name', () => {
    const id = 'A1'.repeat(20);
    expect(parseDeviceIdentifier(id)).toEqual({ kind: 'id', value: id.toLowerCase() });
    expect(parseDeviceIdentifier('AB12CD34-0000-4000-8000-00000000000F')).toEqual({
      kind: 'aadDeviceId',
      value: 'ab12cd34-0000-4000-8000-00000000000f',
    });
    expect(parseDeviceIdentifier('WS1.contoso.example')).toEqual({
      kind: 'name',
      value: 'WS1.contoso.example',
    });
  });

  it.each([
    ['39 hex digits', 'a'.repeat(39), 'name'],
    ['41 hex digits', 'a'.repeat(41), 'name'],
    ['a GUID without hyphens', '0'.repeat(32), 'name'],
    ['a GUID with a hyphen elsewhere', '000000000-000-4000-8000-000000000000', 'name'],
    ['a single label', 'srv1', 'name'],
    ['an old Windows name with an underscore', 'OLD_SRV1', 'name'],
    ['a label of 63 characters', `${'a'.repeat(63)}.example`, 'name'],
    ['a label of 64 characters', `${'a'.repeat(64)}.example`, undefined],
    ['a name of 253 characters', `${'a.'.repeat(126)}a`, 'name'],
    ['a name of 255 characters', `${'a.'.repeat(127)}a`, undefined],
    ['an id in braces', `{${'a'.repeat(40)}}`, undefined],
    ['a GUID in braces', '{ab12cd34-0000-4000-8000-00000000000f}', undefined],
    ['nothing', '', undefined],
    ['a space before it', ' srv1', undefined],
    ['a line break after it', 'srv1\n', undefined],
    ['a line break after an id', `${'a'.repeat(40)}\n`, undefined],
    ['a closing dot', 'srv1.example.', undefined],
    ['an empty label', 'srv1..example', undefined],
    ['a hyphen at an end', '-srv1', undefined],
    ['a wildcard', 'srv*', undefined],
    ['a quote', "srv1' or 1 eq 1", undefined],
    ['letters that only look like ASCII', 'ѕrv1', undefined],
  ])('%s', (_what, text, kind) => {
    expect(parseDeviceIdentifier(text)?.kind).toBe(kind);
  });

  it('has one kind, whatever the text, and never means more than it says', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const parsed = parseDeviceIdentifier(text);
        const kinds = [
          /^[0-9a-f]{40}$/i.test(text),
          /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text),
        ];
        expect(kinds.filter(Boolean).length).toBeLessThanOrEqual(1);
        if (kinds[0]) expect(parsed?.kind).toBe('id');
        else if (kinds[1]) expect(parsed?.kind).toBe('aadDeviceId');
        else expect(parsed?.kind ?? 'name').toBe('name');
        if (!parsed) return;
        expect(parsed.value.toLowerCase()).toBe(text.toLowerCase());
        // What goes into a filter needs no escaping.
        expect(parsed.value).toMatch(/^[\w.-]+$/);
        expect(parseDeviceIdentifier(parsed.value)).toEqual(parsed);
        expect(parseDeviceIdentifier(text.toUpperCase())?.kind).toBe(parsed.kind);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the same name', () => {
  it('is the same but for its case, never a part of it', () => {
    fc.assert(
      fc.property(dnsName, label, (name, more) => {
        expect(isSameName(name.toUpperCase(), name)).toBe(true);
        for (const other of [`${name}${more}`, `${more}${name}`, `${name}.${more}`, `${more}.${name}`]) {
          expect(isSameName(name, other)).toBe(false);
          expect(isSameName(other, name)).toBe(false);
        }
        expect(isSameName(undefined, name)).toBe(false);
      }),
    );
    expect(isSameName('srv10', 'srv1')).toBe(false);
  });
});

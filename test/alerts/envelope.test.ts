import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageKey } from '../../src/alerts/AlertVersion.ts';
import { createEnvelope, spliceAlert, survivesParsing } from '../../src/alerts/envelope.ts';
import { createVersion, ORIGIN } from '../support/alerts.ts';

describe('the envelope', () => {
  it('says of a version what a receiver needs to order it and to recognise a repeat', () => {
    const version = createVersion({ id: 'da1', lastUpdateTime: '2026-11-21T02:30:00.57Z', title: 5 });
    expect(createEnvelope(version, Date.parse('2026-11-21T02:31:00.123Z'))).toEqual({
      schemaVersion: 1,
      messageKey: messageKey(version),
      ...ORIGIN,
      alertId: 'da1',
      alertVersion: '2026-11-21T02:30:00.5700000Z',
      handedOverAt: '2026-11-21T02:31:00.123Z',
      problems: ['title is not text'],
      evidenceOmitted: false,
    });
  });

  it('shares no property name with the metadata of a queue message, which the host would mix up with it', () => {
    // https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue-trigger
    const metadata = [
      'QueueTrigger',
      'DequeueCount',
      'ExpirationTime',
      'Id',
      'InsertionTime',
      'NextVisibleTime',
      'PopReceipt',
    ].map((name) => name.toLowerCase());
    const names = [...Object.keys(createEnvelope(createVersion(), 0)), 'alert', 'alertBlob'];
    expect(names.filter((name) => metadata.includes(name.toLowerCase()))).toEqual([]);
  });
});

describe('splicing an alert into an envelope', () => {
  it('keeps the alert byte for byte, whatever it holds and however it is written', () => {
    const alert = fc.jsonValue({ stringUnit: 'grapheme' });
    fc.assert(
      fc.property(alert, fc.constantFrom(undefined, 2, '\t'), (value, indent) => {
        const alertJson = JSON.stringify(value, null, indent);
        const envelope = createEnvelope(createVersion(), 0);
        const message = spliceAlert(envelope, alertJson);
        expect(message.endsWith(`"alert":${alertJson}}`)).toBe(true);
        expect(JSON.parse(message)).toEqual({ ...envelope, alert: JSON.parse(alertJson) as unknown });
      }),
    );
  });
});

/** The exact value of a JSON number, as sign, digits and power of ten without needless zeros. */
function exactValue(literal: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(literal) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const power = BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - significant.length);
  return `${sign}${significant}e${power}`;
}

const reprinted = (json: string) => JSON.stringify(JSON.parse(json));

describe('surviving a parser', () => {
  const digits = (maxLength: number) =>
    fc.string({ unit: fc.constantFrom('0', '1', '2', '3', '4', '5', '6', '7', '8', '9'), maxLength });
  const literal = fc
    .tuple(fc.constantFrom('', '-'), fc.bigInt({ min: 0n, max: 10n ** 30n }), digits(25))
    .map(([sign, whole, fraction]) => `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`);

  it('is said of no number that parsing and printing would change', () => {
    fc.assert(
      fc.property(
        literal,
        fc.constantFrom('[%]', '{"a":{"b":%}}', '[1, % ]', '["\\"",%]'),
        (number, frame) => {
          const alertJson = frame.replace('%', number);
          fc.pre(survivesParsing(alertJson));
          expect(exactValue(reprinted(`[${number}]`).slice(1, -1))).toBe(exactValue(number));
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('is not said of a number with an exponent beyond what a double holds, however short it is', () => {
    // `JSON.stringify` prints infinity as null.
    expect(['{"a":1e400}', '{"a":-1E+999}', '{"a":1e-400}'].filter(survivesParsing)).toEqual([]);
  });

  it('is said of every number that JavaScript itself prints', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        fc.pre(!Object.is(number, -0));
        return survivesParsing(JSON.stringify({ number }));
      }),
    );
    fc.assert(fc.property(fc.maxSafeInteger(), (number) => survivesParsing(JSON.stringify({ number }))));
  });

  it.each([
    '9007199254740993',
    '-9007199254740993',
    '18446744073709551615',
    '0.12345678901234567890',
    '123456789012345678901234567890',
  ])('is not said of %s', (number) => {
    expect(survivesParsing(`{"InitiatingProcessUniqueId":${number}}`)).toBe(false);
    expect(survivesParsing(`{"deep":[{"er":[1,${number}]}]}`)).toBe(false);
  });

  it('is not said of minus zero, which is printed without its sign', () => {
    expect(survivesParsing('{"a":-0}')).toBe(false);
    expect(survivesParsing('{"a":-0.5,"b":0}')).toBe(true);
  });

  it('does not mind digits inside texts', () => {
    const texts = [
      '18446744073709551615',
      'a "18446744073709551615',
      '\\',
      '\\"9007199254740993',
      '\n9007199254740993',
    ];
    expect(texts.filter((text) => !survivesParsing(JSON.stringify({ [text]: text, list: [text] })))).toEqual(
      [],
    );
  });
});

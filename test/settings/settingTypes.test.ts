import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  duration,
  isLoopback,
  list,
  lowerCase,
  oneOf,
  parseDurationMs,
  text,
  baseUrl,
  url,
  wholeNumber,
} from '../../src/settings/settingTypes.ts';

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

describe('a duration', () => {
  const part = fc.option(fc.nat({ max: 10_000 }), { nil: undefined });

  it('is read as milliseconds, whatever parts it has', () => {
    fc.assert(
      fc.property(part, part, part, part, (days, hours, minutes, seconds) => {
        fc.pre([days, hours, minutes, seconds].some((value) => value !== undefined));
        const write = (value: number | undefined, unit: string) =>
          value === undefined ? '' : `${value}${unit}`;
        const time = write(hours, 'H') + write(minutes, 'M') + write(seconds, 'S');
        const value = `P${write(days, 'D')}${time === '' ? '' : `T${time}`}`;
        const total =
          (((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60_000 + (seconds ?? 0) * SECOND_MS;
        expect(parseDurationMs(value)).toBe(total);
        expect(parseDurationMs(value.toLowerCase())).toBe(total);
      }),
    );
  });

  it('may have a fraction of seconds', () => {
    expect(parseDurationMs('PT1.5S')).toBe(1_500);
    expect(parseDurationMs('PT0.25S')).toBe(250);
  });

  it.each([
    '',
    'P',
    'PT',
    'P1DT',
    '5',
    '300',
    '15 minutes',
    '00:15:00',
    'PT15',
    '15M',
    'P15M',
    'P1W',
    'P1Y',
    'PT-5M',
    '-PT5M',
    'PT1.5M',
    'PT5M ',
    'PT1S1M',
    'PT.5S',
    'PT5Min',
  ])('is not read from %j', (value) => {
    expect(parseDurationMs(value)).toBeUndefined();
  });

  it('is taken at its bounds and not beyond them', () => {
    const type = duration('PT5S', 'P1D');
    expect(type.parse('PT5S')).toBe(5 * SECOND_MS);
    expect(type.parse('PT24H')).toBe(DAY_MS);
    for (const value of ['PT4.999S', 'PT0S', 'P1DT0.001S', 'P2D', 'soon', '']) {
      expect(() => type.parse(value), value).toThrow(
        'must be an ISO 8601 duration from PT5S to P1D, for example PT15M',
      );
    }
  });
});

describe('a whole number', () => {
  it('is taken between its bounds, both included, and not beyond them', () => {
    const type = wholeNumber('alerts', 1, 10_000);
    expect([type.parse('1'), type.parse('10000')]).toEqual([1, 10_000]);
    for (const value of ['0', '10001']) expect(() => type.parse(value)).toThrow('must be a whole number');
    fc.assert(
      fc.property(fc.integer({ min: -5, max: 10_010 }), (number) => {
        if (number >= 1 && number <= 10_000) expect(type.parse(String(number))).toBe(number);
        else expect(() => type.parse(String(number))).toThrow('must be a whole number from 1 to 10000');
      }),
    );
  });

  it.each(['', ' ', '1.0', '1e3', '0x10', '1_000', '+5', '٥', 'five', 'NaN', 'Infinity', '5 '])(
    'is not read from %j',
    (value) => {
      expect(() => wholeNumber('alerts', 1, 10_000).parse(value)).toThrow('must be a whole number');
    },
  );
});

describe('one of several words', () => {
  const type = oneOf('managedIdentity', 'clientSecret');

  it('is taken in any case and given as it is documented', () => {
    expect(type.parse('MANAGEDIDENTITY')).toBe('managedIdentity');
    expect(type.parse('clientSecret')).toBe('clientSecret');
  });

  it('is nothing else', () => {
    for (const value of ['', 'secret', 'managedIdentity ', 'clientSecret,managedIdentity']) {
      expect(() => type.parse(value)).toThrow('must be one of managedIdentity, clientSecret');
    }
  });
});

describe('a URL', () => {
  it.each([
    ['https://api.security.microsoft.com', 'https://api.security.microsoft.com'],
    ['https://contoso.vault.azure.net/', 'https://contoso.vault.azure.net'],
    ['https://contoso.example/prefix//', 'https://contoso.example/prefix'],
    ['http://localhost:8444', 'http://localhost:8444'],
    ['http://127.0.0.1:8444/defender', 'http://127.0.0.1:8444/defender'],
    ['http://[::1]:8444', 'http://[::1]:8444'],
  ])('%s is taken as it is, and as a base without a slash at its end', (value, expected) => {
    expect(url.parse(value)).toBe(value);
    expect(baseUrl.parse(value)).toBe(expected);
  });

  it.each([
    'http://api.security.microsoft.com',
    'http://localhost.evil.example',
    'http://127.0.0.1.evil.example',
    'http://localhost@evil.example',
    'http://10.0.0.1',
    'http://0.0.0.0',
    'ftp://localhost',
    'file:///etc/passwd',
    'api.security.microsoft.com',
    '//api.security.microsoft.com',
    'https://',
    '',
    'javascript:alert(1)',
  ])('%j is refused', (value) => {
    for (const type of [url, baseUrl]) {
      expect(() => type.parse(value)).toThrow('must be an https URL (http only for a loopback address)');
    }
  });

  it('is a loopback address by its host alone', () => {
    expect(isLoopback(new URL('https://localhost:8441/tenant'))).toBe(true);
    expect(isLoopback(new URL('https://example.com/?u=http://localhost'))).toBe(false);
  });
});

describe('a text', () => {
  it('is taken as it is, when it has the form', () => {
    const type = text('GUID', /^[0-9a-f-]+$/i);
    expect(type.parse('AB-1')).toBe('AB-1');
    expect(() => type.parse('x')).toThrow('must be GUID');
  });

  it('is given in lower case where the service does not tell the cases apart', () => {
    expect(lowerCase(text('domain', /^\S+$/)).parse('Contoso.Example')).toBe('contoso.example');
  });
});

describe('a list', () => {
  const type = list(lowerCase(text('names', /^\w+$/)));

  it('is taken apart at its commas, without blanks and empty places', () => {
    expect(type.parse('a')).toEqual(['a']);
    expect(type.parse(' A , b,c ')).toEqual(['a', 'b', 'c']);
    expect(type.parse(',a,,b,')).toEqual(['a', 'b']);
  });

  it('is empty when it is none, in any case, and only then', () => {
    for (const value of ['none', 'None', 'NONE']) expect(type.parse(value)).toEqual([]);
    // A stray comma would switch a protection off without a word.
    for (const value of ['', ',', ' , ,']) {
      expect(() => type.parse(value), value).toThrow('must be a list of names, or none');
    }
  });

  it('is refused for one wrong value among right ones', () => {
    expect(() => type.parse('a,b c,d')).toThrow('must be names');
  });

  it('names the form of its values as its unit', () => {
    expect(type.unit).toBe('list of names, or none');
  });
});

/** How the text of a setting becomes a value. `parse` throws an Error whose message says what is expected. */
export interface SettingType<T> {
  readonly unit: string;
  parse(text: string): T;
}

export function text(unit: string, pattern: RegExp): SettingType<string> {
  return {
    unit,
    parse(value) {
      if (!pattern.test(value)) throw new Error(`must be ${unit}`);
      return value;
    },
  };
}

/** The same text in lower case, where the service does not tell the cases apart. */
export function lowerCase(type: SettingType<string>): SettingType<string> {
  return { unit: type.unit, parse: (value) => type.parse(value).toLowerCase() };
}

/** Several values, separated by commas; `none` is the empty list, to switch a default off. */
export function list<T>(type: SettingType<T>): SettingType<readonly T[]> {
  return {
    unit: `list of ${type.unit}, or none`,
    parse(value) {
      if (value.toLowerCase() === 'none') return [];
      const parts = value.split(',').map((part) => part.trim());
      const given = parts.filter((part) => part !== '');
      // A stray comma must not switch a default off; `none` says so.
      if (given.length === 0) throw new Error(`must be a list of ${type.unit}, or none`);
      return given.map((part) => type.parse(part));
    },
  };
}

export function oneOf<const T extends string>(...allowed: T[]): SettingType<T> {
  return {
    unit: allowed.join(', '),
    parse(value) {
      const found = allowed.find((candidate) => candidate.toLowerCase() === value.toLowerCase());
      if (found === undefined) throw new Error(`must be one of ${allowed.join(', ')}`);
      return found;
    },
  };
}

export function wholeNumber(unit: string, minimum: number, maximum: number): SettingType<number> {
  return {
    unit: `${unit}, ${minimum} to ${maximum}`,
    parse(value) {
      const number = /^\d+$/.test(value) ? Number(value) : NaN;
      if (!(number >= minimum && number <= maximum)) {
        throw new Error(`must be a whole number from ${minimum} to ${maximum}`);
      }
      return number;
    },
  };
}

/** An ISO 8601 duration of days, hours, minutes and seconds, as milliseconds. */
export function duration(minimum: string, maximum: string): SettingType<number> {
  const expected = `must be an ISO 8601 duration from ${minimum} to ${maximum}, for example PT15M`;
  return {
    unit: `ISO 8601 duration, ${minimum} to ${maximum}`,
    parse(value) {
      const ms = parseDurationMs(value);
      if (ms === undefined || ms < (parseDurationMs(minimum) ?? 0) || ms > (parseDurationMs(maximum) ?? 0)) {
        throw new Error(expected);
      }
      return ms;
    },
  };
}

/** The base of other URLs: an https URL without its closing slashes. */
export const baseUrl: SettingType<string> = {
  unit: 'https URL',
  parse(value) {
    const { search, hash } = new URL(url.parse(value));
    if (search || hash) throw new Error('must be a URL without a query or fragment');
    return value.replace(/\/+$/, '');
  },
};

/** An https URL as it is; plain http is taken for a loopback address only, where local stand-ins of services live. */
export const url: SettingType<string> = {
  unit: 'https URL',
  parse(value) {
    const parsed = URL.canParse(value) ? new URL(value) : undefined;
    const isSafe = parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && isLoopback(parsed));
    if (!parsed || !isSafe) throw new Error('must be an https URL (http only for a loopback address)');
    return value;
  },
};

export function isLoopback(parsed: URL): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(parsed.hostname);
}

/** Milliseconds of an ISO 8601 duration such as `P1DT2H`, or undefined when the text is none. */
export function parseDurationMs(value: string): number | undefined {
  const match = /^P(?!$)(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/i.exec(value);
  if (!match) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part || 0));
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}

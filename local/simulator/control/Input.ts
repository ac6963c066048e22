import { findTicks } from '../clock/ticks.ts';

/** The body or query of a control call cannot be used; the message says which property and why. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/** What a number must be. */
export interface NumberRule {
  readonly least?: number;
  readonly most?: number;
  readonly isWhole?: boolean;
}

/** An object from outside, read property by property. Every fault is an `InputError` that names the property. */
export class Input {
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #place: string;

  constructor(value: unknown, place = 'the body') {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new InputError(`${place} must be an object.`);
    }
    this.#value = value as Readonly<Record<string, unknown>>;
    this.#place = place;
  }

  /** Refuses properties that nothing reads. */
  allow(...names: readonly string[]): this {
    const unknown = Object.keys(this.#value).find((name) => !names.includes(name));
    if (unknown !== undefined) {
      throw new InputError(`'${unknown}' is not known in ${this.#place}; it can have: ${names.join(', ')}.`);
    }
    return this;
  }

  has(name: string): boolean {
    return this.#value[name] !== undefined;
  }

  raw(name: string): unknown {
    return this.#value[name];
  }

  findString(name: string): string | undefined {
    const value = this.#value[name];
    if (value === undefined || typeof value === 'string') return value;
    throw this.#fault(name, 'a string');
  }

  getString(name: string): string {
    const value = this.findString(name);
    if (value === undefined || value === '') throw this.#fault(name, 'a string that is not empty');
    return value;
  }

  findNumber(
    name: string,
    { least = -Infinity, most = Infinity, isWhole = false }: NumberRule = {},
  ): number | undefined {
    const value = this.#value[name];
    if (value === undefined) return undefined;
    const isFit =
      typeof value === 'number' && value >= least && value <= most && (!isWhole || Number.isInteger(value));
    if (isFit) return value;
    const bounds = [least === -Infinity ? '' : ` from ${least}`, most === Infinity ? '' : ` to ${most}`].join(
      '',
    );
    throw this.#fault(name, `a ${isWhole ? 'whole ' : ''}number${bounds}`);
  }

  findBoolean(name: string): boolean | undefined {
    const value = this.#value[name];
    if (value === undefined || typeof value === 'boolean') return value;
    throw this.#fault(name, 'true or false');
  }

  findOneOf<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const value = this.findString(name);
    if (value === undefined) return undefined;
    const choice = choices.find((one) => one === value);
    if (choice === undefined) throw this.#fault(name, `one of ${choices.join(', ')}`);
    return choice;
  }

  /** An ISO 8601 instant, as ticks. */
  findInstant(name: string): bigint | undefined {
    const text = this.findString(name);
    if (text === undefined) return undefined;
    const ticks = findTicks(text);
    if (ticks === undefined)
      throw this.#fault(name, 'an ISO 8601 instant such as 2026-11-20T08:00:00.1234567Z');
    return ticks;
  }

  findObject(name: string): Input | undefined {
    return this.has(name) ? new Input(this.#value[name], `'${name}'`) : undefined;
  }

  /** An object whose values are all strings. */
  findStrings(name: string): Readonly<Record<string, string>> | undefined {
    const value = this.#value[name];
    if (value === undefined) return undefined;
    const entries =
      typeof value === 'object' && value !== null ? Object.entries(value) : [['', null] as const];
    if (entries.every(([, one]) => typeof one === 'string')) return Object.fromEntries(entries);
    throw this.#fault(name, 'an object of strings');
  }

  getStringList(name: string): readonly string[] {
    const value = this.#value[name];
    if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
    throw this.#fault(name, 'a list of strings');
  }

  names(): readonly string[] {
    return Object.keys(this.#value);
  }

  #fault(name: string, expected: string): InputError {
    return new InputError(`'${name}' in ${this.#place} must be ${expected}.`);
  }
}

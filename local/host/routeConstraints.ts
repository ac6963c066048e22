import { LocalHostError } from './LocalHostError.ts';

/** Tells whether a route parameter's text is acceptable. */
export type RouteConstraint = (value: string) => boolean;

const INT_32 = 2n ** 31n;
const INT_64 = 2n ** 63n;

const simple: Readonly<Record<string, RouteConstraint>> = {
  alpha: (value) => /^[a-z]*$/i.test(value),
  bool: (value) => /^(true|false)$/i.test(value),
  datetime: (value) => !Number.isNaN(Date.parse(value)),
  decimal: (value) => /^[+-]?(\d+\.?\d*|\.\d+)$/.test(value),
  double: isNumber,
  float: isNumber,
  guid: (value) =>
    /^(\{[0-9a-f-]{36}\}|\([0-9a-f-]{36}\)|[0-9a-f-]{36}|[0-9a-f]{32})$/i.test(value) &&
    /^[{(]?[0-9a-f]{8}(-?)([0-9a-f]{4}\1){3}[0-9a-f]{12}[)}]?$/i.test(value),
  int: (value) => isWithin(value, -INT_32, INT_32 - 1n),
  long: (value) => isWithin(value, -INT_64, INT_64 - 1n),
  required: (value) => value !== '',
};

const withArguments: Readonly<Record<string, (...numbers: number[]) => RouteConstraint>> = {
  length:
    (minimum = 0, maximum = minimum) =>
    (value) =>
      value.length >= minimum && value.length <= maximum,
  minlength:
    (minimum = 0) =>
    (value) =>
      value.length >= minimum,
  maxlength:
    (maximum = 0) =>
    (value) =>
      value.length <= maximum,
  min:
    (minimum = 0) =>
    (value) =>
      simple.long?.(value) === true && Number(value) >= minimum,
  max:
    (maximum = 0) =>
    (value) =>
      simple.long?.(value) === true && Number(value) <= maximum,
  range:
    (minimum = 0, maximum = 0) =>
    (value) =>
      simple.long?.(value) === true && Number(value) >= minimum && Number(value) <= maximum,
};

/**
 * The check behind an inline constraint such as `int`, `length(1,5)` or `regex(^\d+$)`.
 *
 * Throws `LocalHostError` for a constraint the host does not know.
 * Source: https://learn.microsoft.com/aspnet/core/fundamentals/routing#route-constraints
 */
export function parseConstraint(text: string): RouteConstraint {
  const [, rawName = '', argument] = /^([^(]*)(?:\((.*)\))?$/s.exec(text) ?? [];
  const name = rawName.toLowerCase();
  if (name === 'regex' && argument !== undefined) {
    const pattern = new RegExp(argument, 'i');
    return (value) => pattern.test(value);
  }
  const check =
    argument === undefined ? simple[name] : withArguments[name]?.(...argument.split(',').map(Number));
  if (check === undefined) throw new LocalHostError(`The route constraint '${text}' is not known.`);
  return check;
}

function isNumber(value: string): boolean {
  return value.trim() !== '' && Number.isFinite(Number(value));
}

function isWithin(value: string, minimum: bigint, maximum: bigint): boolean {
  if (!/^[+-]?\d{1,20}$/.test(value)) return false;
  const number = BigInt(value.replace('+', ''));
  return number >= minimum && number <= maximum;
}

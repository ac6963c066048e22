/** A value that only a deployment knows, such as the client id of an identity that does not exist yet. */
export class Placeholder {
  /** How it is written in Bicep. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toJSON(): string {
    return `<${this.text}>`;
  }
}

/** Whatever an expression can come to: JSON, a placeholder, or objects and lists of them. */
export type Value = string | number | boolean | null | Placeholder | readonly Value[] | ValueObject;

/** An object of Bicep. */
export interface ValueObject {
  readonly [name: string]: Value;
}

export function isObject(value: Value): value is ValueObject {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Placeholder)
  );
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** The text of a value inside a longer text. */
export function toText(value: Value): string {
  if (value instanceof Placeholder) return value.toJSON();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Whether two values are the same. @throws Error when only a deployment knows. */
export function isSame(left: Value, right: Value): boolean {
  const isKnown = (value: Value) => !(value instanceof Placeholder);
  if (left === null || right === null) return left === right;
  if (isKnown(left) === isKnown(right)) return JSON.stringify(left) === JSON.stringify(right);
  throw new Error(`Only a deployment knows whether ${toText(left)} is ${toText(right)}.`);
}

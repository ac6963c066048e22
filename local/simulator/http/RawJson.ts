/** JSON text that is sent as it is, for payloads that no JavaScript value has: huge numbers, invalid JSON. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** The value that the text stands for; whole numbers of any size as `bigint`. Null when it is not JSON. */
export function findRawValue({ text }: RawJson): unknown {
  if (/^-?\d+$/.test(text)) return BigInt(text);
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The JSON text of an object whose values are JSON values or `RawJson`. */
export function writeObject(fields: Readonly<Record<string, unknown>>): string {
  const properties = Object.entries(fields).map(
    ([name, value]) =>
      `${JSON.stringify(name)}:${value instanceof RawJson ? value.text : JSON.stringify(value)}`,
  );
  return `{${properties.join(',')}}`;
}

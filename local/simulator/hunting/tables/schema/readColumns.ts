import { isScalarType, type Column } from '../../kql/Table.ts';

/** Columns from text: names apart by white space, with their type after a colon unless it is string. */
export function readColumns(text: string): readonly Column[] {
  return text
    .trim()
    .split(/\s+/)
    .map((word) => {
      const [name = '', type = 'string'] = word.split(':');
      if (!isScalarType(type)) throw new RangeError(`The column ${name} has no such type: ${type}.`);
      return { name, type };
    });
}

/**
 * The members of a record, by the names that the documentation has: in lower camel case. Some of Microsoft's services
 * answer in upper camel case; where both are there, the documented one counts.
 *
 * @returns an empty object for what is no record.
 */
export function fieldsOf(record: unknown): Readonly<Record<string, unknown>> {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return {};
  const renamed = Object.entries(record).map(([name, value]): [string, unknown] => [
    name.charAt(0).toLowerCase() + name.slice(1),
    value,
  ]);
  return { ...Object.fromEntries(renamed), ...record };
}

/** What stands for a value within a text: nothing for null, JSON for an object or an array. */
export function toText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

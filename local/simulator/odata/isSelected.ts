import type { Comparable, ComparisonOperator, FilterExpression, PropertyValue } from './FilterExpression.ts';

/** Reads a property of a record; null when it has none. */
export type PropertyReader = (property: string) => PropertyValue;

/** The value as one that can be compared; null when it is a collection. */
export function toSingle(value: PropertyValue): Comparable | null {
  return typeof value === 'object' ? null : value;
}

/**
 * True when the record passes the filter.
 *
 * Null equals null and nothing else; `gt`, `ge`, `lt` and `le` with null are false.
 * Source: https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html, 5.1.1.1
 */
export function isSelected(expression: FilterExpression, read: PropertyReader): boolean {
  switch (expression.kind) {
    case 'and':
      return isSelected(expression.left, read) && isSelected(expression.right, read);
    case 'or':
      return isSelected(expression.left, read) || isSelected(expression.right, read);
    case 'not':
      return !isSelected(expression.operand, read);
    case 'comparison':
      return isTrue(toSingle(read(expression.property)), expression.operator, expression.value);
    case 'startsWith': {
      const value = read(expression.property);
      return typeof value === 'string' && value.startsWith(expression.prefix);
    }
    case 'any': {
      const elements = read(expression.property);
      if (typeof elements !== 'object' || elements === null) return false;
      return elements.some((element) => isTrue(element, expression.operator, expression.value));
    }
  }
}

function isTrue(left: Comparable | null, operator: ComparisonOperator, right: Comparable | null): boolean {
  // bigint and number compare by value with < and >, but never with ===.
  const isEqual = left === right || (left !== null && right !== null && !(left < right) && !(left > right));
  if (operator === 'eq') return isEqual;
  if (operator === 'ne') return !isEqual;
  if (left === null || right === null) return false;
  if (operator === 'gt') return left > right;
  if (operator === 'ge') return left >= right;
  if (operator === 'lt') return left < right;
  return left <= right;
}

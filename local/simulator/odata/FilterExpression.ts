/** The operators that compare a property with a literal. */
export const comparisonOperators = ['eq', 'ne', 'gt', 'ge', 'lt', 'le'] as const;

/** One of `comparisonOperators`. */
export type ComparisonOperator = (typeof comparisonOperators)[number];

/** A value that can be compared: text, ticks of an instant, or a number. */
export type Comparable = string | bigint | number;

/** A parsed `$filter`, already checked against the types of the properties. */
export type FilterExpression =
  | { readonly kind: 'and' | 'or'; readonly left: FilterExpression; readonly right: FilterExpression }
  | { readonly kind: 'not'; readonly operand: FilterExpression }
  | {
      readonly kind: 'comparison';
      readonly property: string;
      readonly operator: ComparisonOperator;
      readonly value: Comparable | null;
    };

/** How a property may be compared. */
export type PropertyType =
  | { readonly kind: 'string' | 'instant' | 'number' }
  | { readonly kind: 'enum'; readonly members: readonly string[] };

/** What a collection can be filtered by. */
export interface FilterSchema {
  readonly properties: Readonly<Record<string, PropertyType>>;
  /** Other documented spellings of a property. */
  readonly aliases?: Readonly<Record<string, string>>;
}

/** The operators that compare a property with a literal. */
export const comparisonOperators = ['eq', 'ne', 'gt', 'ge', 'lt', 'le'] as const;

/** One of `comparisonOperators`. */
export type ComparisonOperator = (typeof comparisonOperators)[number];

/** A value that can be compared: text, ticks of an instant, or a number. */
export type Comparable = string | bigint | number;

/** What a record holds for a property: one value, a collection of texts, or nothing. */
export type PropertyValue = Comparable | readonly string[] | null;

/** A parsed `$filter`, already checked against the types of the properties. */
export type FilterExpression =
  | { readonly kind: 'and' | 'or'; readonly left: FilterExpression; readonly right: FilterExpression }
  | { readonly kind: 'not'; readonly operand: FilterExpression }
  | {
      readonly kind: 'comparison';
      readonly property: string;
      readonly operator: ComparisonOperator;
      readonly value: Comparable | null;
    }
  | { readonly kind: 'startsWith'; readonly property: string; readonly prefix: string }
  | {
      /** True when one element of the collection compares like this. */
      readonly kind: 'any';
      readonly property: string;
      readonly operator: ComparisonOperator;
      readonly value: Comparable | null;
    };

/** How a property may be compared; a `collection` holds texts and is compared by `any()` only. */
export type PropertyType =
  | { readonly kind: 'string' | 'instant' | 'number' | 'collection' }
  | { readonly kind: 'enum'; readonly members: readonly string[] }
  | {
      /** OData writes its literal without quotes. */
      readonly kind: 'guid';
      /** True when the service was seen to take it in quotes too. */
      readonly isAlsoQuoted?: boolean;
    };

/** What a collection can be filtered by. */
export interface FilterSchema {
  readonly properties: Readonly<Record<string, PropertyType>>;
  /** Other documented spellings of a property. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** True when the documentation shows `startswith()` for this collection. */
  readonly hasStartsWith?: boolean;
}

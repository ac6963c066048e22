/** A parsed expression. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'call'; readonly name: string; readonly parameters: readonly Expression[] }
  | {
      readonly kind: 'member';
      readonly of: Expression;
      readonly key: Expression;
      /** `?['key']`: null where there is nothing, instead of a failure. */
      readonly isOptional: boolean;
    };

/** The expression cannot be evaluated: what fails an action with `InvalidTemplate`. */
export class ExpressionFailed extends Error {
  override readonly name = 'ExpressionFailed';
}

/** The definition has something that this interpreter does not know, or that Logic Apps would refuse to deploy. */
export class NotInterpreted extends Error {
  override readonly name = 'NotInterpreted';
}

import { NotSimulatedError } from '../NotSimulatedError.ts';
import { typeOf, type Value } from '../values/Value.ts';

/** What a function can know apart from its arguments. */
export interface FunctionCall {
  readonly nowTicks: bigint;
  /** The call as it stands in the query. */
  readonly text: string;
}

/** A built-in scalar function. */
export type ScalarFunction = (parameters: readonly Value[], call: FunctionCall) => Value;

/** A function of one value that is null for null. */
export function ofValue(evaluate: (value: NonNullable<Value>, call: FunctionCall) => Value): ScalarFunction {
  return ([value = null], call) => (value === null ? null : evaluate(value, call));
}

/** The error for an argument whose type a function does not take, as can happen with dynamic values. */
export function unfit({ text }: FunctionCall, value: Value): NotSimulatedError {
  return new NotSimulatedError(`'${text}' with a value of type ${typeOf(value)}; cast it first`);
}

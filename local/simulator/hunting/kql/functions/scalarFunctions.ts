import { conversionFunctions } from './conversionFunctions.ts';
import { dynamicFunctions } from './dynamicFunctions.ts';
import { ipFunctions } from './ipFunctions.ts';
import { mathFunctions } from './mathFunctions.ts';
import { patternFunctions } from './patternFunctions.ts';
import type { ScalarFunction } from './ScalarFunction.ts';
import { textFunctions } from './textFunctions.ts';
import { timeFunctions } from './timeFunctions.ts';

/** Every built-in scalar function that is evaluated, by name. */
export const scalarFunctions: Readonly<Record<string, ScalarFunction>> = {
  ...textFunctions,
  ...patternFunctions,
  ...conversionFunctions,
  ...mathFunctions,
  ...timeFunctions,
  ...dynamicFunctions,
  ...ipFunctions,
};

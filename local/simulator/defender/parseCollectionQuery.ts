import type { Call } from '../http/Call.ts';
import { ODataError, ODataNotSimulatedError } from '../odata/ODataError.ts';
import { parseQueryOptions, type CollectionRules, type QueryOptions } from '../odata/parseQueryOptions.ts';
import { defenderErrors, defenderRefusal } from './defenderRefusal.ts';

/** Parses the query of a list call; throws a 400 or 501 refusal. */
export function parseCollectionQuery(call: Call, rules: CollectionRules): QueryOptions {
  try {
    return parseQueryOptions(call.query, rules);
  } catch (error) {
    if (error instanceof ODataError) throw defenderRefusal(defenderErrors.odata(error.message));
    if (error instanceof ODataNotSimulatedError)
      throw defenderRefusal(defenderErrors.notSimulated(error.message));
    throw error;
  }
}

/** Throws a 400 refusal when the call has a query option: calls for one entity document none. */
export function refuseQueryOptions(call: Call): void {
  const [option] = call.query.keys();
  if (option === undefined) return;
  throw defenderRefusal(defenderErrors.odata(`The query option '${option}' is not supported here.`));
}

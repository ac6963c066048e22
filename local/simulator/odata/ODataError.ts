/** A query that OData, or the documentation of the API, does not allow. */
export class ODataError extends Error {
  override readonly name = 'ODataError';
}

/** A query that OData allows and the simulator does not do. */
export class ODataNotSimulatedError extends Error {
  override readonly name = 'ODataNotSimulatedError';
}

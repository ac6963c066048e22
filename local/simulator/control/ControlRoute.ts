/** A control call, already parsed. */
export interface ControlCall {
  /** The part of the path that the route leaves open; `''` when it leaves none. */
  readonly id: string;
  readonly query: URLSearchParams;
  /** The JSON body; an empty object when there was none. */
  readonly body: unknown;
}

/** One call that the control surface offers. */
export interface ControlRoute {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** A path, where `{id}` stands for one segment. */
  readonly path: string;
  readonly summary: string;
  /** The JSON answer; throws `InputError` for a bad request. Undefined answers 204. */
  readonly answer: (call: ControlCall) => unknown;
}

/** The thing that a control call is about does not exist. */
export class NotFoundError extends Error {
  override readonly name = 'NotFoundError';
}

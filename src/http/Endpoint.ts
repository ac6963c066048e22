import type { CallerRole } from './Caller.ts';
import type { answerSchemas } from './answerSchemas.ts';
import type { requestSchemas } from './requestSchemas.ts';
import type { Schema } from './schema.ts';

/** A parameter in the path, the query or a header. */
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema: Schema;
}

export type RequestName = keyof typeof requestSchemas;
export type AnswerName = keyof typeof answerSchemas;

/** One HTTP function: what registers it, checks its input and its caller, and describes it to others. */
export interface Endpoint {
  readonly method: 'GET' | 'POST';
  /** Below `/api/`. */
  readonly route: string;
  /** Any one of these lets a caller in. Empty: everybody. */
  readonly roles: readonly CallerRole[];
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  readonly body?: RequestName;
  /** Repetitions must be recognisable: by a key or by a run of Logic Apps. */
  readonly isIdempotent?: boolean;
  /** For the browser of a person who follows a link: answers, problems too, are pages, and no connector needs it. */
  readonly isPage?: boolean;
  /** Successful answers by status; the others are problems. */
  readonly answers: Readonly<Record<number, AnswerName | undefined>>;
  readonly problems: readonly number[];
}

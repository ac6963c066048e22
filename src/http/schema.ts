/** The part of JSON Schema that both our input checks and OpenAPI 2.0 understand, with Microsoft's extensions. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly 'x-ms-summary'?: string;
  readonly 'x-ms-visibility'?: 'important' | 'advanced' | 'internal';
  readonly enum?: readonly (string | boolean)[];
  readonly default?: string | number | boolean;
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean;
  readonly items?: Schema;
  readonly $ref?: string;
}

/** A text. */
export const text = (summary: string, description: string, more: Partial<Schema> = {}): Schema => ({
  type: 'string',
  'x-ms-summary': summary,
  description,
  ...more,
});
/** An instant in ISO 8601. */
export const time = (summary: string, description: string): Schema =>
  text(summary, description, { format: 'date-time' });
/** A whole number. */
export const whole = (summary: string, description: string): Schema => ({
  type: 'integer',
  'x-ms-summary': summary,
  description,
});
/** One of the definitions of the document. */
export const ref = (name: string): Schema => ({ $ref: `#/definitions/${name}` });
/** A list. */
export const listOf = (items: Schema, summary: string, description: string): Schema => ({
  type: 'array',
  items,
  'x-ms-summary': summary,
  description,
});
/**
 * An object that may have other members too.
 * @param summary for an object that is a member of another one.
 */
export const object = (
  properties: Readonly<Record<string, Schema>>,
  description: string,
  summary?: string,
): Schema => ({
  type: 'object',
  ...(summary === undefined ? {} : { 'x-ms-summary': summary }),
  description,
  properties,
});

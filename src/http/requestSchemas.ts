import { text, type Schema } from './schema.ts';

/** A comment travels with the action into Defender; its documentation names no limit, so this one is ours. */
export const MAX_COMMENT_LENGTH = 1_000;
export const MAX_QUERY_LENGTH = 100_000;

const comment = text('Comment', 'Why; kept in the operation and in Defender.', {
  minLength: 1,
  maxLength: MAX_COMMENT_LENGTH,
  pattern: '\\S',
});
const incidentId: Schema = {
  type: ['string', 'integer'],
  'x-ms-summary': 'Incident',
  description: 'The incident that the action belongs to.',
  pattern: '^[0-9A-Za-z._:-]{1,64}$',
};

/** What callers send, strict: an unknown member is refused, because a misspelt one would be ignored silently. */
export const requestSchemas = {
  IsolateRequest: {
    type: 'object',
    description: 'How and why to isolate a device.',
    required: ['comment'],
    additionalProperties: false,
    properties: {
      comment,
      isolationType: text(
        'Isolation type',
        'Full cuts all connections, Selective leaves Outlook, Teams and Skype, UnManagedDevice contains a device that is not onboarded.',
        { enum: ['Full', 'Selective', 'UnManagedDevice'], default: 'Full' },
      ),
      incidentId,
    },
  },
  ReleaseRequest: {
    type: 'object',
    description: 'Why to release a device.',
    required: ['comment'],
    additionalProperties: false,
    properties: { comment, incidentId },
  },
  HuntRequest: {
    type: 'object',
    description: 'A hunting query.',
    required: ['query'],
    additionalProperties: false,
    properties: {
      query: text('Query', 'The query in the Kusto query language.', {
        minLength: 1,
        maxLength: MAX_QUERY_LENGTH,
        pattern: '\\S',
      }),
      timespan: text(
        'Time span',
        'How far to look back, as an ISO 8601 duration or interval; 30 days at most.',
        {
          pattern: '^[0-9PTYMWDHSZ.:/+-]{2,100}$',
        },
      ),
    },
  },
} satisfies Record<string, Schema>;

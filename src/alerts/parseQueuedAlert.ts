import { ENVELOPE_SCHEMA_VERSION, type QueuedAlert } from './envelope.ts';
import { MessageUnreadable } from './MessageUnreadable.ts';

/** @throws MessageUnreadable when the message is not one of ours. */
export function parseQueuedAlert(message: unknown): QueuedAlert {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    throw new MessageUnreadable('it is not a JSON object');
  }
  const fields = message as Record<string, unknown>;
  if (fields.schemaVersion !== ENVELOPE_SCHEMA_VERSION) {
    throw new MessageUnreadable(`its schemaVersion is not ${ENVELOPE_SCHEMA_VERSION}`);
  }
  const missing = ['messageKey', 'tenantId', 'source', 'alertId', 'alertVersion', 'handedOverAt'].filter(
    (name) => typeof fields[name] !== 'string' || fields[name] === '',
  );
  if (missing.length > 0) throw new MessageUnreadable(`${missing.join(', ')} is missing`);
  if (!('alert' in fields) && typeof fields.alertBlob !== 'string') {
    throw new MessageUnreadable('it holds neither alert nor alertBlob');
  }
  const { problems, evidenceOmitted, ...rest } = fields;
  // What a redriven message says of its earlier failure is not part of the envelope.
  delete rest.failure;
  return {
    ...(rest as unknown as QueuedAlert),
    problems: Array.isArray(problems) ? problems.filter((problem) => typeof problem === 'string') : [],
    evidenceOmitted: evidenceOmitted === true,
  };
}

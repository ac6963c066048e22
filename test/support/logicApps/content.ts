/** A body as it is sent. */
export interface SentContent {
  readonly bytes: Buffer;
  /** The `Content-Type` unless the action names one. */
  readonly contentType: string;
}

/** Text and bytes as they are, everything else as JSON; undefined when there is no body. */
export function toSentContent(body: unknown): SentContent | undefined {
  if (body === undefined) return undefined;
  if (typeof body === 'string') return { bytes: Buffer.from(body), contentType: 'text/plain; charset=utf-8' };
  if (body instanceof Uint8Array)
    return { bytes: Buffer.from(body), contentType: 'application/octet-stream' };
  return { bytes: Buffer.from(JSON.stringify(body)), contentType: 'application/json; charset=utf-8' };
}

/**
 * The body of an answer as a workflow sees it. JSON that cannot be parsed stays text. Other types of JSON, such as
 * `application/problem+json`, are taken for JSON too, which is not documented.
 *
 * Source: https://learn.microsoft.com/azure/logic-apps/logic-apps-content-type
 */
export function toWorkflowContent(bytes: Buffer, contentType = ''): unknown {
  if (bytes.length === 0) return undefined;
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (/^application\/(?:[^/]+\+)?json$/.test(type)) return parseJson(bytes.toString('utf8'));
  if (type.startsWith('text/') || /^application\/(?:[^/]+\+)?xml$/.test(type)) return bytes.toString('utf8');
  return { '$content-type': contentType, $content: bytes.toString('base64') };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

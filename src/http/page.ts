import type { HttpResponseInit } from '@azure/functions';

/** What a person's browser shows. Every text is escaped; nothing of a request belongs into it. */
export interface Page {
  readonly status: number;
  readonly title: string;
  readonly paragraphs: readonly string[];
  /** Something to type, shown as such. */
  readonly command?: string;
}

/**
 * The page loads nothing, runs nothing, may not be framed, and does not pass its address on, which can hold a state.
 * Source: https://www.w3.org/TR/CSP3/
 */
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
};

export function toPage({ status, title, paragraphs, command }: Page): HttpResponseInit {
  const lines = [
    '<!doctype html>',
    '<html lang="en">',
    `<head><meta charset="utf-8"><title>${escape(title)}</title></head>`,
    '<body>',
    `<h1>${escape(title)}</h1>`,
    ...paragraphs.map((text) => `<p>${escape(text)}</p>`),
    ...(command === undefined ? [] : [`<pre>${escape(command)}</pre>`]),
    '</body>',
    '</html>',
  ];
  return { status, headers: HEADERS, body: `${lines.join('\n')}\n` };
}

/** The page for whatever went wrong; what exactly is in the log. */
export function toFailurePage(status: number, requestId: string): HttpResponseInit {
  return toPage({
    status,
    title: status < 500 ? 'This request cannot be understood' : 'Something went wrong',
    paragraphs: [
      status < 500 ? 'Ask whoever sent you here for another link.' : 'Try again in some minutes.',
      `The log has more under the request id ${requestId}.`,
    ],
  });
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

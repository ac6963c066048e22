import { DefenderAnswerUnreadable } from '../defender/DefenderAnswerUnreadable.ts';

/**
 * Path and query of a link to the next page, which only leads on where the list came from: calls carry a token.
 *
 * @param baseUrl scheme, host and optional path prefix of the API.
 * @throws DefenderAnswerUnreadable when the link leads to another host, scheme or port, or out of the prefix.
 */
export function toOwnPath(operation: string, nextLink: string, baseUrl: string): string {
  const base = new URL(baseUrl);
  const link = URL.canParse(nextLink) ? new URL(nextLink) : undefined;
  const prefix = base.pathname.replace(/\/+$/, '');
  const isOwn =
    link?.protocol === base.protocol &&
    link.host === base.host &&
    link.username === '' &&
    link.password === '' &&
    link.pathname.startsWith(`${prefix}/`);
  if (!isOwn) {
    throw new DefenderAnswerUnreadable(
      operation,
      'its link to the next page leads away from the API, and was not followed',
    );
  }
  return `${link.pathname.slice(prefix.length)}${link.search}`;
}

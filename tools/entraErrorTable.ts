import { entraErrors } from '../src/identity/entraErrors.ts';
import { formatTable } from './formatTable.ts';

/** What docs/errors.md says of Entra's numbered errors: number, meaning, what to do. */
export function formatEntraErrors(): string {
  const rows = Object.entries(entraErrors).map(([number, { meaning, advice, retryable }]) => [
    number,
    toSentence(meaning),
    retryable ? 'yes' : 'no',
    toSentence(advice),
  ]);
  return formatTable([['AADSTS', 'what it means', 'again by itself', 'what to do'], ...rows]);
}

function toSentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

import type { Permission } from '../identity/permissions.ts';
import type { DefenderClient } from './DefenderClient.ts';
import { DefenderAnswerUnreadable } from './DefenderAnswerUnreadable.ts';
import { readJson } from './readJson.ts';

/** The most that a list gives at once. Source: https://learn.microsoft.com/defender-endpoint/api/get-machines */
const PAGE_SIZE = 10_000;

export interface ListRequest {
  readonly operation: string;
  /** Without a query. */
  readonly path: string;
  readonly filter: string;
  readonly permission: Permission;
  readonly signal: AbortSignal;
}

/**
 * Every record that a filter selects. Meant for filters that select few: the records are all held in memory.
 * @throws what `DefenderClient.send` throws, and DefenderAnswerUnreadable when the answer holds no list.
 */
export async function readAll(
  client: DefenderClient,
  { operation, path, filter, permission, signal }: ListRequest,
): Promise<unknown[]> {
  const records: unknown[] = [];
  for (;;) {
    const skip = records.length > 0 ? `&$skip=${records.length}` : '';
    const query = `$filter=${encodeURIComponent(filter)}&$top=${PAGE_SIZE}${skip}`;
    const answer = await client.send({ operation, path: `${path}?${query}`, permission, signal });
    const { value } = await readJson(operation, answer);
    if (!Array.isArray(value))
      throw new DefenderAnswerUnreadable(operation, 'it holds no list', answer.requestId);
    records.push(...(value as unknown[]));
    if (value.length < PAGE_SIZE) return records;
  }
}

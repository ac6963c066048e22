import type { WorkflowTime } from './Time.ts';

/** How long a single request may take. */
export interface RequestLimit {
  /** By the workflow's time. */
  readonly ms: number;
  /** By the host's time, in place of `ms`. When it is over, the workflow has waited `ms`. */
  readonly realMs?: number;
}

/** What became of work under a limit, and how much of the workflow's time it took. */
export type Limited<Value> =
  | { readonly kind: 'done'; readonly value: Value; readonly tookMs: number }
  | { readonly kind: 'failed'; readonly error: unknown; readonly tookMs: number }
  /** `owedMs`: what the workflow's time has yet to pass of the limit. */
  | { readonly kind: 'timedOut'; readonly tookMs: number; readonly owedMs: number };

/** The clock may jump, so it is looked at again and again. */
const lookMs = 5;

/** Works until the limit aborts the signal. Never rejects. */
export async function withinLimit<Value>(
  time: WorkflowTime,
  limit: RequestLimit,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Limited<Value>> {
  const { isOver, tookMs } = createWatch(time, limit);
  const over = new AbortController();
  const look = setInterval(() => {
    if (isOver()) over.abort();
  }, lookMs);
  const outcome = await work(over.signal).then(
    (value) => ({ kind: 'done', value, tookMs: tookMs() }) as const,
    (error: unknown) => ({ kind: 'failed', error, tookMs: tookMs() }) as const,
  );
  clearInterval(look);
  if (!isOver()) return outcome;
  return { kind: 'timedOut', tookMs: limit.ms, owedMs: limit.realMs === undefined ? 0 : limit.ms };
}

interface Watch {
  readonly isOver: () => boolean;
  readonly tookMs: () => number;
}

function createWatch(time: WorkflowTime, { ms, realMs }: RequestLimit): Watch {
  const clock = realMs === undefined ? () => time.now() : () => performance.now();
  const startMs = clock();
  const tookMs = (): number => clock() - startMs;
  return { tookMs, isOver: () => tookMs() >= (realMs ?? ms) };
}

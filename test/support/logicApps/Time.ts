import { setTimeout as delay } from 'node:timers/promises';

/** The time that a workflow lives by, in milliseconds. A clock of a test that jumps when somebody sleeps will do. */
export interface WorkflowTime {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  sleep(ms: number): Promise<void>;
}

/** The host's own time. */
export const realTime: WorkflowTime = createScaledTime(1);

/** Time that runs `factor` times as fast as the host's: with 100, a wait of 20 seconds takes 0.2. */
export function createScaledTime(factor: number): WorkflowTime {
  const startMs = Date.now();
  return {
    now: () => startMs + (Date.now() - startMs) * factor,
    sleep: async (ms) => {
      await delay(ms / factor);
    },
  };
}

import { createLogger, type Logger } from '../../src/runtime/Logger.ts';

/** A logger whose finished lines can be read, each with its level in front. */
export interface CollectedLogs {
  readonly logger: Logger;
  readonly lines: string[];
  /** The names of the events so far, in their order. */
  readonly events: () => string[];
  /** The lines of one event. */
  readonly of: (event: string) => string[];
}

export function collectLogs(): CollectedLogs {
  const lines: string[] = [];
  const at = (level: string) => (line: string) => {
    lines.push(`${level} ${line}`);
  };
  const eventOf = (line: string) => / event=(\w+)/.exec(line)?.[1] ?? '';
  return {
    logger: createLogger({ info: at('info'), warn: at('warn'), error: at('error') }),
    lines,
    events: () => lines.map(eventOf),
    of: (event) => lines.filter((line) => eventOf(line) === event),
  };
}

/** Levels of a line, least severe first. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error'] as const;

/** How severe a line is. */
export type LogLevel = (typeof logLevels)[number];

interface HostLogOptions {
  write: (line: string) => void;
  /** `LOCAL_HOST_LOG`: the lowest level to print, for every source. Unset: as host.json says, else info. */
  minimum?: string | undefined;
}

// Names that host.json and the Functions protocol use.
const levelsByName: Readonly<Record<string, LogLevel | 'none'>> = {
  trace: 'trace',
  debug: 'debug',
  information: 'info',
  info: 'info',
  warning: 'warn',
  warn: 'warn',
  error: 'error',
  critical: 'error',
  none: 'none',
};

/**
 * Prints one line per message: time (UTC), level, source (a function's name, or `host`), message.
 *
 * A message with line breaks stays one line: its parts are joined with ` | `.
 */
export class HostLog {
  readonly #write: (line: string) => void;
  readonly #minimum: LogLevel | 'none' | undefined;
  #configured: ReadonlyMap<string, string> = new Map();

  constructor(options: HostLogOptions) {
    this.#write = options.write;
    this.#minimum = levelsByName[(options.minimum ?? '').toLowerCase()];
  }

  /** Takes the levels of host.json (category in lower case to level name). */
  configure(levels: ReadonlyMap<string, string>): void {
    this.#configured = levels;
  }

  /** Prints a line of the host itself. */
  host(level: LogLevel, message: string): void {
    if (isAtLeast(level, this.#minimum ?? 'info')) this.#print(level, 'host', message);
  }

  /** Prints a line about a function, or one that it wrote itself. */
  about(functionName: string, level: LogLevel, message: string): void {
    if (isAtLeast(level, this.#minimum ?? this.#configuredLevel(functionName))) {
      this.#print(level, functionName, message);
    }
  }

  #configuredLevel(functionName: string): LogLevel | 'none' {
    const category = `function.${functionName.toLowerCase()}.user`;
    let best: string | undefined;
    for (const key of this.#configured.keys()) {
      const applies = category === key || category.startsWith(`${key}.`);
      if (applies && key.length > (best?.length ?? -1)) best = key;
    }
    return levelsByName[(this.#configured.get(best ?? 'default') ?? '').toLowerCase()] ?? 'info';
  }

  #print(level: LogLevel, source: string, message: string): void {
    const oneLine = message.trimEnd().replaceAll(/\s*\r?\n\s*/g, ' | ');
    this.#write(`${new Date().toISOString()} ${level.padEnd(5)} ${source}: ${oneLine}`);
  }
}

/** The level for a name of the Functions protocol (`information`, `warning`, ...); unknown names are info. */
export function toLogLevel(name: string): LogLevel {
  const level = levelsByName[name.toLowerCase()];
  return level === undefined || level === 'none' ? 'info' : level;
}

function isAtLeast(level: LogLevel, minimum: LogLevel | 'none'): boolean {
  return minimum !== 'none' && logLevels.indexOf(level) >= logLevels.indexOf(minimum);
}

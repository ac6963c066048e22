import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startHost, type LocalHost, type LocalHostOptions } from '../../../local/host/startHost.ts';

/** A host over a fixture app, with the log that it wrote. */
export interface FixtureHost extends LocalHost {
  readonly lines: readonly string[];
  get(route: string, init?: RequestInit): Promise<Response>;
}

/** The folder of a fixture app. */
export function fixtureFolder(name: string): string {
  return fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
}

/** A new empty folder outside the repository. */
export function temporaryFolder(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), 'local-host-'));
}

/** Starts a fixture app on a free port. The caller stops it. */
export async function startFixture(
  name: string,
  options: Partial<Omit<LocalHostOptions, 'onLog'>> = {},
): Promise<FixtureHost> {
  const lines: string[] = [];
  const host = await startHost({
    appFolder: fixtureFolder(name),
    port: 0,
    stateFolder: await temporaryFolder(),
    stopGraceMs: 2000,
    ...options,
    env: { PATH: process.env.PATH, ...options.env },
    onLog: (line) => lines.push(line),
  });
  return Object.assign(host, {
    lines,
    get: (route: string, init?: RequestInit) => fetch(`${host.url}${route}`, init),
  });
}

/** The value of `read` as soon as it has one. Throws after `timeoutMs`, with the log if there is one. */
export async function eventually<Value>(
  read: () => Value | undefined | Promise<Value | undefined>,
  { timeoutMs = 10_000, lines = [] as readonly string[] } = {},
): Promise<Value> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error(`It did not happen. The log:\n${lines.join('\n')}`);
    await delay(20);
  }
}

/** The JSON that the fixture's functions logged behind a word, oldest first. */
export function logged<Entry>(lines: readonly string[], word = 'CALL'): Entry[] {
  return lines.flatMap((line) => {
    const at = line.indexOf(` ${word} {`);
    return at === -1 ? [] : [JSON.parse(line.slice(at + word.length + 2)) as Entry];
  });
}

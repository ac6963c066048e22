import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Measured {
  readonly ms: number;
  /** Highest resident memory of the process. */
  readonly peakMb: number;
  readonly [figure: string]: number;
}

/** Runs a file with arguments in a process of its own, which prints its figures as one line of JSON at the end. */
export async function measureProcess(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Measured> {
  const child = spawn(process.execPath, [file, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (data: Buffer) => {
    output += data.toString('utf8');
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${code}`);
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Measured;
}

/** What a measured process prints of itself. */
export function printFigures(figures: Record<string, number>): void {
  const peakMb = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ ...figures, peakMb }));
}

/** The middle one of several runs by time: runs differ, and the first one warms the caches of the system. */
export async function medianOf(runs: number, run: () => Promise<Measured>): Promise<Measured> {
  const all: Measured[] = [];
  for (let count = 0; count < runs; count += 1) all.push(await run());
  const sorted = all.sort((a, b) => a.ms - b.ms);
  const median = sorted[Math.floor(runs / 2)];
  if (!median) throw new Error('Nothing was measured.');
  return median;
}

/** Prints rows side by side; every ratio is against the first row. */
export function printComparison(title: string, rows: readonly (readonly [string, Measured])[]): void {
  console.log(`\n${title}`);
  const [, first] = rows[0] ?? [];
  for (const [name, measured] of rows) {
    const ratio = first
      ? `${(measured.ms / first.ms).toFixed(2)}x time, ${(measured.peakMb / first.peakMb).toFixed(2)}x memory`
      : '';
    console.log(
      `  ${name.padEnd(34)} ${measured.ms.toFixed(0).padStart(7)} ms ${measured.peakMb.toFixed(0).padStart(5)} MB peak   ${ratio}`,
    );
  }
}

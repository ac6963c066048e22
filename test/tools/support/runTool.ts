import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..', '..', '..');

export interface ToolRun {
  readonly status: number | null;
  /** Standard output and standard error together. */
  readonly output: string;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs one of the commands of tools/ as npm does, with this environment and nothing else.
 * @param onError is told all of the standard error so far, whenever there is more.
 */
export async function runTool(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  onError: (stderr: string) => void = () => undefined,
): Promise<ToolRun> {
  const child = spawn(process.execPath, [path.join(root, 'tools', file), ...args], {
    // Without a PATH there is no azd that would be asked for another deployment.
    env: { PATH: '/nonexistent', ...env },
    cwd: root,
  });
  const seen = { output: '', stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (data: Buffer) => {
      const text = data.toString('utf8');
      seen.output += text;
      seen[name] += text;
      if (name === 'stderr') onError(seen.stderr);
    });
  }
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, ...seen };
}

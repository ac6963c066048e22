import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..', '..', '..');

export interface ToolRun {
  readonly status: number | null;
  /** Standard output and standard error together. */
  readonly output: string;
}

/** Runs one of the commands of tools/ as npm does, with this environment and nothing else. */
export async function runTool(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<ToolRun> {
  const child = spawn(process.execPath, [path.join(root, 'tools', file), ...args], {
    // Without a PATH there is no azd that would be asked for another deployment.
    env: { PATH: '/nonexistent', ...env },
    cwd: root,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => (output += data.toString('utf8')));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, output };
}

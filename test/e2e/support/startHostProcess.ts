import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..', '..', '..');

export interface HostProcess {
  readonly url: string;
  /** Ends both at once, as a crash does. Needs process groups, which Windows does not have. */
  kill(): Promise<void>;
}

/** Host and worker as processes of their own, so that both can be killed at once. */
export async function startHostProcess(settings: Record<string, string>): Promise<HostProcess> {
  const state = await mkdtemp(path.join(tmpdir(), 'defender-functions-state-'));
  const args = [path.join(root, 'local', 'host', 'main.ts'), '--app', root, '--port', '0', '--state', state];
  const child = spawn(process.execPath, args, {
    env: settings,
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  return {
    url,
    async kill(): Promise<void> {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

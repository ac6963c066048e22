import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ChildProgram } from './ChildProgram.ts';

export interface FunctionsHostInit {
  readonly root: string;
  readonly port: number;
  readonly dataFolder: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Runs the built app on Azure Functions Core Tools when they are on the PATH, else on `local/host`. */
export async function startFunctionsHost({
  root,
  port,
  dataFolder,
  env,
}: FunctionsHostInit): Promise<ChildProgram> {
  const hasCoreTools = spawnSync('func', ['--version'], { shell: process.platform === 'win32' }).status === 0;
  const host = new ChildProgram({
    name: 'The functions host',
    ...(hasCoreTools
      ? { command: 'func', args: ['start', '--port', String(port)] }
      : {
          command: process.execPath,
          args: [
            path.join(root, 'local', 'host', 'main.ts'),
            ...['--app', root, '--port', String(port), '--state', path.join(dataFolder, 'host')],
          ],
        }),
    env,
    output: process.stdout,
  });
  await (hasCoreTools ? Promise.race([untilRunning(port), host.ended()]) : host.ready());
  return host;
}

async function untilRunning(port: number): Promise<void> {
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}/admin/host/status`).catch(() => undefined);
    if (response?.ok) return;
    await delay(500);
  }
}

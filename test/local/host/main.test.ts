import { fork, spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually, fixtureFolder, temporaryFolder } from './harness.ts';

const mainFile = fileURLToPath(new URL('../../../local/host/main.ts', import.meta.url));
const started: ChildProcess[] = [];

interface Run {
  child: ChildProcess;
  output: () => string;
  ended: Promise<number | null>;
}

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

async function run(
  fixture: string,
  args: readonly string[] = ['--port', '0'],
  withIpc = false,
): Promise<Run> {
  const all = ['--app', fixtureFolder(fixture), '--state', await temporaryFolder(), ...args];
  const env = { PATH: process.env.PATH };
  const child = withIpc
    ? fork(mainFile, all, { env, silent: true, execArgv: [] })
    : spawn(process.execPath, [mainFile, ...all], { env, stdio: 'pipe' });
  started.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (data: Buffer) => (output += data.toString()));
  // With an IPC channel that this side lets go of, Node never emits `close`.
  const ended = new Promise<number | null>((resolve) => child.once(withIpc ? 'exit' : 'close', resolve));
  return { child, output: () => output, ended };
}

function readyUrl({ output }: Run): Promise<string> {
  return eventually(() => /Ready on (\S+)\n/.exec(output())?.[1]);
}

/** True while a process with this id exists. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('the command', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'says where it is ready, and ends with 0 after %s',
    async (signal) => {
      const command = await run('http');
      const url = await readyUrl(command);
      expect(command.output()).toContain(
        'host: Function oneThing: httpTrigger GET,POST /api/things/{id:int}',
      );
      const { pid } = (await (await fetch(`${url}/api/byName`)).json()) as { pid: number };
      command.child.kill(signal);
      expect(await command.ended).toBe(0);
      expect(isAlive(pid)).toBe(false);
    },
  );

  it('takes its worker process along when it is killed', async () => {
    const command = await run('http');
    const url = await readyUrl(command);
    const { pid } = (await (await fetch(`${url}/api/byName`)).json()) as { pid: number };
    command.child.kill('SIGKILL');
    await command.ended;
    await eventually(() => (isAlive(pid) ? undefined : true));
  });

  it('tells a parent process when it is ready and ends when the parent lets go', async () => {
    const command = await run('http', ['--port', '0'], true);
    const message = await new Promise<unknown>((resolve) => command.child.once('message', resolve));
    expect(message).toMatchObject({ type: 'ready', url: await readyUrl(command) });
    command.child.disconnect();
    expect(await command.ended).toBe(0);
  });

  it('ends when its standard input closes, if asked to', async () => {
    const command = await run('http', ['--port', '0', '--stop-with-stdin']);
    await readyUrl(command);
    command.child.stdin?.end();
    expect(await command.ended).toBe(0);
  });

  it('ends with 1 and one sentence when the port is in use', async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    try {
      const command = await run('http', ['--port', String(port)]);
      expect(await command.ended).toBe(1);
      expect(command.output()).toBe(
        `Port ${port} is already in use; stop the other program or choose another with --port.\n`,
      );
    } finally {
      server.close();
    }
  });

  it('ends with 1 and one sentence when there is no such app folder', async () => {
    const command = await run('none');
    expect(await command.ended).toBe(1);
    expect(command.output()).toMatch(/^There is no folder .*none\.\n$/);
  });

  it('ends with 1 when the app crashes again and again', async () => {
    const command = await run('http');
    const url = await readyUrl(command);
    for (let crash = 1; crash <= 4; crash += 1) await fetch(`${url}/api/crash`);
    expect(await command.ended).toBe(1);
    expect(command.output()).toContain('The app crashed 4 times within a minute; it is not started again.');
  });

  it('says how it is called when it is called wrongly', async () => {
    const command = await run('http', ['--port', 'seventy']);
    expect(await command.ended).toBe(1);
    expect(command.output()).toMatch(/^"seventy" is not a port.\nUsage: /);
  });
});

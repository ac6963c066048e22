import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Simulator } from '../../../local/simulator/startSimulator.ts';

const program = path.resolve('local/simulator/main.ts');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'simulator-main-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What the program prints. */
type Line = Omit<Simulator, 'stop'>;

/** A started simulator: its first line, and everything it wrote once it has ended. */
async function start(
  stdin: 'pipe' | 'ignore',
  args: readonly string[] = [],
): Promise<{ child: ChildProcess; line: Line; ended: Promise<Ended> }> {
  const child = run(stdin, ['--data', folder, ...args]);
  const [first] = (await once(child.stdout ?? child, 'data')) as [Buffer];
  const line = JSON.parse(first.toString()) as Line;
  return { child, line, ended: end(child) };
}

function run(stdin: 'pipe' | 'ignore', args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [program, ...args], { stdio: [stdin, 'pipe', 'pipe'] });
}

interface Ended {
  readonly code: number | null;
  readonly errors: string;
}

async function end(child: ChildProcess): Promise<Ended> {
  const errors = child.stderr === null ? Promise.resolve('') : text(child.stderr);
  const [code] = (await once(child, 'exit')) as [number | null];
  return { code, errors: await errors };
}

describe('The program', () => {
  it('prints one line of JSON with what a client needs, and stops on SIGTERM', async () => {
    const { child, line, ended } = await start('ignore', ['--history', '5', '--seed', '7']);
    expect(Object.keys(line).sort()).toEqual(['caFile', 'company', 'identityHeader', 'urls']);
    const answer = await fetch(`${line.urls.control}/alerts`);
    expect(((await answer.json()) as { alerts: unknown[] }).alerts).toHaveLength(5);
    child.kill('SIGTERM');
    expect(await ended).toEqual({ code: 0, errors: '' });
  });

  it('has a certificate that another process trusts through NODE_EXTRA_CA_CERTS', async () => {
    const { child, line, ended } = await start('ignore');
    const where = `${line.urls.entra}/${line.company.tenantId}/discovery/v2.0/keys`;
    const script = `const answer = await fetch(${JSON.stringify(where)}); console.log(answer.status);`;
    const client = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: line.caFile },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    expect(await text(client.stdout)).toBe('200\n');
    child.kill('SIGTERM');
    await ended;
  });

  it('stops when its parent closes the pipe to standard input', async () => {
    const { child, ended } = await start('pipe');
    child.stdin?.end();
    expect(await ended).toEqual({ code: 0, errors: '' });
  });

  it('stops when its parent closes the IPC channel', async () => {
    const child = spawn(process.execPath, [program, '--data', folder], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const ended = end(child);
    await once(child.stdout ?? child, 'data');
    child.disconnect();
    expect(await ended).toEqual({ code: 0, errors: '' });
  });

  it('says in one sentence that a port is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const ended = await end(run('ignore', ['--data', folder, '--ports', `keyVault=${port}`]));
    server.close();
    expect(ended).toEqual({
      code: 1,
      errors: `Port ${port} for the simulated keyVault is already in use. Stop the other program or give another port.\n`,
    });
  });

  it.each([
    [['--colour', 'red'], "Unknown option '--colour'"],
    [['--seed', 'x'], '--seed must be a whole number'],
    [['--arrivals', '0'], '--arrivals must be a number of seconds above 0'],
    [['--ports', 'mail=25'], '--ports knows entra, identity, keyVault, defender, control, graph'],
    [['--ports', 'entra=70000'], 'at most 65535'],
  ])('refuses %j in one line', async (args, reason) => {
    const { code, errors } = await end(run('ignore', args));
    expect([code, errors]).toEqual([1, expect.stringContaining(reason)]);
    expect(errors.trim().split('\n')).toHaveLength(1);
  });
});

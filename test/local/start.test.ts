import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { choosePorts } from '../../local/ports.ts';
import { field, until } from '../e2e/support/System.ts';

const root = path.join(import.meta.dirname, '..', '..');
const OFFSET = 21_000;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'defender-functions-start-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

interface Started {
  readonly child: ChildProcess;
  output(): string;
  exited(): Promise<number | null>;
}

function start(env: Record<string, string> = {}): Started {
  const child = spawn(process.execPath, [path.join(root, 'local', 'start.ts')], {
    env: {
      ...process.env,
      LOCAL_PORT_OFFSET: String(OFFSET),
      LOCAL_DATA_FOLDER: folder,
      ALERT_PULL_SCHEDULE: '*/2 * * * * *',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      output += data.toString('utf8');
    });
  }
  return { child, output: () => output, exited: () => exited };
}

async function firstPull(started: Started): Promise<string> {
  const find = () =>
    started
      .output()
      .split('\n')
      .find((line) => line.includes('event=alert_pull_finished'));
  return await until(find, 60_000, () => started.output());
}

/** Runs what `npm start` shows for callers, exactly as it is printed. */
function verifyCallerCommands(output: string): void {
  const lines = output.split('\n').map((line) => line.trim());
  const token = lines.find((line) => line.startsWith('TOKEN='));
  const commands = lines.filter((line) => line.startsWith('curl -H "authorization: Bearer $TOKEN"'));
  expect(commands).toHaveLength(5);
  const answers = commands.map((command) => {
    const script = `${token ?? ''}; ${command} -s`;
    return JSON.parse(spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout) as Record<
      string,
      unknown
    >;
  });
  const [found, isolated, operation, operations, hunt] = answers;
  expect(found).toMatchObject({ devices: [{ isActive: true }] });
  expect(isolated).toMatchObject({ action: 'isolate', comment: 'Trying it out' });
  expect(operation?.id).toBe(isolated?.id);
  expect(operations).toMatchObject({ operations: [{ id: isolated?.id }] });
  expect(hunt).toMatchObject({ rowCount: 5 });
  // And the helpers for people who dislike curl.
  const run = (tool: string, ...args: string[]) =>
    spawnSync(process.execPath, [path.join(root, 'tools', `${tool}.ts`), ...args], {
      env: { ...process.env, LOCAL_DATA_FOLDER: folder },
      encoding: 'utf8',
    });
  const call = (...args: string[]) => run('call', ...args).stdout;
  expect(run('doctor').status).toBe(0);
  expect(run('tenants', 'list').stdout).toContain('home');
  expect(call('operation', String(isolated?.id))).toContain(`"id": "${String(isolated?.id)}"`);
  expect(call('hunt', 'DeviceInfo | take 3')).toContain('"rowCount": 3');
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  const outcome = await Promise.race([
    once(server, 'listening').then(() => true),
    once(server, 'error').then(() => false),
  ]);
  server.close();
  return outcome;
}

describe('npm start', () => {
  it('runs the whole system, stops all of it on Ctrl-C, and goes on from the stored checkpoint', async () => {
    const first = start();
    const firstLine = await firstPull(first);
    expect(Number(field(firstLine, 'handedOver'))).toBeGreaterThan(100);
    await until(() => (first.output().includes('webhook <-') ? true : undefined));
    verifyCallerCommands(first.output());
    first.child.kill('SIGINT');
    expect(await first.exited()).toBe(0);
    // Nothing is left running.
    for (const port of Object.values(choosePorts(OFFSET)))
      expect(await isFree(port), `port ${port}`).toBe(true);

    const second = start();
    const line = await firstPull(second);
    const watermark = field(firstLine, 'watermark') ?? '';
    // It begins at the overlap behind the last watermark, not 48 hours back.
    const begins = Date.parse((field(line, 'window') ?? '').split('/')[0] ?? '');
    expect(Date.parse(watermark) - begins).toBeLessThanOrEqual(15 * 60_000);
    second.child.kill('SIGINT');
    expect(await second.exited()).toBe(0);
  }, 120_000);

  it('says in one sentence which port is in use', async () => {
    const blocker = createServer().listen(choosePorts(OFFSET + 500).functions, '127.0.0.1');
    await once(blocker, 'listening');
    const started = start({ LOCAL_PORT_OFFSET: String(OFFSET + 500) });
    expect(await started.exited()).toBe(1);
    expect(started.output().trim()).toBe(
      `Already in use on 127.0.0.1: port ${choosePorts(OFFSET + 500).functions} (functions). Stop what listens there, ` +
        'or move all ports with LOCAL_PORT_OFFSET=100 npm start.',
    );
    blocker.close();
  });

  it('says in one sentence that the folder for its data cannot be written', async () => {
    const file = path.join(folder, 'a-file');
    await writeFile(file, '');
    const started = start({ LOCAL_DATA_FOLDER: path.join(file, 'below') });
    expect(await started.exited()).toBe(1);
    expect(started.output().trim()).toMatch(
      /^The folder .* cannot be written\. Make it writable, or name another one/,
    );
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { simulatorSettings } from '../../local/simulatorSettings.ts';
import { startTestSimulator, type TestSimulator } from '../local/simulator/startTestSimulator.ts';
import { runTool, type ToolRun } from './support/runTool.ts';

const LEAK = /eyJ[\w-]{10,}|CANARY/;

let simulator: TestSimulator;
beforeAll(async () => {
  simulator = await startTestSimulator({ history: 20 });
  await simulator.control('POST', '/entra/device-codes/interval', { seconds: 1 });
});
afterAll(() => simulator.stop());

interface How {
  /** What the person does when asked to sign in; undefined: nobody may be asked. */
  readonly answer?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs the command, and signs in where it asks for that. */
async function run(
  args: readonly string[],
  { answer, env = {} }: How = {},
): Promise<ToolRun & { signIns: number }> {
  let signIns = 0;
  let answering: Promise<unknown> | undefined;
  const done = await runTool('defender.ts', args, { ...simulatorSettings(simulator), ...env }, (stderr) => {
    const codes = stderr.match(/enter the code (\w+)/g) ?? [];
    if (codes.length <= signIns) return;
    signIns = codes.length;
    if (answer) answering = simulator.control('POST', '/entra/device-codes', { ...answer });
  });
  await answering;
  expect(done.output).not.toMatch(LEAK);
  expect(done.output).not.toContain('    at ');
  return { ...done, signIns };
}

const analyst: How = { answer: { person: 'analyst' } };

describe('npm run defender', () => {
  it('shows alerts to whoever signs in, once, with the code that Entra gave', async () => {
    const { status, stdout, stderr, signIns } = await run(
      ['alerts', '--since', 'P30D', '--top', '5'],
      analyst,
    );
    expect(stderr).toContain('enter the code');
    expect(status).toBe(0);
    expect(signIns).toBe(1);
    const rows = stdout.trim().split('\n');
    expect(rows[0]).toMatch(/^updated +severity +status +title +devices +id$/);
    expect(rows).toHaveLength(2 + 5);
  });

  it('prints what it found as JSON, and everything else elsewhere', async () => {
    const { stdout, stderr } = await run(['incidents', '--json', '--since', 'P30D', '--top', '2'], analyst);
    const found = JSON.parse(stdout) as { value: { source: string }[]; truncated: boolean };
    expect(found.value).toHaveLength(2);
    expect(found.value[0]?.source).toBe('graph');
    expect(found.truncated).toBe(true);
    expect(stderr).toContain('There are more than are shown');
  });

  it('hunts with Graph, in columns', async () => {
    const { status, stdout } = await run(['hunt', 'print Answer = 42, Word = "yes"'], analyst);
    expect(status).toBe(0);
    expect(stdout.split('\n')[0]).toMatch(/^Answer +Word$/);
    expect(stdout).toMatch(/^42 +yes$/m);
  });

  it('says who that is, for every API by one sign-in, and what it is enough for', async () => {
    const { stdout, signIns } = await run(['whoami', '--json'], analyst);
    expect(signIns).toBe(1);
    const { tenantId, publicClientId } = simulator.company;
    const identities = JSON.parse(stdout) as Record<string, unknown>[];
    expect(identities.map(({ api }) => api)).toEqual(['endpoint', 'xdr', 'graph']);
    for (const one of identities) {
      expect(one).toMatchObject({ tenantId, applicationId: publicClientId, roles: [] });
      expect(one.person).toMatch(/@/);
      expect(one.scopes).not.toEqual([]);
    }
    expect(identities[2]).toMatchObject({
      allows: expect.arrayContaining(['huntWithGraph', 'readIncidentsFromGraph']) as unknown,
    });
    const { stdout: table } = await run(['whoami'], analyst);
    expect(table).toMatch(/^graph +/m);
    expect(table).toContain(`device code, public client ${publicClientId}`);
  });

  it('never lets an attacker speak to the terminal', async () => {
    // Clears the screen, sets the title of the window, and turns the direction of the text.
    const title = 'Quiet\u001b[2J\u001b]0;owned\u0007\u009b31m\u202etxt.exe\r\nnext | line';
    await simulator.control('POST', '/alerts', { title, severity: 'High' });
    await simulator.control('POST', '/clock', { advanceSeconds: 1 });
    const args = ['alerts', '--since', 'PT1H', '--top', '1'];
    const { stdout } = await run(args, analyst);
    expect(stdout).toContain('Quiet[2J]0;owned31mtxt.exe next | line');
    expect(stdout).not.toMatch(/[\p{Cf}]|(?!\n)\p{Cc}/u);
    const { stdout: json } = await run([...args, '--json'], analyst);
    expect(json).not.toMatch(/[\p{Cf}]|(?!\n)\p{Cc}/u);
    const { value } = JSON.parse(json) as { value: { title: string }[] };
    expect(value[0]?.title).toBe(title);
  });
});

describe('npm run defender -- --az', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'azure-cli-'));
    const accessToken = await simulator.getToken();
    const expires_on = Math.floor(Date.now() / 1000) + 3_000;
    const answer = JSON.stringify({ accessToken, expires_on, tokenType: 'Bearer' });
    // The Azure CLI, for both kinds of shell.
    await writeFile(path.join(folder, 'az'), `#!/bin/sh\nprintf '%s' '${answer}'\n`, { mode: 0o755 });
    await writeFile(path.join(folder, 'az.cmd'), `@echo ${answer}\r\n`);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('takes the sign-in of the Azure CLI, and asks nobody', async () => {
    const env = { PATH: folder, SystemRoot: process.env.SystemRoot ?? '' };
    const { status, stdout, stderr, signIns } = await run(
      ['alerts', '--az', '--since', 'P30D', '--top', '1'],
      { env },
    );
    expect(stderr).toContain('There are more than are shown');
    expect(status).toBe(0);
    expect(signIns).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(3);
  });
});

describe('npm run defender is refused', () => {
  it('to whom Defender gives no role, and says where that is given', async () => {
    const { status, stderr, stdout } = await run(['alerts'], { answer: { person: 'newcomer' } });
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('role in the Defender portal');
  });

  it('to whoever declines to sign in', async () => {
    const { status, stderr } = await run(['alerts'], { answer: { decision: 'decline' } });
    expect(status).toBe(1);
    expect(stderr).toContain('PUBLIC_CLIENT_ID');
  });

  it('without a public client, before anybody signs in', async () => {
    const { status, stderr, signIns } = await run(['alerts'], { env: { PUBLIC_CLIENT_ID: '' } });
    expect(status).toBe(1);
    expect(signIns).toBe(0);
    expect(stderr).toContain('--az');
  });

  it('with --az, where nobody signed in to the Azure CLI', async () => {
    const { status, stderr } = await run(['whoami', '--az']);
    expect(status).toBe(1);
    expect(stderr).toContain(`az login --tenant ${simulator.company.tenantId}`);
  });

  it.each([
    [['alerts', '--since', 'yesterday'], 'PT48H'],
    [['alerts', '--top', '0'], '--top'],
    [['hunt'], 'Usage'],
    [['isolate'], 'Usage'],
    [['alerts', '--force'], 'Usage'],
  ])('for %j, before anybody signs in', async (args, message) => {
    const { status, stderr, signIns } = await run(args);
    expect(status).toBe(1);
    expect(signIns).toBe(0);
    expect(stderr).toContain(message);
  });
});

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { json, startServer } from '../support/startServer.ts';

it('npm run call shows what an attacker wrote into a title, and lets the terminal obey none of it', async () => {
  const title = 'C1 \u009b31m, direction \u202etxt.exe, escape \u001b[2J';
  const server = await startServer(json(200, { alerts: [{ title }] }));
  const folder = await mkdtemp(path.join(tmpdir(), 'call-'));
  try {
    await writeFile(path.join(folder, 'caller.json'), JSON.stringify({ url: server.url, token: 't' }));
    const tool = path.join(import.meta.dirname, '../../tools/call.ts');
    const env = { ...process.env, API_URL: '', LOCAL_DATA_FOLDER: folder };
    const { stdout } = await promisify(execFile)(process.execPath, [tool, 'alerts'], { env });
    expect(JSON.parse(stdout)).toEqual({ alerts: [{ title }] });
    for (const sign of ['\u001b', '\u009b', '\u202e']) expect(stdout).not.toContain(sign);
  } finally {
    await server.close();
    await rm(folder, { recursive: true });
  }
});

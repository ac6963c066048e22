import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '..', '..');
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'defender-functions-clone-'));
  for (const file of ['package.json', 'package-lock.json'])
    await cp(path.join(root, file), path.join(folder, file));
  await mkdir(path.join(folder, 'local'));
  await cp(
    path.join(root, 'local', 'ensure-installed.mjs'),
    path.join(folder, 'local', 'ensure-installed.mjs'),
  );
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

function run(env: Record<string, string> = {}) {
  const script = path.join(folder, 'local', 'ensure-installed.mjs');
  // npm hands its own settings down to what it runs; these tests choose theirs.
  const inherited = Object.entries(process.env).filter(([name]) => !name.toLowerCase().startsWith('npm_'));
  return spawnSync(process.execPath, [script], {
    encoding: 'utf8',
    env: { ...Object.fromEntries(inherited), ...env },
  });
}

describe('what runs before npm start and npm test', () => {
  it('says in one sentence that the packages could not be installed when there is no network', () => {
    const { status, stderr } = run({
      npm_config_registry: 'http://127.0.0.1:9',
      npm_config_cache: path.join(folder, 'cache'),
    });
    expect(status).toBe(1);
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^The packages could not be installed \(\S+\)\. Check the network/),
    ]);
  }, 60_000);

  describe.skipIf(process.platform === 'win32')(
    'when everything is installed (with a shell script for a Node)',
    () => {
      /** As an installation leaves it, with a Node of this version. */
      async function pretendInstalled(version: string): Promise<void> {
        await mkdir(path.join(folder, 'node_modules', '.bin'), { recursive: true });
        const lock = await readFile(path.join(folder, 'package-lock.json'));
        const stamp = createHash('sha256').update(lock).digest('hex');
        await writeFile(path.join(folder, 'node_modules', '.defender-functions-lock'), stamp);
        const node = path.join(folder, 'node_modules', '.bin', 'node');
        await writeFile(node, `#!/bin/sh\necho ${version}\n`);
        await chmod(node, 0o755);
      }

      it('says in one sentence which Node is needed when there is only an older one', async () => {
        await pretendInstalled('v20.20.2');
        const { status, stderr } = run();
        expect(status).toBe(1);
        expect(stderr.trim()).toBe(
          'Node 22.18 or newer is needed on this platform, and v20.20.2 was found. ' +
            'Install Node 24 from https://nodejs.org and try again.',
        );
      });

      it('does nothing more', async () => {
        await pretendInstalled('v24.21.0');
        expect(run()).toMatchObject({ status: 0, stdout: '', stderr: '' });
      });
    },
  );
});

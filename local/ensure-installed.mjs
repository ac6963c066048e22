// Runs before `npm start` and `npm test` under whatever Node the user has, so it is plain JavaScript without
// dependencies. It installs from the lockfile when needed and makes sure that a usable Node will run what follows.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

// 22.18 is the first Node 22 that runs TypeScript files without a flag: https://nodejs.org/api/typescript.html
const MINIMUM_NODE = [22, 18];

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const stampFile = path.join(root, 'node_modules', '.defender-functions-lock');
const lockHash = createHash('sha256')
  .update(readFileSync(path.join(root, 'package-lock.json')))
  .digest('hex');

if (!isInstalled()) install();
checkNode();

function isInstalled() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === lockHash;
}

function install() {
  console.log('Installing packages from package-lock.json (once, and again when it changes) ...');
  // npm tells npm scripts where it lives; running that file with Node avoids a shell and its quoting.
  const npm = process.env.npm_execpath;
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const patience = ['--fetch-retries=2', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'];
  const options = { cwd: root, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] };
  const result = npm
    ? spawnSync(process.execPath, [npm, ...args, ...patience], options)
    : spawnSync('npm', [...args, ...patience], { ...options, shell: true });
  if (result.status !== 0) {
    const reason =
      /npm (?:error|ERR!) (?:code )?(\S.*)/.exec(result.stderr ?? '')?.[1] ?? 'npm could not be run';
    fail(
      `The packages could not be installed (${reason}). Check the network and that this folder can be written, then try again.`,
    );
  }
  writeFileSync(stampFile, lockHash);
}

/** npm scripts find node_modules/.bin/node first where the lockfile brings one; elsewhere the user's own serves. */
function checkNode() {
  const name = process.platform === 'win32' ? 'node.cmd' : 'node';
  const bundled = path.join(root, 'node_modules', '.bin', name);
  const command = existsSync(bundled) ? bundled : process.execPath;
  const version = spawnSync(command, ['--version'], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  }).stdout?.trim();
  const [major = 0, minor = 0] = (version ?? '').replace(/^v/, '').split('.').map(Number);
  if (!(major >= 1) || major < MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor < MINIMUM_NODE[1])) {
    fail(
      `Node ${MINIMUM_NODE.join('.')} or newer is needed on this platform, and ${version || 'none'} was found. ` +
        'Install Node 24 from https://nodejs.org and try again.',
    );
  }
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

import { spawnSync } from 'node:child_process';
import path from 'node:path';

// `npm run bench`: every comparison, one after the other.

for (const name of ['load', 'page', 'wholePath', 'respond']) {
  const { status } = spawnSync(process.execPath, [path.join(import.meta.dirname, `${name}.ts`)], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
}

import { mkdtemp, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildApp } from '../local/build.ts';
import { measureProcess, medianOf, printComparison, printFigures } from './measure.ts';

// What a cold start loads: the bundle against the same sources unbundled. `node bench/load.ts`

const [role, file = ''] = process.argv.slice(2);

if (role === 'require') {
  const startedAt = performance.now();
  createRequire(import.meta.url)(file);
  printFigures({ ms: performance.now() - startedAt });
} else if (role === 'import') {
  const startedAt = performance.now();
  await import(file);
  printFigures({ ms: performance.now() - startedAt });
} else {
  const bundle = path.join(await mkdtemp(path.join(tmpdir(), 'bench-load-')), 'index.cjs');
  await buildApp(bundle);
  const source = path.join(import.meta.dirname, '..', 'src', 'index.ts');
  const measure = (how: string, what: string) =>
    medianOf(9, () => measureProcess(import.meta.filename, [how, what]));
  printComparison(`Loading the app (bundle: ${((await stat(bundle)).size / 1_000_000).toFixed(2)} MB)`, [
    ['bundle', await measure('require', bundle)],
    ['sources and node_modules', await measure('import', source)],
  ]);
}

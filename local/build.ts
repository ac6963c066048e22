import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

export const bundleFile = path.join(import.meta.dirname, '..', 'dist', 'index.cjs');

/**
 * Bundles the app into one CommonJS file with a source map.
 *
 * `@azure/functions-core` stays external: the Functions worker provides it at run time and no package of that name
 * exists. The worker loads a `.cjs` entry with `require`, whatever `type` says in package.json.
 */
export async function buildApp(outfile: string = bundleFile): Promise<void> {
  await build({
    entryPoints: [path.join(import.meta.dirname, '..', 'src', 'index.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    external: ['@azure/functions-core'],
    sourcemap: 'linked',
    sourcesContent: false,
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
  });
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await buildApp();
}

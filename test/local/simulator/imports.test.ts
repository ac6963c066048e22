import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';

const root = path.resolve('local/simulator');
// The language service is loaded by `require.resolve`, as scripts.
const allowedPackages = ['jose', 'selfsigned', '@kusto/language-service-next'];

// A simulator that shares code with the client would share its mistakes, and prove nothing.
it('The simulator imports nothing from outside its folder but Node, jose, selfsigned and Kusto’s language service', async () => {
  const files = (await readdir(root, { recursive: true })).filter((name) => name.endsWith('.ts'));
  expect(files.length).toBeGreaterThan(50);
  for (const file of files) {
    const text = await readFile(path.join(root, file), 'utf8');
    for (const [, ...found] of text.matchAll(
      /\bfrom '([^']+)';$|^import '([^']+)';$|\bimport\('([^']+)'\)|\brequire(?:\.resolve)?\([`']([^`'$]+?)\/?[`'$]/gm,
    )) {
      const specifier = found.join('');
      const isOwn =
        specifier.startsWith('.') &&
        path.resolve(root, path.dirname(file), specifier).startsWith(root + path.sep);
      const isAllowed = isOwn || specifier.startsWith('node:') || allowedPackages.includes(specifier);
      expect([file, specifier, isAllowed]).toEqual([file, specifier, true]);
    }
  }
});

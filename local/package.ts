import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import { buildApp, bundleFile } from './build.ts';

const root = path.join(import.meta.dirname, '..');

/** What is deployed: azure.yaml names this folder. */
export const packageFolder = path.join(root, 'dist', 'package');

/** What a zip file adds to each entry (local header, descriptor, central header) and at its end; its name comes twice. */
const ZIP_ENTRY_BYTES = 30 + 16 + 46;
const ZIP_END_BYTES = 22;

export interface PackageInit {
  /** The built bundle. */
  readonly bundle: string;
  /** Made anew: whatever was in it is deleted. */
  readonly folder: string;
}

/** What was packed, and how large it travels. */
export interface PackageReport {
  readonly files: readonly string[];
  readonly bytes: number;
  /** Of the zip file that a deployment uploads; measured by compressing each file as a zip does. */
  readonly zipBytes: number;
}

/**
 * Makes the folder that is deployed: the bundle, host.json and a package.json without dependencies.
 *
 * The bundle's source map stays in `dist/`: it is as large as the bundle, and only a person who reads a stack needs it.
 */
export async function packageApp({ bundle, folder }: PackageInit): Promise<PackageReport> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await cp(bundle, path.join(folder, 'index.cjs'));
  await cp(path.join(root, 'host.json'), path.join(folder, 'host.json'));
  await writeFile(path.join(folder, 'package.json'), `${JSON.stringify(await readManifest(), null, 2)}\n`);
  return await measure(folder);
}

/** The worker reads `main`; there is nothing to install, because everything is in the bundle. */
async function readManifest(): Promise<Record<string, unknown>> {
  const { name, version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
  };
  return { name, version, private: true, main: 'index.cjs' };
}

async function measure(folder: string): Promise<PackageReport> {
  const files = (await readdir(folder)).sort();
  let bytes = 0;
  let zipBytes = ZIP_END_BYTES;
  for (const file of files) {
    const content = await readFile(path.join(folder, file));
    bytes += content.length;
    zipBytes += ZIP_ENTRY_BYTES + 2 * file.length + deflateRawSync(content).length;
  }
  return { files, bytes, zipBytes };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await buildApp();
  const { files, bytes, zipBytes } = await packageApp({ bundle: bundleFile, folder: packageFolder });
  const kilobytes = (count: number) => `${Math.ceil(count / 1000)} kB`;
  console.log(
    `${path.relative(root, packageFolder)}: ${files.join(', ')}; ${kilobytes(bytes)}, zipped ${kilobytes(zipBytes)}`,
  );
}

import { globSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { readJsonFile } from '../appSettings.ts';
import { LocalHostError, messageOf } from '../LocalHostError.ts';
import type { AppRegistry } from './coreModule.ts';

interface AppEntry {
  appFolder: string;
  /** Loaded instead of what package.json `main` matches. */
  entryFile?: string | undefined;
}

/**
 * Loads the app as the Functions runtime does: every file that package.json `main` matches, then the appStart hooks,
 * then setup and registration are closed.
 *
 * Any error while a file loads blocks the whole app, as on the real host since Node 20. Throws `LocalHostError`
 * naming the file, with what the file threw as `cause`.
 */
export async function loadApp(registry: AppRegistry, entry: AppEntry): Promise<void> {
  const packageJson = (await readJsonFile(path.join(entry.appFolder, 'package.json'))) ?? {};
  for (const file of entryFiles(entry, packageJson.main)) {
    try {
      await loadFile(file, packageJson.type === 'module');
    } catch (error) {
      const name = path.relative(entry.appFolder, file);
      throw new LocalHostError(`The app's entry file "${name}" failed to load: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }
  for (const hook of registry.hooks.get('appStart') ?? []) {
    await hook({
      hookData: registry.appLevelHookData,
      appHookData: registry.appHookData,
      functionAppDirectory: entry.appFolder,
    });
  }
  // This also closes `app.setup`.
  const capabilities = await registry.model?.getCapabilities({});
  if (capabilities?.HttpUri !== undefined) {
    throw new LocalHostError(
      'The app asks for HTTP streaming (enableHttpStream), which the local host does not support.',
    );
  }
  registry.locked = true;
}

function entryFiles(entry: AppEntry, main: unknown): string[] {
  if (entry.entryFile !== undefined) return [entry.entryFile];
  if (typeof main !== 'string' || main === '') {
    throw new LocalHostError(
      `package.json in ${entry.appFolder} has no "main", so there is nothing to load.`,
    );
  }
  const files = globSync(main, { cwd: entry.appFolder, exclude: ['**/node_modules/**'] }).sort();
  if (files.length === 0) {
    throw new LocalHostError(`No file matches "main": "${main}" of package.json. Has the app been built?`);
  }
  return files.map((file) => path.join(entry.appFolder, file));
}

async function loadFile(file: string, packageIsModule: boolean): Promise<void> {
  const isModule = file.endsWith('.mjs') || (packageIsModule && !file.endsWith('.cjs'));
  if (isModule) await import(pathToFileURL(file).href);
  else createRequire(file)(file);
}

import path from 'node:path';
import type { Env } from './appSettings.ts';
import { HostLog } from './HostLog.ts';
import { WorkerProcess } from './WorkerProcess.ts';
import type { FunctionMetadata } from './workerProtocol.ts';

/**
 * The functions that a bundle registers, as the runtime would see them: name, bindings, retryOptions. Settings
 * (`%NAME%`) are not resolved.
 *
 * Loads the bundle in a child process of its own. Throws `LocalHostError` when it cannot be loaded.
 */
export async function collectFunctions(
  bundleFile: string,
  env: Env = process.env,
): Promise<FunctionMetadata[]> {
  const entryFile = path.resolve(bundleFile);
  const worker = new WorkerProcess({
    appFolder: path.dirname(entryFile),
    entryFile,
    env,
    log: new HostLog({ write: () => undefined }),
  });
  try {
    return await worker.load();
  } finally {
    await worker.terminate(2000);
  }
}

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import tls from 'node:tls';
import type { Environment } from '../src/settings/SettingsReader.ts';
import { UsageError } from './runCommand.ts';

/**
 * The app's settings for a command that does as the app does: those of the environment when it names a tenant, or else those
 * of the local system that `npm start` set up.
 *
 * For the local system this process is set up as well: it trusts the simulator's certificate, and finds its managed identity.
 * @throws UsageError when there is neither.
 */
export function readAppSettings(env: NodeJS.ProcessEnv): Environment {
  if (env.DEFENDER_TENANT_ID?.trim()) return env;
  const folder = env.LOCAL_DATA_FOLDER ?? path.join(import.meta.dirname, '..', '.local');
  const file = path.join(folder, 'settings.json');
  if (!existsSync(file)) {
    throw new UsageError(
      "Set the app's settings in the environment (docs/settings.md; DEFENDER_TENANT_ID at least), or start the local system with npm start.",
    );
  }
  const settings = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  trust(settings.NODE_EXTRA_CA_CERTS, env);
  // Where the SDK looks for the managed identity.
  for (const name of ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER']) {
    if (settings[name] !== undefined) env[name] ??= settings[name];
  }
  return settings;
}

/** Node reads NODE_EXTRA_CA_CERTS when it starts only. */
function trust(caFile: string | undefined, env: NodeJS.ProcessEnv): void {
  if (caFile === undefined || env.NODE_EXTRA_CA_CERTS === caFile || !existsSync(caFile)) return;
  // Node 22.18 has it not yet.
  const { setDefaultCACertificates: setTrusted } = tls as Partial<typeof tls>;
  if (!setTrusted) throw new UsageError(`Run this with NODE_EXTRA_CA_CERTS=${caFile}, or with a newer Node.`);
  setTrusted([...tls.getCACertificates(), readFileSync(caFile, 'utf8')]);
}

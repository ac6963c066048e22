import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DefaultAzureCredential } from '@azure/identity';
import { parseStorageSettings } from '../src/settings/parseSettings.ts';
import type { Environment } from '../src/settings/SettingsReader.ts';
import { createStorageAccount, type StorageAccount } from '../src/storage/StorageAccount.ts';

/**
 * The storage account that an operator's command works on: the one that the environment names, reached with the
 * operator's own sign-in (`az login`), or else the one of the local system that `npm start` set up.
 *
 * @throws SettingsError when neither is there.
 */
export function openOperatorStorage(env: Environment): StorageAccount {
  const settings = parseStorageSettings(namesStorage(env) ? env : readLocalSettings(env));
  return createStorageAccount(settings, () => new DefaultAzureCredential());
}

/** True when the environment names an account; else the local system is meant. */
export function namesStorage(env: Environment): boolean {
  return Object.keys(env).some((name) => name.startsWith('AzureWebJobsStorage') && env[name]);
}

/** The settings of the local system; empty when it was never started. */
export function readLocalSettings(env: Environment): Environment {
  const folder = env.LOCAL_DATA_FOLDER ?? path.join(import.meta.dirname, '..', '.local');
  const file = path.join(folder, 'settings.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Environment) : {};
}

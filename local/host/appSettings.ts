import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { LocalHostError, messageOf } from './LocalHostError.ts';

/** Environment variables: what the host reads its settings from, and what the app's process is started with. */
export type Env = Readonly<Record<string, string | undefined>>;

/**
 * The app's settings: the environment, and the `Values` of `local.settings.json` where the environment has none.
 *
 * Core Tools treat the file the same way. Throws `LocalHostError` when the file exists but cannot be used.
 */
export async function readAppSettings(appFolder: string, env: Env): Promise<Env> {
  const file = path.join(appFolder, 'local.settings.json');
  const settings: Record<string, string | undefined> = { ...(await readValues(file)) };
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined) settings[name] = value;
  }
  return settings;
}

async function readValues(file: string): Promise<Record<string, string>> {
  const parsed = await readJsonFile(file);
  if (parsed === undefined) return {};
  if (parsed.IsEncrypted === true) {
    throw new LocalHostError(
      `${file} is encrypted; the local host reads plain values only (IsEncrypted: false).`,
    );
  }
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(asObject(parsed.Values) ?? {})) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      values[name] = String(value);
    }
  }
  return values;
}

/** The object in a JSON file, undefined when there is no such file. Throws `LocalHostError` when it is not an object. */
export async function readJsonFile(file: string): Promise<Record<string, unknown> | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new LocalHostError(`${file} cannot be read: ${messageOf(error)}`);
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new LocalHostError(`${file} is not valid JSON: ${messageOf(error)}`);
  }
  const object = asObject(parsed);
  if (object === undefined) throw new LocalHostError(`${file} must hold a JSON object.`);
  return object;
}

/** The value as an object with string keys, undefined for anything else (arrays too). */
export function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** A setting by name; the host compares names without regard to case. */
export function findSetting(settings: Env, name: string): string | undefined {
  const exact = settings[name];
  if (exact !== undefined) return exact;
  const wanted = name.toLowerCase();
  return Object.entries(settings).find(([key]) => key.toLowerCase() === wanted)?.[1];
}

/**
 * The text with every `%NAME%` replaced by that setting.
 *
 * Throws `LocalHostError` naming the first setting that does not exist; the caller marks that one function as in error.
 */
export function resolveSettings(text: string, settings: Env): string {
  return text.replaceAll(/%([^%]+)%/g, (whole, name: string) => {
    const value = findSetting(settings, name);
    if (value === undefined) throw new LocalHostError(`'${whole}' does not resolve to a value.`);
    return value;
  });
}

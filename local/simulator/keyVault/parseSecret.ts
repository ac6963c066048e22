import type { Call } from '../http/Call.ts';
import type { SecretDetails } from './SecretStore.ts';
import { vaultErrors, vaultRefusal } from './vaultRefusal.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Source: https://learn.microsoft.com/azure/key-vault/secrets/about-secrets */
const largestValueBytes = 25 * 1024;
const namePattern = /^[0-9A-Za-z-]{1,127}$/;

/**
 * The body of "set secret"; refuses by 400 what cannot be understood, and by 501 what is not simulated.
 *
 * Source: https://learn.microsoft.com/rest/api/keyvault/secrets/set-secret/set-secret
 */
export function parseNewSecret(name: string, call: Call): { value: string; details: SecretDetails } {
  if (!namePattern.test(name)) throw bad(`'${name}' is no name of a secret.`);
  const { value, contentType, attributes, tags } = parseFields(call, [
    'value',
    'contentType',
    'attributes',
    'tags',
  ]);
  if (typeof value !== 'string' || value === '') throw bad('The property value is missing.');
  if (Buffer.byteLength(value) > largestValueBytes) throw bad('The value is larger than 25 KB.');
  if (contentType !== undefined && typeof contentType !== 'string')
    throw bad('The contentType must be a string.');
  const { isEnabled, expiresMs } = toAttributes(attributes);
  return {
    value,
    details: {
      ...(isEnabled === undefined ? {} : { isEnabled }),
      ...(expiresMs === undefined ? {} : { expiresMs }),
      ...(contentType === undefined ? {} : { contentType }),
      ...(tags === undefined ? {} : { tags: toTags(tags) }),
    },
  };
}

/**
 * The body of "update secret", of which enabling and disabling is simulated.
 *
 * Source: https://learn.microsoft.com/rest/api/keyvault/secrets/update-secret/update-secret
 */
export function parseAttributes(call: Call): { isEnabled?: boolean } {
  const { isEnabled, expiresMs } = toAttributes(parseFields(call, ['attributes']).attributes);
  if (expiresMs !== undefined) throw vaultRefusal(vaultErrors.notSimulated('PATCH of attributes.exp'));
  return isEnabled === undefined ? {} : { isEnabled };
}

function parseFields(call: Call, known: readonly string[]): Fields {
  const fields = toFields(parseJson(call.body), 'The body');
  const other = Object.keys(fields).find((name) => !known.includes(name));
  if (other !== undefined) throw vaultRefusal(vaultErrors.notSimulated(`${call.method} with '${other}'`));
  return fields;
}

function toAttributes(value: unknown): { isEnabled?: boolean; expiresMs?: number } {
  if (value === undefined) return {};
  const { enabled, exp, ...others } = toFields(value, 'attributes');
  const [other] = Object.keys(others);
  if (other !== undefined) throw vaultRefusal(vaultErrors.notSimulated(`attributes.${other}`));
  if (enabled !== undefined && typeof enabled !== 'boolean')
    throw bad('attributes.enabled must be a boolean.');
  if (exp !== undefined && typeof exp !== 'number') throw bad('attributes.exp must be Unix seconds.');
  return {
    ...(enabled === undefined ? {} : { isEnabled: enabled }),
    ...(exp === undefined ? {} : { expiresMs: exp * 1000 }),
  };
}

function toTags(value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(toFields(value, 'tags')).map(([name, text]) => {
      if (typeof text !== 'string') throw bad(`The tag ${name} must be a string.`);
      return [name, text];
    }),
  );
}

function toFields(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw bad(`${what} must be an object.`);
  return value as Fields;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw bad('The body is not JSON.');
  }
}

function bad(why: string): Error {
  return vaultRefusal(vaultErrors.badParameter(why));
}

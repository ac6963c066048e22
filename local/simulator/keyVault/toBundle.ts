import type { SecretVersion } from './SecretStore.ts';

/** A secret with its value, in the shape of Key Vault. */
export function toBundle(secret: SecretVersion, id: string): Record<string, unknown> {
  return { value: secret.value, ...toItem(secret, id) };
}

/** What Key Vault tells of a secret without its value. Times are Unix seconds. */
export function toItem(secret: SecretVersion, id: string): Record<string, unknown> {
  return {
    ...(secret.contentType === undefined ? {} : { contentType: secret.contentType }),
    id,
    attributes: {
      enabled: secret.isEnabled,
      ...(secret.expiresMs === undefined ? {} : { exp: toSeconds(secret.expiresMs) }),
      created: toSeconds(secret.createdMs),
      updated: toSeconds(secret.updatedMs),
      recoveryLevel: 'Recoverable+Purgeable',
      recoverableDays: 90,
    },
    ...(secret.tags === undefined ? {} : { tags: secret.tags }),
    ...(secret.isManaged === true ? { kid: id.replace('/secrets/', '/keys/'), managed: true } : {}),
  };
}

function toSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}

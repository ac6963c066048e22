/** Secrets and certificates of an application with this name were made here, and only those are ever removed. */
export const OWN_NAME = 'defender-functions rotate-secret';

/** What ends sooner than this is replaced. */
const RENEW_BEFORE_MS = 30 * 24 * 60 * 60_000;

/** A secret without its value, or a certificate. */
export interface CredentialInfo {
  /** Entra's id of it; undefined when it was put into the vault by other means. */
  readonly keyId: string | undefined;
  /** Undefined when the vault does not say. */
  readonly expiresOn: Date | undefined;
}

/** Makes what an application proves itself by, and ends what was replaced. Every method throws UsageError. */
export interface Rotation {
  /** The newest version in the vault, unless it is switched off or the application has it no more. */
  findCurrent(signal: AbortSignal): Promise<CredentialInfo | undefined>;
  /** Makes one that is the newest version then. */
  rotate(lifetimeMs: number, signal: AbortSignal): Promise<CredentialInfo>;
  /**
   * Removes those that were made here and replaced longer ago than the grace period, and disables their versions in
   * the vault. @returns how many were removed.
   */
  removeReplaced(current: CredentialInfo, graceMs: number, signal: AbortSignal): Promise<number>;
}

/** Whether there is one, and it lasts longer than the time in which it is renewed. */
export function isLasting(credential: CredentialInfo | undefined, now: number): credential is CredentialInfo {
  if (credential?.expiresOn === undefined) return credential !== undefined;
  return credential.expiresOn.getTime() - now > RENEW_BEFORE_MS;
}

/** What one of an application's secrets or certificates says of itself. */
interface Dated {
  readonly displayName: string | null;
  readonly startDateTime: string;
}

/** Made here, older than the current one, and replaced before `before`: one is replaced when the next one begins. */
export function findReplaced<T extends Dated>(
  all: readonly T[],
  isCurrent: (one: T) => boolean,
  before: number,
): readonly T[] {
  const own = all
    .filter(({ displayName }) => displayName === OWN_NAME)
    .sort((a, b) => Date.parse(a.startDateTime) - Date.parse(b.startDateTime));
  return own
    .slice(0, Math.max(0, own.findIndex(isCurrent)))
    .filter((_, index) => Date.parse(own[index + 1]?.startDateTime ?? '') <= before);
}

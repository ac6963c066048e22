import type { CredentialExpiry, CredentialWatch } from '../identity/CredentialWatch.ts';
import type { ApplicationSettings, IdentitySettings } from '../settings/parseIdentity.ts';
import { toFinding, type Finding } from './Finding.ts';
import { inTime } from './inTime.ts';
import type { DoctorSettings } from './parseDoctorSettings.ts';

const TIMEOUT_MS = 15_000;

/** A watch that has read nothing yet: what another one keeps may be an hour old. */
export type OpenWatch = (
  identity: IdentitySettings,
  onBehalfOf: ApplicationSettings | undefined,
) => Pick<CredentialWatch, 'read'>;

/**
 * Looks for what the settings say lies in the vault, and when it expires; each on its own, so that one that is missing
 * hides nothing of the other.
 */
export async function checkVault(
  { identity, onBehalfOf }: Pick<DoctorSettings, 'identity' | 'onBehalfOf'>,
  openWatch: OpenWatch,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const reads = [
    ...(isInVault(identity.application) ? [openWatch(identity, undefined)] : []),
    ...(isInVault(onBehalfOf) ? [openWatch({ ...identity, application: undefined }, onBehalfOf)] : []),
  ];
  if (reads.length === 0) {
    return [
      { step: 'keyVault', status: 'skipped', text: 'Not used: no secret and no certificate is needed.' },
    ];
  }
  return (await Promise.all(reads.map((watch) => readOne(watch, signal)))).flat();
}

function isInVault(application: ApplicationSettings | undefined): boolean {
  return application !== undefined && application.proof.kind !== 'federated';
}

async function readOne(watch: ReturnType<OpenWatch>, signal: AbortSignal): Promise<readonly Finding[]> {
  try {
    const known = await inTime(TIMEOUT_MS, signal, (limited) => watch.read(limited));
    return known.map(toExpiryFinding);
  } catch (error) {
    return [toFinding('keyVault', undefined, error)];
  }
}

const uses: Readonly<Record<CredentialExpiry['usedFor'], string>> = {
  defender: 'Defender',
  onBehalfOf: 'what is done on behalf of people',
};

function toExpiryFinding({ name, kind, usedFor, expiresOn, daysLeft, notice }: CredentialExpiry): Finding {
  const what = `${kind} for ${uses[usedFor]}`;
  const about = { step: 'keyVault', about: name } as const;
  if (expiresOn === undefined) {
    return {
      ...about,
      status: 'warning',
      code: 'credential_expiry_unknown',
      text: `The ${what} is there, but nothing says when it expires.`,
      advice: 'Set its expiration date in Key Vault, so that it can be told ahead.',
    };
  }
  const until = new Date(expiresOn).toISOString();
  if (notice === undefined)
    return { ...about, status: 'ok', text: `The ${what} is there, valid until ${until}.` };
  return {
    ...about,
    status: notice === 0 ? 'failed' : 'warning',
    code: 'credential_expires',
    text:
      notice === 0
        ? `The ${what} is there, but it expired at ${until}.`
        : `The ${what} is there, but it expires at ${until}, in ${daysLeft ?? notice} days.`,
    advice: 'Rotate it (docs/operations.md); the app takes the new version by itself.',
  };
}

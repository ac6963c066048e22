import { randomBytes } from 'node:crypto';
import { exportSPKI, generateKeyPair, SignJWT, type JWTHeaderParameters, type JWTPayload } from 'jose';
import type { SigningKeys } from './SigningKeys.ts';

/**
 * How a token can be signed: `current` as Entra does it, the others as a forger would.
 *
 * `unpublishedKey`: RS256 with a key that Entra never had. `none`: not at all. `hs256PublicKey`: HS256 with the published key
 * (PEM) as the secret. `es256`: with an elliptic curve key that Entra never had.
 */
export const callerSignatures = ['current', 'unpublishedKey', 'none', 'hs256PublicKey', 'es256'] as const;

/** One of the ways to sign. */
export type CallerSignature = (typeof callerSignatures)[number];

/** What is signed, and how. */
export interface SigningOrder {
  readonly claims: JWTPayload;
  readonly version: 1 | 2;
  /** @default 'current' */
  readonly signature?: CallerSignature;
  /** Key id in the header; null for none. Absent: that of the current key, for `unpublishedKey` an unknown one. */
  readonly kid?: string | null;
}

/** Signs a token for the functions' own API, as compact text. */
export async function signCallerToken(keys: SigningKeys, order: SigningOrder): Promise<string> {
  const { claims, signature = 'current' } = order;
  const kid = signature === 'unpublishedKey' ? randomBytes(20).toString('base64url') : keys.current.kid;
  if (signature === 'none') {
    const parts = [toHeader('none', order, kid), claims].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    return `${parts.join('.')}.`;
  }
  const { algorithm, key } = await chooseKey(keys, signature);
  return new SignJWT(claims).setProtectedHeader(toHeader(algorithm, order, kid)).sign(key);
}

type SigningKey = Parameters<SignJWT['sign']>[0];

async function chooseKey(
  keys: SigningKeys,
  signature: Exclude<CallerSignature, 'none'>,
): Promise<{ algorithm: string; key: SigningKey }> {
  switch (signature) {
    case 'current':
      return { algorithm: 'RS256', key: keys.current.privateKey };
    case 'unpublishedKey':
      return {
        algorithm: 'RS256',
        key: (await generateKeyPair('RS256', { modulusLength: 2048 })).privateKey,
      };
    case 'hs256PublicKey':
      return { algorithm: 'HS256', key: Buffer.from(await exportSPKI(keys.current.publicKey)) };
    case 'es256':
      return { algorithm: 'ES256', key: (await generateKeyPair('ES256')).privateKey };
  }
}

/** `x5t` is in version 1 tokens only. */
function toHeader(alg: string, order: SigningOrder, usualKid: string): JWTHeaderParameters {
  const kid = order.kid === undefined ? usualKid : order.kid;
  if (kid === null) return { typ: 'JWT', alg };
  return { typ: 'JWT', alg, ...(order.version === 1 ? { x5t: kid } : {}), kid };
}

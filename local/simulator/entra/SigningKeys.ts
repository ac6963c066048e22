import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, type CryptoKey, type JWK } from 'jose';

interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly jwk: JWK;
}

/**
 * The keys that Entra signs with: one signs, the published ones verify.
 *
 * A rotation keeps the previous key published, as Entra does, until it is told to retire it.
 */
export class SigningKeys {
  #current: SigningKey;
  #published: SigningKey[];

  private constructor(first: SigningKey) {
    this.#current = first;
    this.#published = [first];
  }

  static async create(): Promise<SigningKeys> {
    return new SigningKeys(await createKey());
  }

  get current(): { readonly kid: string; readonly privateKey: CryptoKey; readonly publicKey: CryptoKey } {
    return this.#current;
  }

  /** The key with this id; undefined when it was never published or has been retired. */
  findPublicKey(kid: string): CryptoKey | undefined {
    return this.#published.find((key) => key.kid === kid)?.publicKey;
  }

  listJwks(): readonly JWK[] {
    return this.#published.map((key) => key.jwk);
  }

  /** Signs with a new key from now on. */
  async rotate({ retirePrevious }: { readonly retirePrevious: boolean }): Promise<string> {
    this.#current = await createKey();
    this.#published = retirePrevious ? [this.#current] : [...this.#published, this.#current];
    return this.#current.kid;
  }
}

async function createKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { modulusLength: 2048 });
  const kid = randomBytes(20).toString('base64url');
  const jwk = { ...(await exportJWK(publicKey)), kid, use: 'sig', x5t: kid };
  return { kid, privateKey, publicKey, jwk };
}

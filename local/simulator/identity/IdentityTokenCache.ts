/** A token as the platform keeps it. */
export interface CachedToken {
  readonly token: string;
  /** Unix seconds. */
  readonly expiresSeconds: number;
}

const refreshBeforeMs = 5 * 60 * 1000;

/**
 * The platform's token cache: the same token is handed out until it is close to its end.
 *
 * So a role that was granted meanwhile does not show. Only the control surface can empty it; Azure offers no way.
 */
export class IdentityTokenCache {
  readonly #tokens = new Map<string, CachedToken>();

  find(key: string, nowMs: number): CachedToken | undefined {
    const token = this.#tokens.get(key);
    return token !== undefined && token.expiresSeconds * 1000 - nowMs > refreshBeforeMs ? token : undefined;
  }

  store(key: string, token: CachedToken): CachedToken {
    this.#tokens.set(key, token);
    return token;
  }

  clear(): void {
    this.#tokens.clear();
  }
}

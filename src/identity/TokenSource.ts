/** Gives access tokens for one identity in one tenant. */
export interface TokenSource {
  /**
   * A token for `audience` that is valid for some minutes more.
   *
   * @param refused a token that the resource just refused, or would refuse: another one is asked for, once a minute at most.
   * In between, and where an identity's tokens are kept by the platform, it may be given again.
   * @param isInsufficient true when that token is good, and only lacks a permission.
   * @throws CredentialRefused when Entra says no; CredentialUnavailable when it could not be asked.
   */
  getToken(
    audience: string,
    signal: AbortSignal,
    refused?: string,
    isInsufficient?: boolean,
  ): Promise<string>;
}

/** The app's own identity, in any tenant that knows it. */
export interface ApplicationCredential {
  /** Tokens are kept per tenant and audience. @throws TenantNeedsApplication for a managed identity outside its own tenant. */
  tokensIn(tenantId: string): TokenSource;
}

/** A person who calls, by the token that they brought. */
export interface PersonAssertion {
  /** Verified before. */
  readonly token: string;
  /** Where the person signed in. */
  readonly tenantId: string;
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt: number;
}

/** Exchanges the tokens of people for tokens with which Defender is called on their behalf. */
export interface OnBehalfOf {
  /** Its `getToken` throws OnBehalfOfRefused when consent or Conditional Access stand against it. */
  tokensFor(person: PersonAssertion): TokenSource;
}

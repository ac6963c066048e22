/** Gives access tokens for one identity in one tenant. */
export interface TokenSource {
  /**
   * A token for `audience` that is valid for some minutes more.
   *
   * @param refused a token that the resource just refused: it is not given again where a fresh one can be had.
   * @throws CredentialRefused when Entra says no; CredentialUnavailable when it could not be asked.
   */
  getToken(audience: string, signal: AbortSignal, refused?: string): Promise<string>;
}

/** A person with an account in a tenant. */
export interface Person {
  readonly objectId: string;
  readonly userPrincipalName: string;
  readonly givenName: string;
  readonly familyName: string;
  isEnabled: boolean;
  /** Refresh tokens of before are revoked; by the simulated clock. */
  sessionsValidFromMs: number;
}

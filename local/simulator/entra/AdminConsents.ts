/** The `error` values that have been documented or seen where an administrator declines. */
export const consentErrors = ['access_denied', 'permission_denied', 'consent_required'] as const;

/** What the administrator of a tenant does with a request for consent. */
export type ConsentDecision =
  { readonly kind: 'grant' } | { readonly kind: 'decline'; readonly error: (typeof consentErrors)[number] };

/** What the administrators do; they grant unless told otherwise. */
export class AdminConsents {
  readonly #decisions = new Map<string, ConsentDecision>();

  set(tenantId: string, decision: ConsentDecision): void {
    this.#decisions.set(tenantId, decision);
  }

  of(tenantId: string): ConsentDecision {
    return this.#decisions.get(tenantId) ?? { kind: 'grant' };
  }
}

import type { Clock } from '../runtime/Clock.ts';
import type { CallerSettings } from '../settings/parseResponseSettings.ts';
import { callerRoles, type Caller } from './Caller.ts';
import { CallerRoleMissing } from './CallerRoleMissing.ts';
import { TokenVerifier, type VerifiedCaller } from './TokenVerifier.ts';

/** With function keys everybody who has one may do everything, and nobody can be told from anybody else. */
const KEY_HOLDER: Caller = {
  kind: 'functionKey',
  id: 'function-key',
  name: undefined,
  applicationId: undefined,
  roles: callerRoles,
};

/** Tells who calls, and lets in who may. */
export class CallerGate {
  readonly #verifier: TokenVerifier | undefined;

  constructor(settings: CallerSettings, clock: Clock) {
    this.#verifier = settings.auth === 'entra' ? new TokenVerifier(settings, clock) : undefined;
  }

  /** True when the host checks function keys and this code checks nothing. */
  get usesFunctionKeys(): boolean {
    return this.#verifier === undefined;
  }

  /** @throws CallerUnauthenticated, CallerNotAllowed, SigningKeysUnavailable */
  async identify(authorization: string | null): Promise<VerifiedCaller> {
    return this.#verifier
      ? await this.#verifier.verify(authorization)
      : { caller: KEY_HOLDER, person: undefined };
  }

  /** @throws CallerRoleMissing */
  admit(caller: Caller, roles: readonly string[]): void {
    if (!roles.some((role) => caller.roles.includes(role))) throw new CallerRoleMissing(caller.id, roles);
  }
}

import { errors, jwtVerify, type JWTPayload } from 'jose';
import type { Clock } from '../runtime/Clock.ts';
import type { PersonAssertion } from '../identity/TokenSource.ts';
import type { CallerSettings } from '../settings/parseResponseSettings.ts';
import type { Caller } from './Caller.ts';
import { CallerNotAllowed } from './CallerNotAllowed.ts';
import { CallerUnauthenticated } from './CallerUnauthenticated.ts';
import { SigningKeys } from './SigningKeys.ts';
import { SigningKeysUnavailable } from './SigningKeysUnavailable.ts';

/** Entra signs access tokens with RS256 only; `none` and the HS family are refused with everything else. */
const ALGORITHMS = ['RS256'];
const CLOCK_TOLERANCE_S = 120;

/** Who calls, and what lets the app act on their behalf when it is a person. */
export interface VerifiedCaller {
  readonly caller: Caller;
  readonly person: PersonAssertion | undefined;
}

/**
 * Verifies the tokens that callers bring: signature, algorithm, issuer (both versions of Entra's tokens), audience,
 * tenant and times.
 * Source: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
export class TokenVerifier {
  readonly #settings: CallerSettings;
  readonly #keys: SigningKeys;
  readonly #clock: Clock;

  constructor(settings: CallerSettings, clock: Clock) {
    this.#settings = settings;
    this.#keys = new SigningKeys(settings.authorityHost, settings.tenantId, clock);
    this.#clock = clock;
  }

  /**
   * @param authorization the request header, or null.
   * @throws CallerUnauthenticated, CallerNotAllowed, SigningKeysUnavailable
   */
  async verify(authorization: string | null): Promise<VerifiedCaller> {
    const token = readBearer(authorization);
    const claims = await this.#verifyToken(token);
    if (textOf(claims.tid)?.toLowerCase() !== this.#settings.tenantId) {
      throw new CallerUnauthenticated('the token is of another tenant');
    }
    const caller = toCaller(claims);
    const { allowedApplications } = this.#settings;
    if (allowedApplications && !allowedApplications.includes(caller.applicationId ?? '')) {
      throw new CallerNotAllowed(caller.applicationId ?? '(unknown)');
    }
    return { caller, person: caller.kind === 'person' ? toAssertion(token, claims) : undefined };
  }

  async #verifyToken(token: string): Promise<JWTPayload> {
    const { authorityHost, tenantId, audiences } = this.#settings;
    try {
      const { payload } = await jwtVerify(token, this.#keys.find, {
        algorithms: ALGORITHMS,
        issuer: [
          await this.#keys.issuer(),
          `${authorityHost}/${tenantId}/v2.0`,
          `https://sts.windows.net/${tenantId}/`,
        ],
        audience: [...audiences],
        requiredClaims: ['exp', 'tid'],
        clockTolerance: CLOCK_TOLERANCE_S,
        currentDate: new Date(this.#clock.now()),
      });
      return payload;
    } catch (error) {
      if (error instanceof SigningKeysUnavailable) throw error;
      throw new CallerUnauthenticated(faultOf(error));
    }
  }
}

function readBearer(authorization: string | null): string {
  if (!authorization) throw new CallerUnauthenticated('there is no token', { isTokenMissing: true });
  const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]*)$/i.exec(authorization.trim())?.[1];
  if (token === undefined) throw new CallerUnauthenticated('the Authorization header holds no bearer token');
  return token;
}

/** Says which check failed, never a value of the token. */
function faultOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'the token has expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    const claims: Readonly<Record<string, string>> = {
      aud: 'audience',
      iss: 'issuer',
      nbf: 'not-before time',
    };
    return `the ${claims[error.claim] ?? `claim '${error.claim}'`} of the token is not accepted`;
  }
  if (error instanceof errors.JOSEAlgNotAllowed)
    return 'the token is signed with an algorithm that is not accepted';
  if (error instanceof errors.JWKSNoMatchingKey) return 'the token is signed with an unknown key';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'the signature of the token is wrong';
  return 'the token cannot be read';
}

/**
 * A token with `scp` acts for a person, one without for an application itself. When in doubt it is a person's: a person must
 * never act with the rights of the app.
 */
function toCaller(claims: JWTPayload): Caller {
  const applicationId = (textOf(claims.azp) ?? textOf(claims.appid))?.toLowerCase();
  const roles = Array.isArray(claims.roles) ? claims.roles.filter((role) => typeof role === 'string') : [];
  const isPerson =
    hasScope(claims) || claims.idtyp === 'user' || (claims.idtyp !== 'app' && namesPerson(claims));
  const id = isPerson ? textOf(claims.oid)?.toLowerCase() : applicationId;
  // An ID token names the API as its audience too, but no application that asked for it.
  if (id === undefined || applicationId === undefined) {
    throw new CallerUnauthenticated('the token is no access token: it does not say who asked for it');
  }
  const name = isPerson
    ? (textOf(claims.preferred_username) ??
      textOf(claims.upn) ??
      textOf(claims.unique_name) ??
      textOf(claims.name))
    : textOf(claims.app_displayname);
  return { kind: isPerson ? 'person' : 'application', id, name, applicationId, roles };
}

/** Entra writes scopes as one text. */
function hasScope({ scp }: JWTPayload): boolean {
  return scp !== undefined && scp !== null && scp !== '';
}

/** A person can sign in to an API that has no scopes; applications have no such names. */
function namesPerson({
  upn,
  unique_name: uniqueName,
  preferred_username: preferredName,
}: JWTPayload): boolean {
  return [upn, uniqueName, preferredName].some((name) => textOf(name) !== undefined);
}

/** The claims are there: the token was refused without them. */
function toAssertion(token: string, { tid, exp = 0 }: JWTPayload): PersonAssertion {
  return { token, tenantId: textOf(tid)?.toLowerCase() ?? '', expiresAt: exp * 1000 };
}

function textOf(claim: unknown): string | undefined {
  return typeof claim === 'string' && claim !== '' ? claim : undefined;
}

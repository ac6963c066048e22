import { createPublicKey } from 'node:crypto';
import {
  decodeJwt,
  decodeProtectedHeader,
  errors,
  jwtVerify,
  type JWTPayload,
  type ProtectedHeaderParameters,
} from 'jose';
import { credentialErrors } from './credentialErrors.ts';
import { entraRefusal, type EntraError } from './entraRefusal.ts';
import type { Certificate, FederatedCredential } from './credentials.ts';
import type { Principal } from './Principal.ts';
import { findResource } from './resources.ts';
import type { TokenRequest } from './TokenEndpoint.ts';

type VerificationKey = Parameters<typeof jwtVerify>[1];

/**
 * Checks the assertion of a client: signed with its own certificate when it names itself as the issuer, otherwise a token of
 * somebody whom its federated credentials trust.
 *
 * Sources: https://learn.microsoft.com/entra/identity-platform/certificate-credentials,
 * https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
 */
export async function verifyClientAssertion(
  request: TokenRequest,
  principal: Principal,
  assertion: string,
): Promise<void> {
  const { claims } = decode(request, assertion);
  // An application's id is no URL, and the issuer of a token always is.
  const isToken = URL.canParse(claims.iss ?? '');
  await (isToken ? verifyFederated : verifySigned)(request, principal, assertion);
}

async function verifySigned(
  request: TokenRequest,
  { appId, registration }: Principal,
  assertion: string,
): Promise<void> {
  const { endpoint, tenant, entraUrl } = request;
  const { header, claims } = decode(request, assertion);
  if (claims.iss !== appId) throw refuse(request, credentialErrors.otherClient(appId));
  if (claims.sub !== claims.iss) throw refuse(request, credentialErrors.subjectIsNotIssuer());
  for (const name of ['exp', 'jti']) {
    if (claims[name] === undefined) throw refuse(request, credentialErrors.missingClaim(name));
  }
  const { certificate, named } = findCertificate(registration.certificates, header);
  if (certificate === undefined) throw refuse(request, credentialErrors.unknownCertificate(appId, named));
  const now = endpoint.clock.nowMs();
  if (now < certificate.startMs || now >= certificate.expiresMs)
    throw refuse(request, credentialErrors.expiredCertificate(appId, certificate.thumbprint));
  // The documentation names no other algorithm, and an `alg` that the caller may choose would be a hole.
  await verifySignature(request, assertion, createPublicKey(certificate.pem), ['PS256', 'RS256']);
  const audiences = [tenant.id, tenant.domain].map((name) => `${entraUrl}/${name}/oauth2/v2.0/token`);
  if (typeof claims.aud !== 'string' || !audiences.includes(claims.aud))
    throw refuse(request, credentialErrors.wrongAudience());
}

/** By SHA-256 where given, by SHA-1 otherwise. */
function findCertificate(
  certificates: readonly Certificate[],
  header: ProtectedHeaderParameters,
): { certificate: Certificate | undefined; named: string } {
  const sha256 = header['x5t#S256'];
  const { x5t } = header;
  const named = typeof sha256 === 'string' ? sha256 : typeof x5t === 'string' ? x5t : '';
  const key = typeof sha256 === 'string' ? 'x5tS256' : 'x5t';
  return { certificate: certificates.find((one) => one[key] === named), named };
}

/** Only this Entra can be the issuer: nobody else's keys are known here. */
async function verifyFederated(
  request: TokenRequest,
  principal: Principal,
  assertion: string,
): Promise<void> {
  const { header, claims } = decode(request, assertion);
  const { appId, displayName, registration } = principal;
  if (registration.federatedCredentials.length === 0)
    throw refuse(request, credentialErrors.noFederatedCredential(appId, displayName));
  verifyTrust(request, registration.federatedCredentials, claims);
  const key = request.endpoint.keys.findPublicKey(header.kid ?? '');
  if (key === undefined) throw refuse(request, credentialErrors.invalidSignature('The key was not found.'));
  await verifySignature(request, assertion, key, ['RS256']);
  if (claims.scp !== undefined) throw refuse(request, credentialErrors.tokenOfPerson());
}

function verifyTrust(
  request: TokenRequest,
  credentials: readonly FederatedCredential[],
  claims: JWTPayload,
): void {
  const { iss = '', sub = '', aud } = claims;
  const names = toAudienceNames(request, String(aud));
  const ofIssuer = credentials.filter(({ issuer }) => issuer === iss);
  if (ofIssuer.length === 0) throw refuse(request, credentialErrors.noSuchIssuer(iss));
  const ofSubject = ofIssuer.filter(({ subject }) => subject === sub);
  if (ofSubject.length === 0) throw refuse(request, credentialErrors.noSuchSubject(sub));
  if (!ofSubject.some(({ audience }) => names.includes(audience)))
    throw refuse(request, credentialErrors.noSuchAudience(names.join()));
}

/**
 * A version 2 token names its resource by appId, a federated credential by URI; Entra knows that they are the same. Only the
 * names of this cloud count: nothing is trusted across clouds.
 */
function toAudienceNames({ tenant }: TokenRequest, audience: string): readonly string[] {
  const resource = findResource(audience);
  return resource?.appId === audience ? resource.servicePrincipalNames[tenant.cloud] : [audience];
}

async function verifySignature(
  request: TokenRequest,
  assertion: string,
  key: VerificationKey,
  algorithms: string[],
): Promise<void> {
  const { clock } = request.endpoint;
  try {
    const requiredClaims = ['exp'];
    await jwtVerify(assertion, key, {
      algorithms,
      requiredClaims,
      currentDate: clock.now(),
      clockTolerance: 300,
    });
  } catch (error) {
    const isLate =
      error instanceof errors.JWTExpired ||
      (error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf');
    if (isLate) throw refuse(request, credentialErrors.outsideLifetime(clock.now().toISOString()));
    throw refuse(request, credentialErrors.invalidSignature('The provided signature value did not match.'));
  }
}

function decode(
  request: TokenRequest,
  assertion: string,
): { header: ProtectedHeaderParameters; claims: JWTPayload } {
  try {
    return { header: decodeProtectedHeader(assertion), claims: decodeJwt(assertion) };
  } catch {
    throw refuse(request, credentialErrors.invalidSignature('The assertion is not a JSON Web Token.'));
  }
}

function refuse({ endpoint }: TokenRequest, error: EntraError): Error {
  return entraRefusal(error, endpoint.clock);
}

import type { Answer } from '../http/Answer.ts';
import { consentErrors } from './AdminConsents.ts';
import { grantRequiredAccess } from './Directory.ts';
import type { Registration } from './Principal.ts';
import type { TokenRequest } from './TokenEndpoint.ts';

/**
 * `GET /{tenant}/adminconsent` and `GET /{tenant}/v2.0/adminconsent`: the page on which an administrator consents, who does so
 * at once here, or declines when the control surface says so. Both end with a redirect to the application.
 *
 * Sources: https://learn.microsoft.com/entra/identity-platform/v2-admin-consent,
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow#request-the-permissions-from-a-directory-admin
 */
export function answerAdminConsent(request: TokenRequest, version: 1 | 2): Answer {
  const { endpoint, tenant, call } = request;
  const { query } = call;
  const clientId = query.get('client_id') ?? '';
  const redirectUri = query.get('redirect_uri') ?? '';
  const scope = query.get('scope');
  for (const name of version === 2 ? ['client_id', 'redirect_uri', 'scope'] : ['client_id', 'redirect_uri']) {
    if ((query.get(name) ?? '') === '')
      return page(`AADSTS900144: The request must contain the parameter '${name}'.`);
  }
  const registration = endpoint.directory.findRegistration(clientId);
  const mayConsent = registration?.isMultiTenant === true || registration?.homeTenantId === tenant.id;
  if (registration === undefined || !mayConsent)
    return page(
      `AADSTS700016: The application '${clientId}' was not found in the directory '${tenant.displayName}'.`,
    );
  if (!isRegistered(registration, redirectUri))
    return page(
      `AADSTS50011: The redirect URI '${redirectUri}' is not registered for the application '${clientId}'.`,
    );
  const decision = endpoint.adminConsents.of(tenant.id);
  const answer: Record<string, string> = { admin_consent: 'True' };
  if (decision.kind === 'decline') {
    answer.error = decision.error;
    answer.error_description = declined[decision.error];
  } else {
    consent(request, registration);
    answer.tenant = tenant.id;
    if (scope !== null) answer.scope = scope;
  }
  const state = query.get('state');
  if (state !== null) answer.state = state;
  const target = new URL(redirectUri);
  for (const [name, value] of Object.entries(answer)) target.searchParams.set(name, value);
  return { status: 302, headers: { Location: target.href, 'Cache-Control': 'no-store, no-cache' } };
}

const declined: Readonly<Record<(typeof consentErrors)[number], string>> = {
  access_denied: 'AADSTS65004: The administrator declined to consent to the application.',
  permission_denied: 'The admin canceled the request',
  consent_required: 'AADSTS65004: The resource owner or authorization server denied the request.',
};

function consent({ endpoint, tenant }: TokenRequest, registration: Registration): void {
  const { directory } = endpoint;
  const principal =
    directory.findByAppId(tenant.id, registration.appId) ??
    directory.addPrincipal(registration, { kind: 'application', tenantId: tenant.id });
  grantRequiredAccess(principal, tenant);
}

/**
 * Exactly as registered; the port does not count on this machine.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/reply-url#localhost-exceptions
 */
function isRegistered({ redirectUris }: Registration, redirectUri: string): boolean {
  const withoutPort = (uri: string) => uri.replace(/^(https?:\/\/(?:localhost|127\.0\.0\.1)):\d+/, '$1');
  const wanted = withoutPort(redirectUri);
  return URL.canParse(redirectUri) && redirectUris.some((one) => withoutPort(one) === wanted);
}

/** What the administrator sees instead of a redirect. */
function page(message: string): Answer {
  const text = message.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const body = `<!DOCTYPE html><html lang="en"><head><title>Sign in to your account</title></head><body><p>${text}</p></body></html>`;
  return { status: 400, headers: { 'Content-Type': 'text/html; charset=utf-8' }, body };
}

import { toPage } from '../http/page.ts';
import { responseServices } from '../services.ts';
import type { ConsentAnswer } from '../tenants/Consents.ts';
import { toConsentPage } from '../tenants/consentPage.ts';
import { registerEndpoint } from './registerEndpoint.ts';

/** Where Entra sends the browser of an administrator who was asked to consent. */
registerEndpoint('finishConsent', async ({ query, logger, signal }) => {
  const { state, tenant, error, admin_consent: adminConsent } = query as Readonly<Record<string, string>>;
  const answer: ConsentAnswer = { state, tenant, error, adminConsent };
  const result = await responseServices().consents().finish(answer, signal);
  if (result.kind === 'rejected') logger.warn('consent_rejected', { reason: result.reason });
  else if (result.kind === 'declined') logger.warn('consent_declined', { tenantId: result.tenantId });
  else logger.info('consent_given', { tenantId: result.tenantId });
  return toPage(toConsentPage(result));
});

import { expect, it } from 'vitest';
import { toConsentPage } from '../../src/tenants/consentPage.ts';
import { tenantId } from '../support/tenants.ts';

it('tells an administrator who consented what comes next', () => {
  const page = toConsentPage({ kind: 'given', tenantId: tenantId(1) });
  expect(page).toMatchObject({ status: 200, command: `npm run tenants -- add ${tenantId(1)}` });
});

it('tells one who declined how to change that', () => {
  const page = toConsentPage({ kind: 'declined', tenantId: tenantId(1) });
  expect(page.paragraphs.join(' ')).toMatch(/open the link again/);
});

it('says the same of every link that does not hold, so that nobody learns why', () => {
  const reasons = ['state', 'unknown', 'expired', 'used', 'tenant', 'answer'] as const;
  const pages = reasons.map((reason) => toConsentPage({ kind: 'rejected', reason }));
  expect(pages.every(({ status }) => status === 400)).toBe(true);
  expect(new Set(pages.map((page) => JSON.stringify(page))).size).toBe(1);
});

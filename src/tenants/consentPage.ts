import type { Page } from '../http/page.ts';
import type { ConsentResult } from './Consents.ts';

/** What an administrator reads who comes back from Entra. Of links that do not hold, nothing is said but that. */
export function toConsentPage(result: ConsentResult): Page {
  switch (result.kind) {
    case 'given':
      return {
        status: 200,
        title: 'Consent given',
        paragraphs: [
          'Thank you. The consent of your organization was recorded, and this page can be closed.',
          'Whoever sent you the link now adds your tenant, which checks what was consented to:',
        ],
        command: `npm run tenants -- add ${result.tenantId}`,
      };
    case 'declined':
      return {
        status: 200,
        title: 'No consent was given',
        paragraphs: [
          'Nothing has changed in your organization. If that was a mistake, open the link again: it works for a day.',
          'If you may not consent yourself, pass the link on to a Privileged Role Administrator of your organization.',
        ],
      };
    case 'rejected':
      return {
        status: 400,
        title: 'This link does not work',
        paragraphs: ['It works once, and for a day. Ask whoever sent it to you for a new one.'],
      };
  }
}

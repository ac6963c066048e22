import { listOf, object, text, time, whole, type Schema } from './schema.ts';

const yesOrNo = (summary: string, description: string): Schema => ({
  type: 'boolean',
  'x-ms-summary': summary,
  description,
});
const texts = (summary: string, description: string): Schema =>
  listOf({ type: 'string' }, summary, description);

const features = listOf(
  object(
    {
      feature: text('Feature', 'What the app can be switched to do.'),
      api: text('Service', 'Where it does it.', { enum: ['endpoint', 'xdr', 'graph'] }),
      isOn: yesOrNo('On', 'Whether it is switched on.'),
      isGranted: yesOrNo('Granted', 'Whether all is granted; absent when off or not known.'),
      missing: texts('Missing', 'The permissions that are missing, by name.'),
      command: text('Command', 'What grants them.'),
    },
    'A feature.',
  ),
  'Features',
  'Every feature, with what it lacks.',
);

/** What `GET /api/access` answers. */
export const accessSchema: Schema = object(
  {
    tenant: object(
      { id: text('Tenant id', 'Its id.'), name: text('Name', 'Its name.') },
      'The tenant.',
      'Tenant',
    ),
    isReady: yesOrNo('Ready', 'True when nothing failed.'),
    credential: object(
      {
        kind: text('Kind', 'How the app signs in.'),
        clientId: text('Client id', 'As which application.'),
      },
      'By what the app signs in.',
      'Credential',
    ),
    findings: listOf(
      object(
        {
          step: text('Step', 'The link of the chain.'),
          about: text('About', 'An API, a feature, or the name of a secret.'),
          status: text('Status', 'What was found.', { enum: ['ok', 'warning', 'failed', 'skipped'] }),
          text: text('Text', 'What was seen.'),
          advice: text('Advice', 'What to do.'),
          command: text('Command', 'What to run, or the link to open.'),
          requestId: text('Request id', "The service's request id, for a support case."),
          code: text('Code', 'A stable code.'),
        },
        'What was seen at one link of the chain.',
      ),
      'Findings',
      'Everything that was looked at, in the order of the chain.',
    ),
    tokens: listOf(
      object(
        {
          api: text('Service', 'For which API.'),
          audience: text('Audience', 'What it was asked for.'),
          how: text('How', 'By which credential, or onBehalfOf.'),
          validUntil: time('Valid until', 'When it ends.'),
          tenantId: text('Tenant id', 'Of which tenant it is.'),
          applicationId: text('Application', 'Of which application it is.'),
          person: text('Person', 'On whose behalf, if on anybody’s.'),
          roles: texts('Roles', 'The application roles that it carries.'),
          scopes: texts('Scopes', 'The delegated scopes that it carries.'),
          isVerified: yesOrNo('Verified', 'Whether Entra signed it; absent when that cannot be known.'),
        },
        'What a token says; never the token itself.',
      ),
      'Tokens',
      'The tokens that were got.',
    ),
    features,
    person: object(
      { name: text('Name', 'The user principal name.'), features },
      'What the person who asks could do; absent when no person asks.',
      'Person',
    ),
    calls: listOf(
      object(
        {
          api: text('Service', 'Which API was called.'),
          as: text('As', 'As whom.', { enum: ['application', 'person'] }),
          call: text('Call', 'Method and path.'),
          status: whole('Status', 'The HTTP status; absent when no answer came.'),
          requestId: text('Request id', "The service's request id, for a support case."),
          code: text('Code', 'A stable code of what went wrong.'),
        },
        'A harmless call.',
      ),
      'Calls',
      'The calls that were made.',
    ),
    problems: listOf(
      object(
        { code: text('Code', 'A stable code.'), message: text('Message', 'What is wrong.') },
        'What failed.',
      ),
      'Problems',
      'What failed, if anything did.',
    ),
  },
  'Whether the app can do in a tenant what it is set up for.',
);

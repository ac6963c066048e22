import { baseUrl, list, lowerCase, oneOf, text } from '../settingTypes.ts';
import { guid, vaultName } from './formats.ts';
import type { SettingDefinitions } from './SettingDefinition.ts';

const callerTenant = lowerCase(
  text(
    'caller=tenant pairs of GUIDs',
    /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}=[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  ),
);
const audience = text(
  'GUID or URI',
  /^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z][a-z0-9+.-]*:\/\/[^\s,]+)$/i,
);

/** Who may call, and on whose behalf Defender is called then. */
export const callerSettings = {
  PUBLIC_BASE_URL: {
    type: baseUrl,
    meaning:
      'Where callers reach this app, for the URLs in its answers. Absent: `https://` and `WEBSITE_HOSTNAME`, which Azure sets.',
  },
  CALLER_AUTH: {
    type: oneOf('entra', 'functionKey'),
    default: 'entra',
    meaning:
      'Who may call: whoever brings a token of Entra with the right app role, or (not advised) whoever has a function key.',
  },
  CALLER_AUDIENCE: {
    type: list(audience),
    meaning:
      'What tokens of callers are for: the client id of the API registration and its identifier URI. Needed for `entra`.',
  },
  CALLER_TENANT_ID: {
    type: lowerCase(guid),
    meaning: 'The tenant whose callers are let in. Absent: `DEFENDER_TENANT_ID`, which must be a GUID then.',
  },
  CALLER_ALLOWED_APPS: {
    type: list(lowerCase(guid)),
    meaning:
      'Client ids of the only applications that may call, or through which people may. Absent: no such limit.',
  },
  CALLER_TENANTS: {
    type: list(callerTenant),
    meaning:
      'Limits callers to tenants: `<caller>=<tenant>`, once for each tenant that the caller may use. The caller is the client id of an application or the object id of a person. Absent: no such limit.',
  },
  PERSON_REQUIRED_FOR: {
    type: list(oneOf('isolate', 'release', 'hunt', 'read')),
    default: 'none',
    meaning:
      'What only people may ask for, on whose behalf Defender is called then; applications are refused.',
  },
  ON_BEHALF_OF_CREDENTIAL: {
    type: oneOf('federated', 'clientSecret', 'clientCertificate', 'off'),
    default: 'federated',
    meaning:
      'How the API registration proves itself when it exchanges the token of a person for one of Defender: by the token of the user-assigned identity, by a secret or by a certificate. `off`: people are refused.',
  },
  ON_BEHALF_OF_CLIENT_ID: {
    type: guid,
    meaning: 'The API registration. Absent: the client id in `CALLER_AUDIENCE`.',
  },
  ON_BEHALF_OF_SECRET_NAME: {
    type: vaultName,
    meaning: 'Where the secret of the API registration lies in the vault. Needed for `clientSecret`.',
  },
  ON_BEHALF_OF_CERTIFICATE_NAME: {
    type: vaultName,
    meaning: 'Where its certificate lies in the vault, with its private key. Needed for `clientCertificate`.',
  },
  PUBLIC_CLIENT_ID: {
    type: guid,
    meaning: 'The public client as which people sign in at a terminal. Only `npm run defender` reads it.',
  },
} satisfies SettingDefinitions;

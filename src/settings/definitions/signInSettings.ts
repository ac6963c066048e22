import { clouds, regions } from '../clouds.ts';
import { baseUrl, duration, lowerCase, oneOf, text } from '../settingTypes.ts';
import { guid, uri, vaultName } from './formats.ts';
import type { SettingDefinitions } from './SettingDefinition.ts';

const tenant = lowerCase(text('GUID or domain name', /^[A-Za-z0-9][A-Za-z0-9.-]{2,}$/));

/** Where Defender is, and as what the app signs in there. */
export const signInSettings = {
  DEFENDER_TENANT_ID: {
    type: tenant,
    meaning:
      'The Entra tenant whose Defender is read. A GUID where people call, or where `CALLER_TENANTS` names it.',
  },
  DEFENDER_CLOUD: {
    type: oneOf(...clouds),
    default: 'global',
    meaning: "Which of Microsoft's clouds that tenant is in. Hosts, authority and audiences follow from it.",
  },
  DEFENDER_REGION: {
    type: oneOf(...regions),
    meaning:
      'Where Defender for Endpoint keeps the data, for a host that is nearer. The global cloud only. Absent: the host for all regions.',
  },
  DEFENDER_CREDENTIAL: {
    type: oneOf('managedIdentity', 'federated', 'clientSecret', 'clientCertificate'),
    default: 'managedIdentity',
    meaning:
      'How the token for Defender is got: by the identity itself, or by an app registration that proves itself by the token of a user-assigned identity, by a secret or by a certificate.',
  },
  DEFENDER_CLIENT_ID: {
    type: guid,
    meaning: 'The app registration. Needed for every credential but `managedIdentity`.',
  },
  DEFENDER_SECRET_NAME: {
    type: vaultName,
    meaning: 'Where the secret of the app registration lies in the vault. Needed for `clientSecret`.',
  },
  DEFENDER_CERTIFICATE_NAME: {
    type: vaultName,
    meaning: 'Where its certificate lies in the vault, with its private key. Needed for `clientCertificate`.',
  },
  KEY_VAULT_NAME: {
    type: text('name of a vault', /^[A-Za-z][A-Za-z0-9-]{2,23}$/),
    meaning:
      'The vault, by its name; its address follows from the cloud. This or `KEY_VAULT_URL` is needed for secrets and certificates.',
  },
  KEY_VAULT_URL: {
    type: baseUrl,
    meaning: 'The vault, by its address, for example `https://contoso.vault.azure.net`.',
  },
  AZURE_CLIENT_ID: {
    type: guid,
    meaning: 'The user-assigned managed identity. Absent: the system-assigned one.',
  },
  FEDERATED_AUDIENCE: {
    type: uri,
    defaultByCloud: 'federatedAudience',
    meaning: 'What the token of the identity is for, by which an app registration proves itself.',
  },
  AZURE_AUTHORITY_HOST: {
    type: baseUrl,
    defaultByCloud: 'authorityHost',
    meaning: 'Where Entra issues tokens.',
  },
  DEFENDER_API_URL: {
    type: baseUrl,
    defaultByCloud: 'endpointUrl',
    meaning: 'The host that serves the Defender for Endpoint API.',
  },
  DEFENDER_API_AUDIENCE: {
    type: uri,
    defaultByCloud: 'endpointAudience',
    meaning:
      'The resource that the token is for. It differs from the host on purpose: docs/decisions/2026-11-host-and-audience.md.',
  },
  DEFENDER_REQUEST_TIMEOUT: {
    type: duration('PT1S', 'PT3M'),
    default: 'PT60S',
    meaning: 'How long Defender may take to begin an answer, and to send the next piece of it.',
  },
} satisfies SettingDefinitions;

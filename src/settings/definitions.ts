import { clouds, regions, type CloudEndpoints } from './clouds.ts';
import {
  baseUrl,
  duration,
  list,
  lowerCase,
  oneOf,
  text,
  url,
  wholeNumber,
  type SettingType,
} from './settingTypes.ts';

export interface SettingDefinition<T> {
  readonly type: SettingType<T>;
  readonly default?: string;
  /** The default is what `DEFENDER_CLOUD` and `DEFENDER_REGION` say of this. */
  readonly defaultByCloud?: keyof CloudEndpoints;
  readonly meaning: string;
  /** True when the value itself must never be shown. */
  readonly secret?: boolean;
}

const guid = text('GUID', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i);
const tenant = lowerCase(text('GUID or domain name', /^[A-Za-z0-9][A-Za-z0-9.-]{2,}$/));
const anyText = text('text', /\S/);
const uri = text('URI', /^[a-z][a-z0-9+.-]*:\/\/\S+$/i);
const vaultName = text('name of a secret or certificate in Key Vault', /^[0-9A-Za-z-]{1,127}$/);
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

/** Every setting the app knows, by the name of its environment variable. */
export const settingDefinitions = {
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
  ALERT_PULL_SCHEDULE: {
    type: text('six-field NCRONTAB, UTC', /^\S+( \S+){5}$/),
    meaning:
      'When the pull runs. The Functions host reads it; without it the pull never runs. What is read never depends on it.',
  },
  ALERT_PULL_BUDGET: {
    type: duration('PT5S', 'P1D'),
    default: 'PT8M',
    meaning:
      'After how long a run stops by itself and leaves the rest to the next one. Keep it at 80 % of `functionTimeout` in host.json.',
  },
  ALERT_FIRST_LOOKBACK: {
    type: duration('PT1M', 'P180D'),
    default: 'PT48H',
    meaning: 'How far back the very first run begins.',
  },
  ALERT_OVERLAP: {
    type: duration('PT0S', 'P1D'),
    default: 'PT15M',
    meaning: 'How far behind the watermark every run reads again, for alerts that appear late.',
  },
  ALERT_SWEEP_LOOKBACK: {
    type: duration('PT0S', 'P7D'),
    default: 'PT24H',
    meaning: 'How far back the sweep reads again, for alerts that appear very late.',
  },
  ALERT_SWEEP_INTERVAL: {
    type: duration('PT1M', 'P1D'),
    default: 'PT1H',
    meaning: 'How often the sweep runs.',
  },
  ALERT_PAGE_SIZE: {
    type: wholeNumber('alerts', 1, 10_000),
    default: '1000',
    meaning: 'How many alerts one call asks for.',
  },
  ALERT_QUOTA_SHARE: {
    type: wholeNumber('percent', 1, 100),
    default: '60',
    meaning:
      "The pull's share of Defender's 100 calls a minute and 1,500 an hour; the rest is left to others.",
  },
  ALERT_LEDGER_RETENTION: {
    type: duration('P2D', 'P365D'),
    default: 'P30D',
    meaning:
      'How long it is remembered which versions were handed over. Reading further back than this repeats them.',
  },
  ALERT_WEBHOOK_URL: {
    type: url,
    secret: true,
    meaning:
      'Where alerts are delivered: a Logic App request trigger or any webhook. Absent: they stay in the queue `alerts`.',
  },
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
  TENANT_FAN_OUT_ABOVE: {
    type: wholeNumber('tenants', 0, 10_000),
    default: '25',
    meaning:
      'Up to so many tenants the timer pulls them itself; above, it puts one message per tenant on a queue, from which Azure Functions scales out.',
  },
  OPERATION_POLL_INTERVAL: {
    type: duration('PT1S', 'PT5M'),
    default: 'PT10S',
    meaning:
      'How soon a caller should ask again, and how often at most Defender is asked about one operation. It grows with the age of the operation.',
  },
  ACTION_CAP_PER_HOUR: {
    type: wholeNumber('actions', 1, 500),
    default: '60',
    meaning: 'How many isolations, and how many releases, may begin in any hour.',
  },
  ACTION_CAP_PER_CALLER: {
    type: wholeNumber('actions', 1, 500),
    default: '40',
    meaning: 'Likewise for each caller.',
  },
  PROTECTED_DEVICE_IDS: {
    type: list(lowerCase(text('Defender device ids', /^[0-9a-f]{40}$/i))),
    default: 'none',
    meaning: 'Devices that are never isolated.',
  },
  PROTECTED_DEVICE_NAMES: {
    type: list(lowerCase(text('full DNS names', /^[^\s*]+$/))),
    default: 'none',
    meaning: 'Likewise, by exact name.',
  },
  PROTECTED_DEVICE_TAGS: {
    type: list(lowerCase(anyText)),
    default: 'none',
    meaning: 'Likewise, for devices that carry one of these tags.',
  },
  PROTECTED_DEVICE_GROUPS: {
    type: list(lowerCase(anyText)),
    default: 'none',
    meaning: 'Likewise, for devices of these device groups, by name.',
  },
  PROTECTED_DEVICE_VALUES: {
    type: list(oneOf('Low', 'Normal', 'High')),
    default: 'High',
    meaning: 'Likewise, by the value that Defender gives the device.',
  },
  PROTECTED_OS_PLATFORMS: {
    type: list(lowerCase(text('names of operating systems, which may end in *', /^[^\s*]+\*?$/))),
    default: 'WindowsServer*',
    meaning: 'Likewise, by operating system. The default keeps domain controllers connected.',
  },
  ALERTS_API: {
    type: oneOf('endpoint', 'graph'),
    default: 'endpoint',
    meaning:
      'Where `GET /api/alerts` reads: the API of Defender for Endpoint, or Microsoft Graph with the alerts of all Defender products.',
  },
  INCIDENTS_API: {
    type: oneOf('graph', 'xdr'),
    default: 'graph',
    meaning: 'Where `GET /api/incidents` reads: Microsoft Graph, or the API of Defender XDR.',
  },
  HUNTING_API: {
    type: oneOf('graph', 'endpoint', 'xdr'),
    default: 'graph',
    meaning:
      'Which API runs hunting queries: Microsoft Graph, or those of Defender for Endpoint and Defender XDR, which stop on 2027-02-01.',
  },
  GRAPH_API_URL: {
    type: baseUrl,
    defaultByCloud: 'graphUrl',
    meaning: 'The host of Microsoft Graph.',
  },
  GRAPH_API_AUDIENCE: {
    type: uri,
    defaultByCloud: 'graphAudience',
    meaning: 'The resource that the token for Graph is for.',
  },
  XDR_API_URL: {
    type: baseUrl,
    defaultByCloud: 'xdrUrl',
    meaning: 'The host of the Defender XDR API.',
  },
  XDR_API_AUDIENCE: {
    type: uri,
    defaultByCloud: 'xdrAudience',
    meaning: 'The resource that the token for Defender XDR is for.',
  },
  HUNTING_TIMEOUT: {
    type: duration('PT1S', 'PT105S'),
    default: 'PT100S',
    meaning: 'How long a hunt may take, with its one repetition. Logic Apps wait 120 seconds for an answer.',
  },
  HEALTH_MAX_PULL_AGE: {
    type: duration('PT1M', 'P7D'),
    default: 'PT30M',
    meaning: 'How old the last complete pull may be before the app calls itself degraded.',
  },
  AzureWebJobsStorage: {
    type: anyText,
    secret: true,
    meaning: 'Connection string of the storage account; for local use.',
  },
  AzureWebJobsStorage__accountName: {
    type: text('storage account name', /^[a-z0-9]{3,24}$/),
    meaning: 'The storage account, reached by identity; for use in Azure.',
  },
  AzureWebJobsStorage__tableServiceUri: {
    type: baseUrl,
    meaning: 'The table endpoint, where it does not follow from the account name.',
  },
  AzureWebJobsStorage__queueServiceUri: { type: baseUrl, meaning: 'Likewise for queues.' },
  AzureWebJobsStorage__blobServiceUri: { type: baseUrl, meaning: 'Likewise for blobs.' },
  AzureWebJobsStorage__clientId: {
    type: guid,
    meaning: 'The user-assigned identity that reaches storage. Absent: as `AZURE_CLIENT_ID`.',
  },
} satisfies Record<string, SettingDefinition<unknown>>;

export type SettingName = keyof typeof settingDefinitions;

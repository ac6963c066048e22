import { endpointsOf, type Cloud } from './clouds.ts';
import { parseIdentity, type IdentitySettings } from './parseIdentity.ts';
import { SettingsReader, type Environment } from './SettingsReader.ts';

export interface StorageSettings {
  readonly connectionString?: string | undefined;
  readonly tableUrl?: string | undefined;
  readonly queueUrl?: string | undefined;
  readonly blobUrl?: string | undefined;
  readonly clientId?: string | undefined;
}

/** Where an API is, and what a token for it is asked for; the two differ for Defender for Endpoint. */
export interface ServiceEndpoint {
  readonly url: string;
  readonly audience: string;
}

/** By API. */
export interface DefenderEndpoints {
  readonly endpoint: ServiceEndpoint;
  readonly xdr: ServiceEndpoint;
  readonly graph: ServiceEndpoint;
}

export interface DefenderSettings {
  /** For tenants of a cloud; settings override what the documentation says of their own cloud only. */
  readonly endpointsOf: (cloud: Cloud) => DefenderEndpoints;
  readonly requestTimeoutMs: number;
}

export interface AlertSettings {
  readonly budgetMs: number;
  readonly firstLookbackMs: number;
  readonly overlapMs: number;
  readonly sweepLookbackMs: number;
  readonly sweepIntervalMs: number;
  readonly pageSize: number;
  readonly quotaSharePercent: number;
  readonly ledgerRetentionMs: number;
  readonly webhookUrl: string | undefined;
}

export interface Settings {
  readonly storage: StorageSettings;
  readonly identity: IdentitySettings;
  readonly defender: DefenderSettings;
  readonly alerts: AlertSettings;
  /** Up to so many tenants one run pulls itself. */
  readonly tenantFanOutAbove: number;
}

/**
 * Parses and checks every setting.
 * @throws SettingsError naming all faults at once.
 */
export function parseSettings(env: Environment): Settings {
  const reader = new SettingsReader(env);
  const settings: Settings = {
    storage: parseStorage(reader),
    identity: parseIdentity(reader),
    defender: parseDefender(reader),
    alerts: {
      budgetMs: reader.require('ALERT_PULL_BUDGET'),
      firstLookbackMs: reader.require('ALERT_FIRST_LOOKBACK'),
      overlapMs: reader.require('ALERT_OVERLAP'),
      sweepLookbackMs: reader.require('ALERT_SWEEP_LOOKBACK'),
      sweepIntervalMs: reader.require('ALERT_SWEEP_INTERVAL'),
      pageSize: reader.require('ALERT_PAGE_SIZE'),
      quotaSharePercent: reader.require('ALERT_QUOTA_SHARE'),
      ledgerRetentionMs: reader.require('ALERT_LEDGER_RETENTION'),
      webhookUrl: reader.find('ALERT_WEBHOOK_URL'),
    },
    tenantFanOutAbove: reader.require('TENANT_FAN_OUT_ABOVE'),
  };
  reader.throwFaults();
  return settings;
}

/** Only where alerts are stored: what the operator's tools need. @throws SettingsError */
export function parseStorageSettings(env: Environment): StorageSettings {
  const reader = new SettingsReader(env);
  const storage = parseStorage(reader);
  reader.throwFaults();
  return storage;
}

/** Only how the app signs in. @throws SettingsError */
export function parseIdentitySettings(env: Environment): IdentitySettings {
  const reader = new SettingsReader(env);
  const identity = parseIdentity(reader);
  reader.throwFaults();
  return identity;
}

/** The one setting that registration itself depends on: without a webhook, nothing reads the queue. */
export function isWebhookConfigured(env: Environment): boolean {
  return Boolean(env.ALERT_WEBHOOK_URL?.trim());
}

export function parseStorage(reader: SettingsReader): StorageSettings {
  const connectionString = reader.find('AzureWebJobsStorage');
  const account = reader.find('AzureWebJobsStorage__accountName');
  const endpoint = (service: string) =>
    account && `https://${account}.${service}.${reader.endpoints.storageSuffix}`;
  const storage = {
    connectionString,
    tableUrl: reader.find('AzureWebJobsStorage__tableServiceUri') ?? endpoint('table'),
    queueUrl: reader.find('AzureWebJobsStorage__queueServiceUri') ?? endpoint('queue'),
    blobUrl: reader.find('AzureWebJobsStorage__blobServiceUri') ?? endpoint('blob'),
    clientId: reader.find('AzureWebJobsStorage__clientId') ?? reader.find('AZURE_CLIENT_ID'),
  };
  const isByIdentity = storage.tableUrl && storage.queueUrl && storage.blobUrl;
  if (!connectionString && !isByIdentity) {
    reader.fault('set AzureWebJobsStorage (a connection string) or AzureWebJobsStorage__accountName');
  }
  return storage;
}

export function parseDefender(reader: SettingsReader): DefenderSettings {
  const cloud = reader.require('DEFENDER_CLOUD');
  const own = {
    endpoint: { url: reader.require('DEFENDER_API_URL'), audience: reader.require('DEFENDER_API_AUDIENCE') },
    xdr: { url: reader.require('XDR_API_URL'), audience: reader.require('XDR_API_AUDIENCE') },
    graph: { url: reader.require('GRAPH_API_URL'), audience: reader.require('GRAPH_API_AUDIENCE') },
  };
  return {
    endpointsOf: (other) => (other === cloud ? own : documentedEndpoints(other)),
    requestTimeoutMs: reader.require('DEFENDER_REQUEST_TIMEOUT'),
  };
}

function documentedEndpoints(cloud: Cloud): DefenderEndpoints {
  const { endpointUrl, endpointAudience, xdrUrl, xdrAudience, graphUrl, graphAudience } = endpointsOf(cloud);
  return {
    endpoint: { url: endpointUrl, audience: endpointAudience },
    xdr: { url: xdrUrl, audience: xdrAudience },
    graph: { url: graphUrl, audience: graphAudience },
  };
}

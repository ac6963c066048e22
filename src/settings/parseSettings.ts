import { SettingsReader, type Environment } from './SettingsReader.ts';

export interface StorageSettings {
  readonly connectionString?: string | undefined;
  readonly tableUrl?: string | undefined;
  readonly queueUrl?: string | undefined;
  readonly blobUrl?: string | undefined;
  readonly clientId?: string | undefined;
}

export interface IdentitySettings {
  readonly tenantId: string;
  readonly authorityHost: string;
  readonly managedIdentityClientId: string | undefined;
  /** Absent: the managed identity itself is the one that Defender knows. */
  readonly clientSecret: ClientSecretSettings | undefined;
}

export interface ClientSecretSettings {
  readonly clientId: string;
  readonly vaultUrl: string;
  readonly secretName: string;
}

export interface DefenderSettings {
  readonly url: string;
  readonly audience: string;
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
  const endpoint = (service: string) => account && `https://${account}.${service}.core.windows.net`;
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

export function parseIdentity(reader: SettingsReader): IdentitySettings {
  const usesSecret = reader.require('DEFENDER_CREDENTIAL') === 'clientSecret';
  return {
    tenantId: reader.require('DEFENDER_TENANT_ID'),
    authorityHost: reader.require('AZURE_AUTHORITY_HOST'),
    managedIdentityClientId: reader.find('AZURE_CLIENT_ID'),
    clientSecret: usesSecret
      ? {
          clientId: reader.require('DEFENDER_CLIENT_ID'),
          vaultUrl: reader.require('KEY_VAULT_URL'),
          secretName: reader.require('DEFENDER_SECRET_NAME'),
        }
      : undefined,
  };
}

export function parseDefender(reader: SettingsReader): DefenderSettings {
  return {
    url: reader.require('DEFENDER_API_URL'),
    audience: reader.require('DEFENDER_API_AUDIENCE'),
    requestTimeoutMs: reader.require('DEFENDER_REQUEST_TIMEOUT'),
  };
}

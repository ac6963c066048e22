import { settingDefinitions, type SettingDefinition, type SettingName } from './definitions.ts';
import { SettingsError } from './SettingsError.ts';

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

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Parses and checks every setting.
 * @throws SettingsError naming all faults at once.
 */
export function parseSettings(env: Environment): Settings {
  const reader = new SettingsReader(env);
  const settings: Settings = {
    storage: parseStorage(reader),
    identity: parseIdentity(reader),
    defender: {
      url: reader.require('DEFENDER_API_URL'),
      audience: reader.require('DEFENDER_API_AUDIENCE'),
      requestTimeoutMs: reader.require('DEFENDER_REQUEST_TIMEOUT'),
    },
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

/** The one setting that registration itself depends on: without a webhook, nothing reads the queue. */
export function isWebhookConfigured(env: Environment): boolean {
  return Boolean(env.ALERT_WEBHOOK_URL?.trim());
}

function parseStorage(reader: SettingsReader): StorageSettings {
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

function parseIdentity(reader: SettingsReader): IdentitySettings {
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

type SettingValue<N extends SettingName> = ReturnType<(typeof settingDefinitions)[N]['type']['parse']>;

/** Reads settings one by one and collects what is wrong with them. */
class SettingsReader {
  readonly #env: Environment;
  readonly #faults: string[] = [];

  constructor(env: Environment) {
    this.#env = env;
  }

  find<N extends SettingName>(name: N): SettingValue<N> | undefined {
    const definition: SettingDefinition<unknown> = settingDefinitions[name];
    const value = this.#env[name]?.trim() || definition.default;
    if (value === undefined) return undefined;
    try {
      return definition.type.parse(value) as SettingValue<N>;
    } catch (error) {
      this.fault(`${name} ${error instanceof Error ? error.message : 'is wrong'}`);
      return undefined;
    }
  }

  /** The value is only used after `throwFaults`, which never returns when something required is missing. */
  require<N extends SettingName>(name: N): SettingValue<N> {
    const faultsBefore = this.#faults.length;
    const value = this.find(name);
    if (value === undefined && this.#faults.length === faultsBefore) this.fault(`${name} is missing`);
    return value as SettingValue<N>;
  }

  fault(message: string): void {
    this.#faults.push(message);
  }

  throwFaults(): void {
    if (this.#faults.length > 0) throw new SettingsError([...new Set(this.#faults)]);
  }
}

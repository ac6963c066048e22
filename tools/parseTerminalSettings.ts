import type { Cloud } from '../src/settings/clouds.ts';
import { parseDefender, type DefenderSettings } from '../src/settings/parseSettings.ts';
import type { HuntingSettings, ReadingSettings } from '../src/settings/parseResponseSettings.ts';
import { SettingsReader, type Environment } from '../src/settings/SettingsReader.ts';

/** What a person at a terminal needs of the app's settings: whom to ask, and as which public client. */
export interface TerminalSettings {
  readonly tenantId: string;
  readonly cloud: Cloud;
  readonly authorityHost: string;
  /** Absent: only the Azure CLI's sign-in can be used. */
  readonly publicClientId: string | undefined;
  readonly defender: DefenderSettings;
  /** The app's own choice, so that people see what it sees; Graph unless it was changed, because the others stop. */
  readonly hunting: HuntingSettings;
  readonly reading: ReadingSettings;
}

/** @throws SettingsError naming all faults at once. */
export function parseTerminalSettings(env: Environment): TerminalSettings {
  const reader = new SettingsReader(env);
  const settings = {
    tenantId: reader.require('DEFENDER_TENANT_ID'),
    cloud: reader.require('DEFENDER_CLOUD'),
    authorityHost: reader.require('AZURE_AUTHORITY_HOST'),
    publicClientId: reader.find('PUBLIC_CLIENT_ID'),
    defender: parseDefender(reader),
    hunting: { api: reader.require('HUNTING_API'), timeoutMs: reader.require('HUNTING_TIMEOUT') },
    reading: { alertsApi: reader.require('ALERTS_API'), incidentsApi: reader.require('INCIDENTS_API') },
  };
  reader.throwFaults();
  return settings;
}

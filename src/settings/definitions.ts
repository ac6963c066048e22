import { alertSettings } from './definitions/alertSettings.ts';
import { callerSettings } from './definitions/callerSettings.ts';
import { responseSettings } from './definitions/responseSettings.ts';
import { signInSettings } from './definitions/signInSettings.ts';
import { storageSettings } from './definitions/storageSettings.ts';

export type { SettingDefinition } from './definitions/SettingDefinition.ts';

/** Every setting the app knows, by the name of its environment variable. */
export const settingDefinitions = {
  ...signInSettings,
  ...alertSettings,
  ...callerSettings,
  ...responseSettings,
  ...storageSettings,
};

export type SettingName = keyof typeof settingDefinitions;

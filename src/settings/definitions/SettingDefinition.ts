import type { CloudEndpoints } from '../clouds.ts';
import type { SettingType } from '../settingTypes.ts';

/** One setting: what it takes, and what it is for. */
export interface SettingDefinition<T> {
  readonly type: SettingType<T>;
  readonly default?: string;
  /** The default is what `DEFENDER_CLOUD` and `DEFENDER_REGION` say of this. */
  readonly defaultByCloud?: keyof CloudEndpoints;
  readonly meaning: string;
  /** True when the value itself must never be shown. */
  readonly secret?: boolean;
}

export type SettingDefinitions = Readonly<Record<string, SettingDefinition<unknown>>>;

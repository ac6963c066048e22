import { settingDefinitions, type SettingDefinition } from '../src/settings/definitions.ts';
import { parseFile } from './bicep/parseFile.ts';

/** Only for the system on one machine: in Azure, storage is reached by identity. */
export const LOCAL_SETTINGS: readonly string[] = ['AzureWebJobsStorage'];

/** For people who set the app up by hand: the deployment says the same with another setting. */
export const REPLACED_SETTINGS: readonly string[] = ['KEY_VAULT_NAME'];

/**
 * The settings that the deployment fills in by itself, in the order of infra/modules/appSettings.bicep.
 * @param appSettings the text of that file.
 */
export function readDerivedSettings(appSettings: string): readonly string[] {
  const { declarations } = parseFile('appSettings.bicep', appSettings);
  const table = declarations.find(({ kind, name }) => kind === 'var' && name === 'appSettings');
  if (table?.kind !== 'var' || table.value.kind !== 'object') throw new Error('var appSettings is missing');
  return table.value.entries.map(({ key }) => (key?.kind === 'literal' ? String(key.value) : ''));
}

/** Every other setting: whoever deploys may give it, and nobody has to. */
export function listTunableSettings(appSettings: string): readonly string[] {
  const others = new Set([...readDerivedSettings(appSettings), ...LOCAL_SETTINGS, ...REPLACED_SETTINGS]);
  return Object.keys(settingDefinitions).filter((name) => !others.has(name));
}

/** infra/modules/tunableSettings.bicep, as the definitions say it. */
export function formatTunableSettings(appSettings: string): string {
  const definitions: Readonly<Record<string, SettingDefinition<unknown>>> = settingDefinitions;
  const properties = listTunableSettings(appSettings).map((name) => {
    const { meaning = '', type, default: fallback, defaultByCloud } = definitions[name] ?? {};
    const ending = defaultByCloud
      ? 'Default: by the cloud.'
      : fallback
        ? `Default: ${fallback}.`
        : 'No default.';
    const text = `Optional. ${meaning} Unit: ${type?.unit ?? 'text'}. ${ending}`;
    return `  @description('${text.replace(/['\\]/g, '\\$&').replaceAll('${', '\\${')}')\n  ${name}: string?\n`;
  });
  return [
    '// Written by `npm run docs` from src/settings/definitions.ts.',
    '',
    '@export()',
    "@description('The settings of the app that a deployment may give; what it does not give takes the default of the app.')",
    `type TunableSettings = {\n${properties.join('\n')}}`,
    '',
  ].join('\n');
}

import { clouds, endpointsOf, regions, type CloudEndpoints } from '../src/settings/clouds.ts';
import { settingDefinitions, type SettingDefinition } from '../src/settings/definitions.ts';
import { parseFile } from './bicep/parseFile.ts';
import type { Expression } from './bicep/Expression.ts';
import { formatTable } from './formatTable.ts';
import { LOCAL_SETTINGS, readDerivedSettings, REPLACED_SETTINGS } from './tunableSettings.ts';

/**
 * docs/settings.md.
 * @param read the text of a file of the repository.
 */
export function formatSettingsPage(read: (file: string) => string): string {
  const derived = new Set(readDerivedSettings(read('infra/modules/appSettings.bicep')));
  const settings = Object.entries<SettingDefinition<unknown>>(settingDefinitions).map(
    ([name, { type, default: fallback, defaultByCloud, meaning, secret }]) => [
      `\`${name}\``,
      type.unit,
      defaultByCloud ? '[by cloud](#by-cloud)' : fallback === undefined ? '' : `\`${fallback}\``,
      setBy(name, derived),
      `${meaning}${secret ? ' A secret: it is never logged.' : ''}`,
    ],
  );
  return `# Settings

Written by \`npm run docs\` from \`src/settings/definitions.ts\`, \`infra/main.bicep\` and \`infra/main.bicepparam\`.

Text is trimmed; an empty setting counts as absent. A wrong or missing one fails the function with \`settings_invalid\`, which names all of them.

## Of the app

Where it says \`azd env set\`, \`azd env set NAME value\` and \`azd provision\` set it in Azure. The others follow from the parameters below.

${formatTable([['name', 'unit', 'default', 'set in Azure by', 'meaning'], ...settings])}

## By cloud

What follows from \`DEFENDER_CLOUD\` and, for Defender for Endpoint in the global cloud, from \`DEFENDER_REGION\`. A setting that is given comes before it; the region changes the host and never the audience.

${formatTable([['setting', ...clouds.map((cloud) => `\`${cloud}\``)], ...listEndpoints()])}

${formatTable([['region', '`DEFENDER_API_URL`'], ...listRegions()])}

## Of the deployment

\`azd env set NAME value\`, or the parameter itself with \`az deployment sub create\`. Everything but the name of the environment and the region has a default.

${formatTable([['parameter', 'environment variable', 'default', 'meaning'], ...listParameters(read)])}
`;
}

function setBy(name: string, derived: ReadonlySet<string>): string {
  if (LOCAL_SETTINGS.includes(name)) return 'local only';
  if (REPLACED_SETTINGS.includes(name)) return 'nobody';
  return derived.has(name) ? 'the deployment' : '`azd env set`';
}

/** One row for each value that a cloud decides. */
function listEndpoints(): readonly (readonly string[])[] {
  const settings: Readonly<Record<string, SettingDefinition<unknown>>> = settingDefinitions;
  const values = Object.keys(endpointsOf('global')) as readonly (keyof CloudEndpoints)[];
  const suffixes: Readonly<Record<string, string>> = {
    vaultSuffix: 'Key Vault, after the name of the vault',
    storageSuffix: 'storage, after the names of account and service',
  };
  return values.map((value) => {
    const setting = Object.keys(settings).find((name) => settings[name]?.defaultByCloud === value);
    return [
      setting ? `\`${setting}\`` : (suffixes[value] ?? value),
      ...clouds.map((cloud) => `\`${endpointsOf(cloud)[value]}\``),
    ];
  });
}

function listRegions(): readonly (readonly string[])[] {
  return [undefined, ...regions].map((region) => [
    region === undefined ? 'absent' : `\`${region}\``,
    `\`${endpointsOf('global', region).endpointUrl}\``,
  ]);
}

function listParameters(read: (file: string) => string): readonly (readonly string[])[] {
  const variables = readVariables(read('infra/main.bicepparam'));
  return parseFile('main.bicep', read('infra/main.bicep')).declarations.flatMap((declaration) => {
    if (declaration.kind !== 'param' || declaration.name === 'settings') return [];
    const { name, decorators, value } = declaration;
    const described = decorators.find((decorator) => decorator.name === 'description')?.args[0];
    const meaning = described?.kind === 'literal' ? String(described.value) : '';
    const shown = value?.kind === 'literal' ? `\`${String(value.value)}\`` : '';
    return [
      [
        `\`${name}\``,
        variables(name)
          .map((variable) => `\`${variable}\``)
          .join(', '),
        shown,
        meaning,
      ],
    ];
  });
}

/** The environment variables that the value of each parameter is read from. */
export function readVariables(text: string): (parameter: string) => readonly string[] {
  const { declarations } = parseFile('main.bicepparam', text);
  const variablesOf = (expression: Expression): readonly string[] => {
    switch (expression.kind) {
      case 'call': {
        const [first] = expression.args;
        const isRead = expression.name === 'readEnvironmentVariable' && first?.kind === 'literal';
        return isRead ? [String(first.value)] : expression.args.flatMap(variablesOf);
      }
      case 'name':
        return valueOf(expression.name);
      case 'choice':
        return [expression.condition, expression.yes, expression.no].flatMap(variablesOf);
      case 'object':
        return expression.entries.flatMap(({ value }) => variablesOf(value));
      default:
        return [];
    }
  };
  const valueOf = (name: string): readonly string[] => {
    const found = declarations.find((declaration) => declaration.name === name);
    const value = found?.kind === 'param' || found?.kind === 'var' ? found.value : undefined;
    return value ? [...new Set(variablesOf(value))] : [];
  };
  return valueOf;
}

import { permissions } from '../src/identity/permissions.ts';
import { withEntraErrors, withGeneratedSections } from './generatedSections.ts';
import { formatPermissionsPage } from './permissionsPage.ts';
import { formatSettingsPage } from './settingsPage.ts';
import { formatTunableSettings } from './tunableSettings.ts';

/**
 * Every file that `npm run docs` writes, by its path, as its sources say it today.
 * @param read the text of a file of the repository.
 */
export function listGeneratedFiles(read: (file: string) => string): Readonly<Record<string, string>> {
  return {
    'README.md': withGeneratedSections(read('README.md'), read('docs/errors.md')),
    'docs/errors.md': withEntraErrors(read('docs/errors.md')),
    'docs/permissions.md': formatPermissionsPage(read),
    'docs/settings.md': formatSettingsPage(read),
    'infra/permissions.json': formatJson(permissions),
    'infra/modules/tunableSettings.bicep': formatTunableSettings(read('infra/modules/appSettings.bicep')),
  };
}

/** JSON as the formatter leaves it: a list of texts on one line. */
function formatJson(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  return `${text.replace(/\[\s+("[^\]]*")\s+\]/g, (_, items: string) => `[${items.replace(/\s*\n\s*/g, ' ')}]`)}\n`;
}

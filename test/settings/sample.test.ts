import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { settingDefinitions, type SettingDefinition } from '../../src/settings/definitions.ts';
import { parseResponseSettings } from '../../src/settings/parseResponseSettings.ts';
import { parseSettings } from '../../src/settings/parseSettings.ts';

const file = path.resolve(import.meta.dirname, '../../local.settings.sample.json');
const { Values } = JSON.parse(readFileSync(file, 'utf8')) as { Values: Record<string, string> };

describe('the sample of the settings', () => {
  it('is right as it is, for the pull and for what callers ask for', () => {
    expect(() => parseSettings(Values)).not.toThrow();
    expect(() => parseResponseSettings(Values)).not.toThrow();
  });

  it('shows the default of every setting that has one', () => {
    for (const [name, { default: value }] of Object.entries<SettingDefinition<unknown>>(settingDefinitions)) {
      if (value !== undefined && name in Values) expect(Values[name], name).toBe(value);
    }
  });

  it('opens nothing: callers bring tokens, and no secret lies in it', () => {
    expect(Values.CALLER_AUTH).toBe('entra');
    expect(Values.ALERT_WEBHOOK_URL).toBe('');
    expect(Values.AzureWebJobsStorage).toBe('UseDevelopmentStorage=true');
  });
});

import { SettingsError } from '../../src/settings/SettingsError.ts';

/** The faults for which settings are refused; none when they are taken. */
export function settingFaults(parse: () => unknown): readonly string[] {
  try {
    parse();
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
    throw error;
  }
  return [];
}

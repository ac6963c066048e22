import type { SettingsError } from '../settings/SettingsError.ts';
import { judge, type AccessReport } from './AccessReport.ts';
import { toSettingsFinding } from './Doctor.ts';
import type { Finding } from './Finding.ts';

/** The report where the settings do not even say whom to ask: all of their faults, and nothing else was looked at. */
export function reportOnSettings({ faults }: SettingsError): AccessReport {
  const rest: Finding = {
    step: 'token',
    status: 'skipped',
    text: 'Nothing else can be looked at before the settings are right.',
  };
  const findings = [...faults.map(toSettingsFinding), rest];
  return {
    tenant: { id: '', name: '' },
    ...judge(findings),
    credential: { kind: 'unknown' },
    findings,
    tokens: [],
    features: [],
    calls: [],
  };
}

import { Doctor } from '../doctor/Doctor.ts';
import { parseDoctorSettings } from '../doctor/parseDoctorSettings.ts';
import { createApplicationCredential } from '../identity/createApplicationCredential.ts';
import { createCredentialWatch } from '../identity/CredentialWatch.ts';
import type { OnBehalfOf } from '../identity/TokenSource.ts';
import { systemClock as clock } from '../runtime/Clock.ts';
import type { CallerSettings } from '../settings/parseResponseSettings.ts';
import { SettingsError } from '../settings/SettingsError.ts';
import { processLogger, tenants } from './shared.ts';

/** The doctor, who looks with the app's own settings and keeps nothing. @throws SettingsError */
export function createDoctor(
  onBehalfOf: OnBehalfOf | undefined,
  { tenantsOf }: Pick<CallerSettings, 'tenantsOf'>,
): Doctor {
  const settings = parseDoctorSettings(process.env);
  if (settings instanceof SettingsError) throw settings;
  return new Doctor({
    settings,
    tenants: tenants(),
    tenantsOf,
    openApplication: () => createApplicationCredential(settings.identity, clock, processLogger),
    onBehalfOf,
    // New ones each time: they keep what they get for an hour.
    openWatch: (identity, people) => createCredentialWatch(identity, people, clock),
    clock,
  });
}

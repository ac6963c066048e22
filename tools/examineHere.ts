import { Doctor } from '../src/doctor/Doctor.ts';
import type { AccessReport } from '../src/doctor/AccessReport.ts';
import { parseDoctorSettings, type DoctorSettings } from '../src/doctor/parseDoctorSettings.ts';
import { reportOnSettings } from '../src/doctor/reportOnSettings.ts';
import { createApplicationCredential } from '../src/identity/createApplicationCredential.ts';
import { createOnBehalfOf } from '../src/identity/createOnBehalfOf.ts';
import { createCredentialWatch } from '../src/identity/CredentialWatch.ts';
import { systemClock as clock } from '../src/runtime/Clock.ts';
import { createLogger } from '../src/runtime/Logger.ts';
import { SettingsError } from '../src/settings/SettingsError.ts';
import type { Environment } from '../src/settings/SettingsReader.ts';
import type { Tenant } from '../src/tenants/Tenant.ts';
import { UsageError } from './runCommand.ts';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The report as the app would make it, made in this process: for a pipeline that has the app's settings, and an identity that
 * may be used from there.
 * @param tenant by id: names are only in the app's storage.
 * @throws UsageError for a tenant that is no id.
 */
export async function examineHere(env: Environment, tenant: string | undefined): Promise<AccessReport> {
  const settings = parseDoctorSettings(env);
  if (settings instanceof SettingsError) return reportOnSettings(settings);
  const found = toTenant(settings, tenant);
  // The report goes to the standard output, and nothing else does.
  const logger = createLogger({ info: () => undefined, warn: console.error, error: console.error });
  const { identity, onBehalfOf } = settings;
  const doctor = new Doctor({
    settings,
    tenants: { find: () => Promise.resolve(found) },
    tenantsOf: new Map(),
    openApplication: () => createApplicationCredential(identity, clock, logger),
    onBehalfOf: onBehalfOf && createOnBehalfOf(identity, onBehalfOf, clock, logger),
    openWatch: (...of) => createCredentialWatch(...of, clock),
    clock,
  });
  return await doctor.examine({ id: '', person: undefined }, undefined, new AbortController().signal);
}

function toTenant({ identity }: DoctorSettings, tenant: string | undefined): Tenant {
  const id = (tenant ?? identity.tenantId).toLowerCase();
  const isHome = id === identity.tenantId || id === 'home';
  if (!isHome && !GUID.test(id)) {
    throw new UsageError('With --here, name the tenant by its id: its name is only known to the app.');
  }
  return {
    id: isHome ? identity.tenantId : id,
    name: isHome ? 'home' : id,
    cloud: identity.cloud,
    isEnabled: true,
    isHome,
    addedAt: undefined,
    lastSuccess: undefined,
  };
}

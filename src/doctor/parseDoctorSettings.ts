import type { PermittedFeature } from '../identity/permissions.ts';
import { parseDefender, parseSettings, type DefenderSettings } from '../settings/parseSettings.ts';
import { parseResponseSettings, type HuntingSettings } from '../settings/parseResponseSettings.ts';
import { parseIdentity, type ApplicationSettings, type IdentitySettings } from '../settings/parseIdentity.ts';
import { SettingsError } from '../settings/SettingsError.ts';
import { SettingsReader, type Environment } from '../settings/SettingsReader.ts';

/** What the doctor has to know of a deployment; what else is wrong with its settings stands in `faults`. */
export interface DoctorSettings {
  readonly identity: IdentitySettings;
  readonly defender: DefenderSettings;
  readonly onBehalfOf: ApplicationSettings | undefined;
  readonly huntingApi: HuntingSettings['api'] | undefined;
  /** What is switched on. */
  readonly features: ReadonlySet<PermittedFeature>;
  readonly faults: readonly string[];
}

type Chosen = Readonly<
  Record<'ALERT_PULL_SCHEDULE' | 'HUNTING_API' | 'ALERTS_API' | 'INCIDENTS_API', unknown>
>;

interface Switch {
  /** Off when all of them are disabled. */
  readonly functions: readonly string[];
  readonly isChosen: (chosen: Chosen) => boolean;
}

const reading = ['listAlerts', 'getAlert'];
const readingIncidents = ['listIncidents', 'getIncident'];

const switches: Readonly<Record<PermittedFeature, Switch>> = {
  pullAlerts: {
    functions: ['pullAlerts'],
    isChosen: ({ ALERT_PULL_SCHEDULE }) => ALERT_PULL_SCHEDULE !== undefined,
  },
  actOnDevices: { functions: ['isolateDevice', 'releaseDevice', 'findDevices'], isChosen: () => true },
  huntWithGraph: { functions: ['runHunt'], isChosen: ({ HUNTING_API }) => HUNTING_API === 'graph' },
  huntWithEndpoint: { functions: ['runHunt'], isChosen: ({ HUNTING_API }) => HUNTING_API === 'endpoint' },
  huntWithXdr: { functions: ['runHunt'], isChosen: ({ HUNTING_API }) => HUNTING_API === 'xdr' },
  readAlertsFromEndpoint: { functions: reading, isChosen: ({ ALERTS_API }) => ALERTS_API === 'endpoint' },
  readAlertsFromGraph: { functions: reading, isChosen: ({ ALERTS_API }) => ALERTS_API === 'graph' },
  readIncidentsFromGraph: {
    functions: readingIncidents,
    isChosen: ({ INCIDENTS_API }) => INCIDENTS_API === 'graph',
  },
  readIncidentsFromXdr: {
    functions: readingIncidents,
    isChosen: ({ INCIDENTS_API }) => INCIDENTS_API === 'xdr',
  },
};

/** The settings, or all their faults when without the faulty ones nothing can be looked at. Never throws. */
export function parseDoctorSettings(env: Environment): DoctorSettings | SettingsError {
  const reader = new SettingsReader(env);
  const identity = parseIdentity(reader);
  const defender = parseDefender(reader);
  const needed = attempt(() => {
    reader.throwFaults();
  });
  const response = attempt(() => parseResponseSettings(env));
  const faults = [
    ...new Set([...needed.faults, ...attempt(() => parseSettings(env)).faults, ...response.faults]),
  ];
  if (needed.faults.length > 0) return new SettingsError(faults);
  const chosen = {
    ALERT_PULL_SCHEDULE: reader.find('ALERT_PULL_SCHEDULE'),
    HUNTING_API: reader.find('HUNTING_API'),
    ALERTS_API: reader.find('ALERTS_API'),
    INCIDENTS_API: reader.find('INCIDENTS_API'),
  };
  const late = attempt(() => {
    reader.throwFaults();
  });
  return {
    identity,
    defender,
    onBehalfOf: response.value?.onBehalfOf,
    huntingApi: chosen.HUNTING_API,
    features: new Set(
      (Object.entries(switches) as [PermittedFeature, Switch][]).flatMap(
        ([feature, { functions, isChosen }]) =>
          isChosen(chosen) && functions.some((name) => !isDisabled(env, name)) ? [feature] : [],
      ),
    ),
    faults: [...new Set([...faults, ...late.faults])],
  };
}

/**
 * App Service on Linux writes an underscore for each period in the name of a setting.
 * Sources: https://learn.microsoft.com/azure/azure-functions/disable-function,
 * https://learn.microsoft.com/azure/app-service/configure-common
 */
function isDisabled(env: Environment, name: string): boolean {
  const value = env[`AzureWebJobs.${name}.Disabled`] ?? env[`AzureWebJobs_${name}_Disabled`] ?? '';
  return ['true', '1'].includes(value.trim().toLowerCase());
}

function attempt<T>(parse: () => T): { readonly value?: T; readonly faults: readonly string[] } {
  try {
    return { value: parse(), faults: [] };
  } catch (error) {
    if (error instanceof SettingsError) return { faults: error.faults };
    throw error;
  }
}

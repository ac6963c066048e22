import type { SimulatedClock } from '../clock/SimulatedClock.ts';
import { AlertStore } from '../defender/alerts/AlertStore.ts';
import { IncidentChanges } from '../defender/incidents/IncidentChanges.ts';
import { MachineActionStore } from '../defender/machineActions/MachineActionStore.ts';
import { MachineStore } from '../defender/machines/MachineStore.ts';
import { DefenderRoles } from '../defender/roles/DefenderRoles.ts';
import { HuntingData } from '../hunting/tables/HuntingData.ts';
import { AlertWriter } from './AlertWriter.ts';
import type { Company } from './Company.ts';
import { MachineWriter } from './MachineWriter.ts';

/** What Defender holds for one tenant, and who writes it. */
export interface Estate {
  readonly company: Company;
  readonly alerts: AlertStore;
  readonly writer: AlertWriter;
  readonly machines: MachineStore;
  readonly machineActions: MachineActionStore;
  readonly machineWriter: MachineWriter;
  /** What people did to incidents; everything else about them follows from the alerts. */
  readonly incidentChanges: IncidentChanges;
  readonly huntingData: HuntingData;
  /** What people may do in this tenant's Defender. */
  readonly roles: DefenderRoles;
}

/** What an estate is made from. */
export interface EstateInit {
  readonly company: Company;
  readonly clock: SimulatedClock;
  readonly seed: number;
}

/** The estate of a company: its machines, and neither alerts nor roles. */
export function createEstate({ company, clock, seed }: EstateInit): Estate {
  const alerts = new AlertStore(seed);
  const machines = new MachineStore(seed);
  const machineActions = new MachineActionStore(machines, clock, seed);
  const machineWriter = new MachineWriter({ store: machines, actions: machineActions, clock, company, seed });
  machineWriter.reset();
  return {
    company,
    alerts,
    writer: new AlertWriter(alerts, clock, company, seed),
    machines,
    machineActions,
    machineWriter,
    incidentChanges: new IncidentChanges(),
    huntingData: new HuntingData({ company, alerts, machines, clock, seed }),
    roles: new DefenderRoles(),
  };
}

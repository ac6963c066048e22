import type { AlertFields } from '../alerts/AlertVersion.ts';
import type { MachineFields, MachineStore } from '../machines/MachineStore.ts';
import type { DeviceGroups } from './DefenderRoles.ts';

/** What a caller may see of a tenant. */
export interface Viewpoint {
  seesMachine(machine: MachineFields): boolean;
  /** An alert is seen by whoever sees its machine; one without a machine or a group is seen by everybody. */
  seesAlert(alert: AlertFields): boolean;
}

/** Applications are not limited to device groups. */
export const everything: Viewpoint = { seesMachine: () => true, seesAlert: () => true };

/** What the ungrouped devices are called in samples: https://learn.microsoft.com/graph/api/security-list-alerts_v2 */
const ungrouped = 'UnassignedGroup';

/**
 * What a person sees whose role is limited to device groups.
 *
 * Source: https://learn.microsoft.com/defender-endpoint/machine-groups
 */
export function createViewpoint(groups: DeviceGroups, machines: MachineStore): Viewpoint {
  if (groups === 'all') return everything;
  const seesMachine = ({ rbacGroupName, rbacGroupId }: MachineFields): boolean =>
    groups.includes(typeof rbacGroupName === 'string' ? rbacGroupName : ungrouped) ||
    (typeof rbacGroupId === 'number' && groups.includes(String(rbacGroupId)));
  return {
    seesMachine,
    seesAlert({ machineId, rbacGroupName }) {
      const machine = typeof machineId === 'string' ? machines.find(machineId) : undefined;
      if (machine !== undefined) return seesMachine(machine.fields);
      return typeof rbacGroupName !== 'string' || groups.includes(rbacGroupName);
    },
  };
}

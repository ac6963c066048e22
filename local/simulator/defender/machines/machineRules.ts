import type { CollectionRules } from '../../odata/parseQueryOptions.ts';
import { largestPage } from '../answerEntities.ts';

/** The values of `healthStatus`, in Microsoft's spelling. */
export const healthStatuses = [
  'Active',
  'Inactive',
  'ImpairedCommunication',
  'NoSensorData',
  'NoSensorDataImpairedCommunication',
  'Unknown',
] as const;

/**
 * What the list of machines can be asked.
 *
 * `rbacGroupId` is documented as text and shown, and used by others, as a number. `aadDeviceId` is a Guid: public clients of
 * the service write it without quotes.
 * Source: https://learn.microsoft.com/defender-endpoint/api/get-machines,
 * https://learn.microsoft.com/defender-endpoint/api/exposed-apis-odata-samples (other spellings, `startswith`)
 */
export const machineRules: CollectionRules = {
  filter: {
    properties: {
      computerDnsName: { kind: 'string' },
      id: { kind: 'string' },
      version: { kind: 'string' },
      deviceValue: { kind: 'enum', members: ['Normal', 'Low', 'High'] },
      aadDeviceId: { kind: 'guid' },
      machineTags: { kind: 'collection' },
      lastSeen: { kind: 'instant' },
      exposureLevel: { kind: 'enum', members: ['None', 'Low', 'Medium', 'High'] },
      onboardingStatus: { kind: 'string' },
      lastIpAddress: { kind: 'string' },
      healthStatus: { kind: 'enum', members: healthStatuses },
      osPlatform: { kind: 'string' },
      riskScore: { kind: 'enum', members: ['None', 'Informational', 'Low', 'Medium', 'High'] },
      rbacGroupId: { kind: 'number' },
    },
    aliases: {
      ComputerDnsName: 'computerDnsName',
      LastSeen: 'lastSeen',
      HealthStatus: 'healthStatus',
      OsPlatform: 'osPlatform',
      RiskScore: 'riskScore',
      RbacGroupId: 'rbacGroupId',
    },
    hasStartsWith: true,
  },
  largestTop: largestPage,
};

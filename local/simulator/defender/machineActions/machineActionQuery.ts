import type { CollectionRules } from '../../odata/parseQueryOptions.ts';
import { largestPage } from '../answerEntities.ts';
import { machineActionStatuses, machineActionTypes } from './MachineAction.ts';

/**
 * What the list of machine actions can be asked.
 *
 * `id` is documented as a Guid, whose literal has no quotes; a public client of the service writes it with quotes. Both work.
 * Source: https://learn.microsoft.com/defender-endpoint/api/get-machineactions-collection,
 * https://learn.microsoft.com/defender-endpoint/api/exposed-apis-odata-samples (other spellings)
 */
export const machineActionQuery: CollectionRules = {
  filter: {
    properties: {
      id: { kind: 'guid', isAlsoQuoted: true },
      status: { kind: 'enum', members: machineActionStatuses },
      machineId: { kind: 'string' },
      type: { kind: 'enum', members: machineActionTypes },
      requestor: { kind: 'string' },
      creationDateTimeUtc: { kind: 'instant' },
    },
    aliases: {
      Status: 'status',
      MachineId: 'machineId',
      Type: 'type',
      Requestor: 'requestor',
      CreationDateTimeUtc: 'creationDateTimeUtc',
    },
  },
  largestTop: largestPage,
};

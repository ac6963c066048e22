import type { Estate } from '../../company/Estate.ts';
import type { Answer } from '../../http/Answer.ts';
import { selectPage } from '../../odata/selectPage.ts';
import { answerCollection, answerEntity } from '../answerEntities.ts';
import { defenderErrors, defenderRefusal } from '../defenderRefusal.ts';
import type { OperationContext } from '../Operation.ts';
import { parseCollectionQuery, refuseQueryOptions } from '../parseCollectionQuery.ts';
import { incidentRules, largestIncidentPage } from './incidentRules.ts';
import { findIncident, listIncidents } from './listIncidents.ts';
import { toXdrIncident } from './toXdrIncident.ts';

/** `GET /api/incidents`, newest first. Source: https://learn.microsoft.com/defender-xdr/api-list-incidents */
export function answerIncidentList(estate: Estate, context: OperationContext): Answer {
  const { call, apiUrl } = context;
  const options = parseCollectionQuery(call, incidentRules);
  const incidents = listIncidents({ estate, ...context });
  const records = incidents.map((incident) => toXdrIncident(incident, estate.machines));
  return answerCollection({
    call,
    options,
    page: selectPage(records, options, largestIncidentPage),
    apiUrl,
    entitySet: 'Incidents',
    path: 'incidents',
    pageSize: largestIncidentPage,
    toText: (record) => record.toText(),
  });
}

/** `GET /api/incidents/{id}`. Source: https://learn.microsoft.com/defender-xdr/api-get-incident */
export function answerIncident(estate: Estate, context: OperationContext, id: string): Answer {
  refuseQueryOptions(context.call);
  const incident = findIncident({ estate, ...context }, id);
  if (incident === undefined) throw defenderRefusal(defenderErrors.resourceNotFound('Incident', id));
  const { toText } = toXdrIncident(incident, estate.machines);
  return answerEntity(200, context.apiUrl, 'Incidents/$entity', toText());
}

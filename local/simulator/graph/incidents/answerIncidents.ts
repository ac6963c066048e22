import { findIncident, listIncidents } from '../../defender/incidents/listIncidents.ts';
import type { Answer } from '../../http/Answer.ts';
import { selectPage } from '../../odata/selectPage.ts';
import { answerGraphEntity, answerGraphPage, parseGraphQuery } from '../answerGraphEntities.ts';
import type { GraphContext } from '../GraphOperation.ts';
import { graphErrors, graphRefusal } from '../graphRefusal.ts';
import { graphIncidentRules, largestIncidentPage } from './graphIncidentRules.ts';
import { toGraphIncident } from './toGraphIncident.ts';

/** `GET /security/incidents`, newest first. Source: https://learn.microsoft.com/graph/api/security-list-incidents */
export function answerIncidentList(context: GraphContext): Answer {
  const options = parseGraphQuery(context, graphIncidentRules);
  const isExpanded = options.expand.includes('alerts');
  const incidents = listIncidents(context).map((incident) => toGraphIncident(incident, context.estate));
  return answerGraphPage(context, {
    options,
    page: selectPage(incidents, options, largestIncidentPage),
    path: 'security/incidents',
    entitySet: isExpanded ? 'security/incidents(alerts())' : 'security/incidents',
    toText: (incident) => incident.toText(isExpanded),
  });
}

/**
 * `GET /security/incidents/{id}`, with `$expand=alerts`, which the relationship allows.
 *
 * Source: https://learn.microsoft.com/graph/api/security-incident-get
 */
export function answerIncident(context: GraphContext, id: string): Answer {
  const { facts, estate } = context;
  const { expand } = parseGraphQuery(context, singleRules);
  const incident = findIncident(context, id);
  if (incident === undefined) throw graphRefusal(facts, graphErrors.resourceNotFound('incident', id));
  const isExpanded = expand.includes('alerts');
  return answerGraphEntity(
    context,
    isExpanded ? 'security/incidents(alerts())' : 'security/incidents',
    toGraphIncident(incident, estate).toText(isExpanded),
  );
}

const singleRules = { filter: { properties: {} }, expandable: ['alerts'], largestTop: 0, isEntity: true };

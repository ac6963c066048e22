import { ticksPerMillisecond } from '../../clock/ticks.ts';
import type { AlertFields, AlertVersion } from '../../defender/alerts/AlertVersion.ts';
import { findVisibleAlert, listVisibleAlerts, type AlertSight } from '../../defender/alerts/selectAlerts.ts';
import type { Answer } from '../../http/Answer.ts';
import { writeObject } from '../../http/RawJson.ts';
import { selectPage, type Selectable } from '../../odata/selectPage.ts';
import { toComparables } from '../../odata/toComparables.ts';
import { answerGraphEntity, answerGraphPage, parseGraphQuery } from '../answerGraphEntities.ts';
import type { GraphContext } from '../GraphOperation.ts';
import { graphErrors, graphRefusal } from '../graphRefusal.ts';
import { graphAlertRules, usualAlertPage } from './graphAlertRules.ts';
import { toGraphAlert, toGraphAlertHead } from './toGraphAlert.ts';

/** `GET /security/alerts_v2`, newest first. Source: https://learn.microsoft.com/graph/api/security-list-alerts_v2 */
export function answerAlertList(context: GraphContext): Answer {
  const options = parseGraphQuery(context, graphAlertRules);
  return answerGraphPage(context, {
    options,
    page: selectPage(listAlerts({ store: context.estate.alerts, ...context }), options, usualAlertPage),
    path: 'security/alerts_v2',
    entitySet: 'security/alerts_v2',
    toText: ({ fields }) => writeObject(toGraphAlert(fields, context.estate.machines)),
  });
}

/** `GET /security/alerts_v2/{id}`. Source: https://learn.microsoft.com/graph/api/security-alert-get */
export function answerAlert(context: GraphContext, id: string): Answer {
  const { facts, estate } = context;
  parseGraphQuery(context, noOptions);
  const version = findVisibleAlert({ store: estate.alerts, ...context }, id);
  if (version === undefined) throw graphRefusal(facts, graphErrors.resourceNotFound('alert', id));
  return answerGraphEntity(
    context,
    'security/alerts_v2',
    writeObject(toGraphAlert(version.fields, estate.machines)),
  );
}

const noOptions = { filter: { properties: {} }, largestTop: 0, isEntity: true };

interface GraphAlert extends Selectable {
  readonly fields: AlertFields;
}

function* listAlerts(sight: AlertSight): Iterable<GraphAlert> {
  for (const { key, version } of listVisibleAlerts(sight)) {
    const { fields } = version;
    const comparable = toComparables(toGraphAlertHead(fields), graphAlertRules.filter.properties);
    yield { key, place: placeOf(version), comparable, fields };
  }
}

/** The most recent alerts come first. */
function placeOf({ comparable: { alertCreationTime } }: AlertVersion): number {
  return typeof alertCreationTime === 'bigint' ? -Number(alertCreationTime / ticksPerMillisecond) : 0;
}

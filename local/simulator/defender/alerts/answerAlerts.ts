import type { Answer } from '../../http/Answer.ts';
import type { Call } from '../../http/Call.ts';
import type { QueryOptions } from '../../odata/parseQueryOptions.ts';
import { answerCollection, answerEntity } from '../answerEntities.ts';
import { defenderErrors, defenderRefusal } from '../defenderRefusal.ts';
import { parseCollectionQuery, refuseQueryOptions } from '../parseCollectionQuery.ts';
import { alertRules } from './alertRules.ts';
import { toAlertJson } from './AlertVersion.ts';
import { findVisibleAlert, selectAlerts, type AlertSight } from './selectAlerts.ts';

/** Where and when alerts are read, and by whom. */
export interface AlertReading extends AlertSight {
  /** Absolute URL of the API, with its prefix: `https://host/api`. */
  readonly apiUrl: string;
}

/** Parses the query of a list call; throws a 400 or 501 refusal. */
export function parseAlertQuery(call: Call): QueryOptions {
  return parseCollectionQuery(call, alertRules);
}

/** `GET /api/alerts`. Source: https://learn.microsoft.com/defender-endpoint/api/get-alerts */
export function answerAlertList(reading: AlertReading, call: Call): Answer {
  const options = parseAlertQuery(call);
  const isEvidenceExpanded = options.expand.includes('evidence');
  return answerCollection({
    call,
    options,
    page: selectAlerts(reading, options),
    apiUrl: reading.apiUrl,
    entitySet: 'Alerts',
    path: 'alerts',
    toText: ({ version }) => toAlertJson(version, isEvidenceExpanded),
  });
}

/** `GET /api/alerts/{id}`. Source: https://learn.microsoft.com/defender-endpoint/api/get-alert-info-by-id */
export function answerAlert(reading: AlertReading, call: Call, id: string): Answer {
  refuseQueryOptions(call);
  const version = findVisibleAlert(reading, id);
  if (version === undefined) throw defenderRefusal(defenderErrors.resourceNotFound('Alert', id));
  // The documentation's sample of a single alert carries its evidence.
  return answerEntity(200, reading.apiUrl, 'Alerts/$entity', toAlertJson(version, true));
}

import type { Answer } from '../../http/Answer.ts';
import type { Call } from '../../http/Call.ts';
import type { QueryOptions } from '../../odata/parseQueryOptions.ts';
import { answerCollection, answerEntity } from '../answerEntities.ts';
import { defenderErrors, defenderRefusal } from '../defenderRefusal.ts';
import { parseCollectionQuery, refuseQueryOptions } from '../parseCollectionQuery.ts';
import { findVisible, type AlertStore } from './AlertStore.ts';
import { alertRules } from './alertRules.ts';
import { toAlertJson } from './AlertVersion.ts';
import { selectAlerts } from './selectAlerts.ts';

/** Where and when alerts are read. */
export interface AlertReading {
  readonly store: AlertStore;
  readonly nowTicks: bigint;
  /** Absolute URL of the API, with its prefix: `https://host/api`. */
  readonly apiUrl: string;
}

/** Parses the query of a list call; throws a 400 or 501 refusal. */
export function parseAlertQuery(call: Call): QueryOptions {
  return parseCollectionQuery(call, alertRules);
}

/** `GET /api/alerts`. Source: https://learn.microsoft.com/defender-endpoint/api/get-alerts */
export function answerAlertList({ store, nowTicks, apiUrl }: AlertReading, call: Call): Answer {
  const options = parseAlertQuery(call);
  const isEvidenceExpanded = options.expand.includes('evidence');
  return answerCollection({
    call,
    options,
    page: selectAlerts(store, options, nowTicks),
    apiUrl,
    entitySet: 'Alerts',
    path: 'alerts',
    toText: ({ version }) => toAlertJson(version, isEvidenceExpanded),
  });
}

/** `GET /api/alerts/{id}`. Source: https://learn.microsoft.com/defender-endpoint/api/get-alert-info-by-id */
export function answerAlert({ store, nowTicks, apiUrl }: AlertReading, call: Call, id: string): Answer {
  refuseQueryOptions(call);
  const alert = store.find(id);
  const version = alert === undefined ? undefined : findVisible(alert, nowTicks);
  if (version === undefined) throw defenderRefusal(defenderErrors.resourceNotFound('Alert', id));
  // The documentation's sample of a single alert carries its evidence.
  return answerEntity(200, apiUrl, 'Alerts/$entity', toAlertJson(version, true));
}

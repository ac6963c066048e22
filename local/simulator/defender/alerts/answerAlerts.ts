import type { Answer } from '../../http/Answer.ts';
import type { Call } from '../../http/Call.ts';
import { ODataError, ODataNotSimulatedError } from '../../odata/ODataError.ts';
import { parseQueryOptions, type QueryOptions } from '../../odata/parseQueryOptions.ts';
import { defenderErrors, defenderRefusal } from '../defenderRefusal.ts';
import { findVisible, type AlertStore } from './AlertStore.ts';
import { alertRules, largestPage } from './alertRules.ts';
import { toAlertJson, type AlertVersion } from './AlertVersion.ts';
import { selectAlerts } from './selectAlerts.ts';

/** Where and when alerts are read. */
export interface AlertReading {
  readonly store: AlertStore;
  readonly nowTicks: bigint;
  /** Absolute URL of the API, with its prefix: `https://host/api`. */
  readonly apiUrl: string;
}

const contentType = 'application/json; odata.metadata=minimal';

/** Parses the query of a list call; throws a 400 or 501 refusal. */
export function parseAlertQuery(call: Call): QueryOptions {
  try {
    return parseQueryOptions(call.query, alertRules);
  } catch (error) {
    if (error instanceof ODataError) throw defenderRefusal(defenderErrors.odata(error.message));
    if (error instanceof ODataNotSimulatedError)
      throw defenderRefusal(defenderErrors.notSimulated(error.message));
    throw error;
  }
}

/** `GET /api/alerts`. Source: https://learn.microsoft.com/defender-endpoint/api/get-alerts */
export function answerAlertList({ store, nowTicks, apiUrl }: AlertReading, call: Call): Answer {
  const options = parseAlertQuery(call);
  const page = selectAlerts(store, options, nowTicks);
  const isPartial = call.partial === true;
  // A partial answer leaves out every third alert, and at least the first one.
  const rows = isPartial ? page.rows.filter((_row, index) => index % 3 !== 0) : page.rows;
  const hasNextLink = page.hasMore && options.top === undefined;
  return {
    status: isPartial ? 206 : 200,
    headers: {
      'Content-Type': contentType,
      ...(isPartial ? { Warning: '199 - "A provider did not answer; the list is not complete."' } : {}),
    },
    body: writeList({
      context: `${apiUrl}/$metadata#Alerts`,
      versions: rows.map((row) => row.version),
      isEvidenceExpanded: options.expand.includes('evidence'),
      ...(hasNextLink ? { nextLink: toNextLink(apiUrl, call, options.skip + largestPage) } : {}),
    }),
  };
}

/** `GET /api/alerts/{id}`. Source: https://learn.microsoft.com/defender-endpoint/api/get-alert-info-by-id */
export function answerAlert({ store, nowTicks, apiUrl }: AlertReading, call: Call, id: string): Answer {
  const [option] = call.query.keys();
  if (option !== undefined) {
    throw defenderRefusal(defenderErrors.odata(`The query option '${option}' is not supported here.`));
  }
  const alert = store.find(id);
  const version = alert === undefined ? undefined : findVisible(alert, nowTicks);
  if (version === undefined) throw defenderRefusal(defenderErrors.alertNotFound(id));
  const context = `{"@odata.context":${JSON.stringify(`${apiUrl}/$metadata#Alerts/$entity`)},`;
  // The documentation's sample of a single alert carries its evidence.
  const text = toAlertJson(version, true);
  const body = text.startsWith('{') && text !== '{}' ? context + text.slice(1) : text;
  return { status: 200, headers: { 'Content-Type': contentType }, body };
}

function toNextLink(apiUrl: string, call: Call, skip: number): string {
  const query = new URLSearchParams(call.query);
  query.set('$skip', String(skip));
  return `${apiUrl}/alerts?${query.toString()}`;
}

interface ListText {
  readonly context: string;
  readonly versions: readonly AlertVersion[];
  readonly isEvidenceExpanded: boolean;
  readonly nextLink?: string;
}

const pieceLength = 64 * 1024;

/** The JSON of a page in pieces of about 64 KiB: a page can have 100 MB. */
function* writeList({ context, versions, isEvidenceExpanded, nextLink }: ListText): Iterable<string> {
  let piece = `{"@odata.context":${JSON.stringify(context)},"value":[`;
  let separator = '';
  for (const version of versions) {
    piece += separator + toAlertJson(version, isEvidenceExpanded);
    separator = ',';
    if (piece.length < pieceLength) continue;
    yield piece;
    piece = '';
  }
  const tail = nextLink === undefined ? '' : `,"@odata.nextLink":${JSON.stringify(nextLink)}`;
  yield `${piece}]${tail}}`;
}

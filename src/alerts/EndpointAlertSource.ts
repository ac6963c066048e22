import type { DefenderAnswer, DefenderClient } from '../defender/DefenderClient.ts';
import { DefenderAnswerUnreadable } from '../defender/DefenderAnswerUnreadable.ts';
import { PageSplitter, type PageElement } from '../defender/PageSplitter.ts';
import { permissionTable } from '../identity/permissions.ts';
import type { AlertSource, PageEnd, PageQuery, SourceCall } from './AlertSource.ts';
import { formatTicks, fromUnixMs, type Ticks } from './ticks.ts';

/**
 * Alerts of Defender for Endpoint: `GET /api/alerts`.
 * Source: https://learn.microsoft.com/defender-endpoint/api/get-alerts
 */
export class EndpointAlertSource implements AlertSource {
  readonly name = 'endpoint';
  readonly callLimits = { perMinute: 100, perHour: 1500 };
  readonly #client: DefenderClient;

  constructor(client: DefenderClient) {
    this.#client = client;
  }

  async readClock(call: SourceCall): Promise<Ticks> {
    const { answer } = await this.#read('Read the service clock', '$top=1', call);
    return readDate(answer);
  }

  async readPage(
    { window, top, skip, evidence }: PageQuery,
    observe: (element: PageElement) => Promise<void>,
    call: SourceCall,
  ): Promise<PageEnd> {
    const filter = `lastUpdateTime ge ${formatLiteral(window.from)} and lastUpdateTime lt ${formatLiteral(window.to)}`;
    const query = [
      `$filter=${encodeURIComponent(filter)}`,
      `$top=${top}`,
      ...(skip > 0 ? [`$skip=${skip}`] : []),
      ...(evidence ? ['$expand=evidence'] : []),
    ].join('&');
    const { answer, count, hasMore } = await this.#read('Read alerts', query, call, observe);
    // 206 is documented for Graph's federated alerts; whoever answers so has left something out.
    return { count, hasMore, isPartial: answer.status === 206 };
  }

  async #read(
    operation: string,
    query: string,
    { signal, beforeSend }: SourceCall,
    observe: (element: PageElement) => Promise<void> = () => Promise.resolve(),
  ): Promise<{ answer: DefenderAnswer; count: number; hasMore: boolean }> {
    const path = `/api/alerts?${query}`;
    const permission = permissionTable.pullAlerts;
    const answer = await this.#client.send({ operation, path, permission, signal, beforeSend });
    const splitter = new PageSplitter();
    let count = 0;
    for await (const bytes of answer.body) {
      for (const element of splitter.push(bytes)) {
        count += 1;
        await observe(element);
      }
    }
    const shell = splitter.end();
    return { answer, count, hasMore: Boolean(shell['@odata.nextLink']) };
  }
}

function readDate({ headers, requestId }: DefenderAnswer): Ticks {
  const date = Date.parse(headers.get('date') ?? '');
  if (Number.isNaN(date)) {
    throw new DefenderAnswerUnreadable('Read the service clock', 'it has no Date header', requestId);
  }
  return fromUnixMs(date);
}

/** A timestamp literal as the documentation's samples write it: unquoted, without needless zeros. */
function formatLiteral(ticks: Ticks): string {
  return formatTicks(ticks).replace(/\.?0*Z$/, 'Z');
}

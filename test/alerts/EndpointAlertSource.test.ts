import { describe, expect, it } from 'vitest';
import type { PageQuery } from '../../src/alerts/AlertSource.ts';
import { EndpointAlertSource } from '../../src/alerts/EndpointAlertSource.ts';
import { formatTicks } from '../../src/alerts/ticks.ts';
import { ticksOf } from '../support/alerts.ts';
import { json, plain, type Answer } from '../support/startServer.ts';
import { useDefender } from '../support/useDefender.ts';

const startDefender = useDefender();

const QUERY: PageQuery = {
  window: { from: ticksOf('2026-11-21T11:45:00Z'), to: ticksOf('2026-11-21T12:00:00.1234567Z') },
  top: 1000,
  skip: 0,
  evidence: true,
};

async function startSource(...answers: Answer[]) {
  const { server, client } = await startDefender(answers);
  const source = new EndpointAlertSource(client);
  const call = { signal: new AbortController().signal, beforeSend: () => Promise.resolve() };
  const read = async (query: Partial<PageQuery> = {}) => {
    const elements: string[] = [];
    const observe = ({ bytes }: { bytes: Buffer }) => {
      elements.push(bytes.toString('utf8'));
      return Promise.resolve();
    };
    const end = await source.readPage({ ...QUERY, ...query }, observe, call);
    return { elements, end };
  };
  const asked = () => server.requests.map(({ path }) => decodeURIComponent(path));
  return { server, source, call, read, asked };
}

// https://learn.microsoft.com/defender-endpoint/api/get-alerts
describe('reading a page of alerts from Defender for Endpoint', () => {
  it('asks for the window on the last update, lower bound included, upper bound not, in unquoted literals', async () => {
    const { read, asked } = await startSource(json(200, '{"value":[]}'));
    await read();
    expect(asked()).toEqual([
      '/api/alerts?$filter=lastUpdateTime ge 2026-11-21T11:45:00Z and lastUpdateTime lt 2026-11-21T12:00:00.1234567Z' +
        '&$top=1000&$expand=evidence',
    ]);
  });

  it('leaves the evidence out and skips when told to', async () => {
    const { read, asked } = await startSource(json(200, '{"value":[]}'));
    await read({ evidence: false, skip: 2000, top: 500 });
    expect(asked()[0]).toMatch(/&\$top=500&\$skip=2000$/);
  });

  it.each([
    ['2026-11-21T12:00:00.5Z', '2026-11-21T12:00:00.5Z'],
    ['2026-11-21T12:00:10Z', '2026-11-21T12:00:10Z'],
    ['2026-11-21T12:00:00.0000001Z', '2026-11-21T12:00:00.0000001Z'],
    ['2026-11-21T12:00:00.1000000Z', '2026-11-21T12:00:00.1Z'],
  ])('writes the instant %s exactly, as %s', async (instant, literal) => {
    const { read, asked } = await startSource(json(200, '{"value":[]}'));
    await read({ window: { from: QUERY.window.from, to: ticksOf(instant) } });
    expect(asked()[0]).toContain(`lastUpdateTime lt ${literal}&`);
  });

  it('gives every alert byte for byte and counts them', async () => {
    const texts = ['{"id":"a","n":18446744073709551615}', '{ "id" : "b" , "t": "\\u00e4ö" }'];
    const { read } = await startSource(json(200, `{"@odata.context":"x","value":[${texts.join(',\n ')}]}`));
    expect(await read()).toEqual({
      elements: texts,
      end: { count: 2, hasMore: false, isPartial: false },
    });
  });

  it('notices a next link, although none is documented', async () => {
    const { read } = await startSource(
      json(200, '{"value":[{"id":"a"}],"@odata.nextLink":"https://elsewhere.example/"}'),
    );
    const { end } = await read();
    expect(end.hasMore).toBe(true);
  });

  it('calls an answer with 206 partial', async () => {
    const { read } = await startSource(
      json(206, '{"value":[{"id":"a"}]}', { warning: '199 - "a provider"' }),
    );
    const { end } = await read();
    expect(end).toEqual({ count: 1, hasMore: false, isPartial: true });
  });

  it.each([
    ['is cut off', '{"value":[{"id":"a"},{"id":'],
    ['is a page of a proxy', '<html>Sign in</html>'],
    ['has no list', '{"error":null}'],
  ])('fails when a successful answer %s', async (_case, body) => {
    const { read } = await startSource(plain(200, body));
    await expect(read()).rejects.toMatchObject({ code: 'defender_answer_unreadable', retryable: true });
  });

  it('names the operation and the roles that are missing', async () => {
    const { read } = await startSource(plain(403));
    await expect(read()).rejects.toMatchObject({
      code: 'defender_permission_missing',
      message: expect.stringMatching(/^Read alerts: .*Alert\.Read\.All or Alert\.ReadWrite\.All/) as string,
    });
  });
});

describe('the clock of Defender for Endpoint', () => {
  it('is the Date header of a small answer, in whole seconds', async () => {
    const { source, call, asked } = await startSource(
      json(200, '{"value":[{"id":"a"}]}', { date: 'Sat, 21 Nov 2026 12:00:59 GMT' }),
    );
    expect(formatTicks(await source.readClock(call))).toBe('2026-11-21T12:00:59.0000000Z');
    expect(asked()).toEqual(['/api/alerts?$top=1']);
  });

  it.each([
    ['absent', {}],
    ['unreadable', { date: 'noon' }],
  ])('cannot be read when that header is %s', async (_case, headers) => {
    const { source, call } = await startSource((response) => {
      response.sendDate = false;
      response.writeHead(200, { ...headers, 'request-id': 'r-9' }).end('{"value":[]}');
    });
    await expect(source.readClock(call)).rejects.toMatchObject({
      code: 'defender_answer_unreadable',
      requestId: 'r-9',
      message: expect.stringContaining('it has no Date header') as string,
    });
  });

  it('is not trusted when the answer itself is none', async () => {
    const { source, call } = await startSource(plain(200, 'maintenance'));
    await expect(source.readClock(call)).rejects.toMatchObject({ code: 'defender_answer_unreadable' });
  });
});

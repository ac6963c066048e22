import { describe, expect, it } from 'vitest';
import { Webhook } from '../../src/alerts/Webhook.ts';
import { hangUp, json, plain, type Answer } from '../support/startServer.ts';
import { useServers } from '../support/useServers.ts';
import { VirtualClock } from '../support/VirtualClock.ts';

const START = Date.parse('2026-11-21T12:00:00Z');
const never = new AbortController().signal;
const PATH = '/workflows/1/triggers/manual/paths/invoke?sig=top-secret-signature';

const startServer = useServers();

async function startWebhook(...answers: Answer[]) {
  const server = await startServer(...answers);
  const clock = new VirtualClock(START);
  const webhook = new Webhook({ url: `${server.url}${PATH}`, clock, random: () => 0.5 });
  return {
    server,
    webhook,
    post: (signal = never) => webhook.post('{"alert":"ä"}', 'key-1', signal),
    elapsed: () => clock.now() - START,
  };
}

describe('posting to the webhook', () => {
  it('sends the body as JSON, exactly as it is, with the id that shows up in a Logic App', async () => {
    const { server, post } = await startWebhook(plain(202));
    await post();
    expect(server.requests).toMatchObject([
      {
        method: 'POST',
        path: PATH,
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'x-ms-client-tracking-id': 'key-1',
        },
      },
    ]);
    expect(server.requests[0]?.body.toString('utf8')).toBe('{"alert":"ä"}');
  });

  it.each([200, 201, 202, 204])('takes the answer %i for accepted, whatever it says', async (status) => {
    const { server, post } = await startWebhook(plain(status, status === 204 ? '' : 'not JSON'));
    await post();
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    ['500', plain(500)],
    ['503', plain(503)],
    ['408', plain(408)],
    ['429', plain(429)],
    ['no answer', hangUp],
  ])('tries again after %s, up to three times in all', async (_case, failure) => {
    const { server, post } = await startWebhook(failure, failure, plain(202));
    await post();
    expect(server.requests).toHaveLength(3);

    server.answerWith(failure);
    await expect(post()).rejects.toMatchObject({ code: 'webhook_failed', retryable: true });
    expect(server.requests).toHaveLength(6);
  });

  it.each([400, 401, 403, 404, 409, 413])(
    'does not try again after %i, which would not help',
    async (status) => {
      const { server, post, elapsed } = await startWebhook(
        json(status, { error: 'x' }, { 'x-ms-request-id': 'r-1' }),
      );
      await expect(post()).rejects.toMatchObject({
        code: 'webhook_failed',
        status,
        retryable: false,
        requestId: 'r-1',
        message:
          `Deliver alert: the webhook answered ${status}. Check ALERT_WEBHOOK_URL and what it calls; alerts that were not ` +
          'delivered wait in the queue or lie in its poison queue.',
      });
      expect(server.requests).toHaveLength(1);
      expect(elapsed()).toBe(0);
    },
  );

  it('waits a second and then three between its tries, when it is not told how long', async () => {
    const { post, elapsed } = await startWebhook(plain(503), plain(503), plain(202));
    await post();
    expect(elapsed()).toBe(4_000);
  });

  it('waits as long as the webhook asks', async () => {
    const { post, elapsed } = await startWebhook(plain(429, '', { 'retry-after': '17' }), plain(202));
    await post();
    expect(elapsed()).toBe(17_000);
  });

  it('leaves a wait of more than 20 seconds to the queue', async () => {
    const { server, post, elapsed } = await startWebhook(plain(429, '', { 'retry-after': '21' }), plain(202));
    await expect(post()).rejects.toMatchObject({ status: 429, retryAfterMs: 21_000 });
    expect(server.requests).toHaveLength(1);
    expect(elapsed()).toBe(0);
  });

  it.each([301, 302, 307, 308])(
    'does not follow %i: the alert goes to the configured address only',
    async (status) => {
      const elsewhere = await startServer(plain(200));
      const { post } = await startWebhook(plain(status, '', { location: elsewhere.url }));
      await expect(post()).rejects.toMatchObject({ status, retryable: false });
      expect(elsewhere.requests).toEqual([]);
    },
  );

  it('ends with the signal of the function', async () => {
    const controller = new AbortController();
    const reason = new Error('the function is over');
    const { post } = await startWebhook(() => {
      controller.abort(reason);
    });
    await expect(post(controller.signal)).rejects.toBe(reason);
  });

  it.each([
    ['a refusal', plain(400)],
    ['a failure', plain(500)],
    ['no answer', hangUp],
    ['a redirect', plain(302, '', { location: '/x?sig=top-secret-signature' })],
  ])('shows nothing of the URL, which is a secret, after %s', async (_case, answer) => {
    const { server, post } = await startWebhook(answer);
    const [outcome] = await Promise.allSettled([post()]);
    if (outcome.status === 'fulfilled') throw new Error('it did not fail');
    const error = outcome.reason as Error;
    const shown = [error.message, error.stack, JSON.stringify(error)].join('\n');
    expect(shown).not.toContain('top-secret');
    expect(shown).not.toContain(server.url);
  });

  it('shows nothing of a URL that cannot be called at all', async () => {
    const webhook = new Webhook({
      url: 'https://contoso.invalid:99999/?sig=top-secret-signature',
      clock: new VirtualClock(START),
      random: () => 0.5,
    });
    const [outcome] = await Promise.allSettled([webhook.post('{}', 'key', never)]);
    if (outcome.status === 'fulfilled') throw new Error('it did not fail');
    const error = outcome.reason as Error;
    expect(error).toMatchObject({ code: 'webhook_failed', status: undefined });
    expect([error.message, error.stack].join('\n')).not.toContain('top-secret');
  });
});

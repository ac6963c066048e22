import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { System, until, type Functions } from './support/System.ts';

let system: System;
beforeEach(async () => {
  system = await System.start();
});
afterEach(async () => {
  await system.stop();
});

interface Delivered {
  readonly change: string;
  readonly alertId: string;
  readonly alert: Record<string, unknown>;
}

function delivered(): Delivered[] {
  return system.receiver.deliveries.map(({ body }) => body as Delivered).reverse();
}

/** Pulls until the next batch of alerts was delivered. */
async function pullAndDeliver(functions: Functions, count: number): Promise<Delivered[]> {
  await system.advance();
  await functions.pull();
  return await until(() => (delivered().length >= count ? delivered() : undefined));
}

describe('delivering alerts to a webhook', () => {
  it('tells created from updated, and passes the alert on as Defender gave it', async () => {
    const functions = await system.startFunctions(system.withWebhook());
    const [alert] = await system.addAlerts({
      title: 'Test "quotes" and ünïcode',
      aNewField: { deep: [1, null] },
    });
    await pullAndDeliver(functions, 1);
    await system.control('PATCH', `/alerts/${alert?.id ?? ''}`, { status: 'InProgress' });
    const all = await pullAndDeliver(functions, 2);

    expect(all.map(({ change }) => change)).toEqual(['created', 'updated']);
    expect(all[0]?.alert).toMatchObject({
      title: 'Test "quotes" and ünïcode',
      aNewField: { deep: [1, null] },
    });
    expect(all[1]?.alert).toMatchObject({ status: 'InProgress' });
    const [latest] = system.receiver.deliveries;
    expect(latest?.trackingId).toBe((latest?.body as { messageKey: string }).messageKey);
  });

  it('keeps to the published schema, also for alerts too large for a queue message', async () => {
    const functions = await system.startFunctions(system.withWebhook());
    await system.addAlerts({ evidenceItems: 200 });
    await system.addAlerts({ lastUpdateTime: null, severity: null });
    const all = await pullAndDeliver(functions, 1);
    const file = path.join(import.meta.dirname, '..', '..', 'docs', 'alert-envelope.schema.json');
    const validate = new Ajv2020({ allErrors: true, formats: { 'date-time': true } }).compile(
      JSON.parse(readFileSync(file, 'utf8')) as object,
    );
    for (const envelope of all) {
      validate(envelope);
      expect(validate.errors ?? []).toEqual([]);
    }
    expect(all.map(({ alert }) => (alert.evidence as unknown[]).length)).toContain(200);
  });

  it('waits out a webhook that is down for a while, and loses nothing', async () => {
    const webhook = await FlakyWebhook.start();
    webhook.status = 503;
    const functions = await system.startFunctions({ ALERT_WEBHOOK_URL: webhook.url });
    const alerts = await system.addAlerts({ count: 3 });
    await system.advance();
    await functions.pull();
    await functions.logged(/event=alert_delivery_failed/);
    webhook.status = 202;
    const ids = await until(() => (webhook.accepted.length >= 3 ? webhook.accepted : undefined));
    expect([...ids].sort()).toEqual(alerts.map(({ id }) => id).sort());
    expect(await system.drain('alerts-poison')).toEqual([]);
    await webhook.stop();
  }, 60_000);

  it('puts an alert that is refused five times into the poison queue, with the reason', async () => {
    const webhook = await FlakyWebhook.start();
    webhook.status = 410;
    const functions = await system.startFunctions({ ALERT_WEBHOOK_URL: webhook.url });
    const [alert] = await system.addAlerts();
    await system.advance();
    await functions.pull();
    await functions.logged(/event=alert_poisoned/);
    const poisoned = await until(async () => {
      const found = await system.drain('alerts-poison');
      return found.length > 0 ? found : undefined;
    });
    expect(webhook.requests).toBe(5);
    expect(poisoned).toMatchObject([
      { alertId: alert?.id, alert: { id: alert?.id }, failure: { code: 'webhook_failed', attempts: 5 } },
    ]);
    await webhook.stop();
  }, 60_000);

  it('leaves the queue alone when there is no webhook', async () => {
    const functions = await system.startFunctions();
    expect(functions.host.functions.map(({ name }) => name)).not.toContain('deliverAlerts');
  });
});

/** A webhook that answers as the test says. */
class FlakyWebhook {
  status = 202;
  requests = 0;
  /** Ids of the alerts that were accepted. */
  readonly accepted: string[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        this.requests += 1;
        const { alertId } = JSON.parse(Buffer.concat(pieces).toString('utf8')) as { alertId: string };
        if (this.status < 300) this.accepted.push(alertId);
        response.writeHead(this.status).end();
      });
    });
  }

  static async start(): Promise<FlakyWebhook> {
    const webhook = new FlakyWebhook();
    webhook.#server.listen(0, '127.0.0.1');
    await once(webhook.#server, 'listening');
    return webhook;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/hook?sig=CANARY-flaky-signature`;
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}

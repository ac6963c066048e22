import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TableClient } from '@azure/data-tables';
import { QueueClient } from '@azure/storage-queue';
import { BlobServiceClient } from '@azure/storage-blob';
import { startHost, type LocalHost } from '../../../local/host/startHost.ts';
import { startReceiver, type Receiver } from '../../../local/receiver.ts';
import { simulatorSettings } from '../../../local/simulatorSettings.ts';
import {
  startSimulator,
  type Simulator,
  type SimulatorOptions,
} from '../../../local/simulator/startSimulator.ts';
import { startAzurite, type Azurite } from '../../support/startAzurite.ts';
import { collectCanaries, findLeaks } from './canaries.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');

/** A message of the outbox. */
export interface Handed {
  readonly alertId: string;
  readonly alertVersion: string;
  readonly [name: string]: unknown;
}

export interface AddedAlert {
  readonly id: string;
  readonly lastUpdateTime: string;
}

/**
 * The whole system as a user runs it: the built bundle on the local host, Azurite, and the simulator over TLS. The pull
 * runs when the test says so.
 */
export class System {
  readonly simulator: Simulator;
  readonly connectionString: string;
  readonly receiver: Receiver;
  /** Everything that any host printed. */
  readonly log: string[] = [];
  /** Everything that callers were answered, headers included. */
  readonly answers: string[] = [];
  readonly #azurite: Azurite;
  readonly #folder: string;
  readonly #hosts = new Set<LocalHost>();

  private constructor(parts: { simulator: Simulator; azurite: Azurite; receiver: Receiver }, folder: string) {
    this.simulator = parts.simulator;
    this.receiver = parts.receiver;
    this.connectionString = parts.azurite.connectionString;
    this.#azurite = parts.azurite;
    this.#folder = folder;
  }

  /** @param options more of what the simulator starts with. */
  static async start(options: Pick<SimulatorOptions, 'cloud'> = {}): Promise<System> {
    const folder = await mkdtemp(path.join(tmpdir(), 'defender-functions-'));
    const [azurite, simulator, receiver] = await Promise.all([
      startAzurite(),
      startSimulator({ dataFolder: path.join(tmpdir(), 'defender-functions-simulator'), ...options }),
      startReceiver(0),
    ]);
    return new System({ simulator, azurite, receiver }, folder);
  }

  /** The app settings that point everything at this machine. */
  settings(overrides: Record<string, string> = {}): Record<string, string> {
    return {
      ...simulatorSettings(this.simulator),
      // As a deployment has it: by this identity the app acts on behalf of people, too.
      AZURE_CLIENT_ID: this.simulator.company.userAssignedClientId,
      PATH: process.env.PATH ?? '',
      AzureWebJobsStorage: this.connectionString,
      // Once a year: the tests call the pull themselves.
      ALERT_PULL_SCHEDULE: '0 0 0 1 1 *',
      AzureFunctionsJobHost__extensions__queues__visibilityTimeout: '00:00:01',
      AzureFunctionsJobHost__extensions__queues__maxPollingInterval: '00:00:01',
      ...overrides,
    };
  }

  /** Settings for alerts to be delivered to the receiver. */
  withWebhook(): Record<string, string> {
    return { ALERT_WEBHOOK_URL: `${this.receiver.url}/alerts?sig=CANARY-webhook-signature` };
  }

  async startFunctions(overrides: Record<string, string> = {}): Promise<Functions> {
    const host = await startHost({
      appFolder: root,
      port: 0,
      stateFolder: path.join(this.#folder, `host-${this.#hosts.size}`),
      env: this.settings(overrides),
      stopGraceMs: 5_000,
      onLog: (line) => {
        this.log.push(line);
      },
    });
    this.#hosts.add(host);
    return new Functions(host, this.log);
  }

  /** One call of the simulator's control surface. */
  async control(method: string, route: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.simulator.urls.control}${route}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${route}: ${response.status} ${text}`);
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  }

  async addAlerts(alert: Record<string, unknown> = {}): Promise<AddedAlert[]> {
    const { alerts } = (await this.control('POST', '/alerts', alert)) as { alerts: AddedAlert[] };
    return alerts;
  }

  /** Moves the services' clock; the pull reads what happened before the current second. */
  async advance(seconds = 1): Promise<void> {
    await this.control('POST', '/clock', { advanceSeconds: seconds });
  }

  async addFault(fault: Record<string, unknown>): Promise<string> {
    const { id } = (await this.control('POST', '/faults', fault)) as { id: string };
    return id;
  }

  /** Requests that the simulated Defender got, by status. */
  async defenderCalls(): Promise<{ status: number; query: string }[]> {
    const { requests } = (await this.control('GET', '/requests?service=defender')) as {
      requests: { status: number; query: string }[];
    };
    return requests;
  }

  /** Takes everything out of the outbox, oldest first. */
  async drain(queueName = 'alerts'): Promise<Handed[]> {
    const queue = new QueueClient(this.connectionString, queueName);
    if (!(await queue.exists())) return [];
    const found: Handed[] = [];
    for (;;) {
      // Hidden while the rest is read, and cleared at the end: deleting thousands one by one would take a minute.
      const { receivedMessageItems } = await queue.receiveMessages({
        numberOfMessages: 32,
        visibilityTimeout: 3600,
      });
      if (receivedMessageItems.length === 0) break;
      for (const { messageText } of receivedMessageItems) {
        found.push(JSON.parse(Buffer.from(messageText, 'base64').toString('utf8')) as Handed);
      }
    }
    await queue.clearMessages();
    return found;
  }

  async readCheckpoint(): Promise<Record<string, unknown>> {
    return await this.#checkpoints().getEntity(this.simulator.company.tenantId, 'endpoint');
  }

  /** Lets the next run try every gap, as time would. */
  async makeGapsDue(): Promise<void> {
    const { gaps } = await this.readCheckpoint();
    const waiting = JSON.parse(String(gaps)) as Record<string, unknown>[];
    const due = waiting.map((gap) => ({ ...gap, nextTryAt: new Date(0).toISOString() }));
    await this.#changeCheckpoint({ gaps: JSON.stringify(due) });
  }

  /** Ends the hold of a run that died, as time would. */
  async expireLease(): Promise<void> {
    await this.#changeCheckpoint({ leaseUntil: new Date(0).toISOString() });
  }

  /** Ends the turns that a process took and did not give back, as time would. */
  async expireTurns(): Promise<void> {
    const table = TableClient.fromConnectionString(this.connectionString, 'operations', {
      allowInsecureConnection: true,
    });
    for await (const { partitionKey = '', rowKey = '' } of table.listEntities()) {
      if (!partitionKey.startsWith('device-')) continue;
      await table.updateEntity({ partitionKey, rowKey, until: '0' }, 'Merge');
    }
  }

  async #changeCheckpoint(changes: Record<string, string>): Promise<void> {
    const { partitionKey, rowKey } = await this.readCheckpoint();
    const keys = { partitionKey: String(partitionKey), rowKey: String(rowKey) };
    await this.#checkpoints().updateEntity({ ...keys, ...changes }, 'Merge');
  }

  #checkpoints(): TableClient {
    return TableClient.fromConnectionString(this.connectionString, 'checkpoints', {
      allowInsecureConnection: true,
    });
  }

  async readBlobs(container: string): Promise<string[]> {
    const client = BlobServiceClient.fromConnectionString(this.connectionString).getContainerClient(
      container,
    );
    const texts: string[] = [];
    if (!(await client.exists())) return texts;
    for await (const { name } of client.listBlobsFlat()) {
      texts.push((await client.getBlobClient(name).downloadToBuffer()).toString('utf8'));
    }
    return texts;
  }

  /** Stops everything, and fails when anything secret was printed or stored in a message. */
  async stop(): Promise<void> {
    const canaries = await collectCanaries(this.simulator);
    await Promise.all([...this.#hosts].map((host) => host.stop()));
    await Promise.all([this.receiver.stop(), this.simulator.stop()]);
    await this.#azurite.stop();
    await rm(this.#folder, { recursive: true, force: true });
    const leaks = findLeaks([...this.log, ...this.answers], canaries);
    if (leaks.length > 0) throw new Error(`Secrets were printed or answered:\n${leaks.join('\n')}`);
  }
}

/** A running host with the app on it. */
export class Functions {
  readonly host: LocalHost;
  readonly #log: readonly string[];

  constructor(host: LocalHost, log: readonly string[]) {
    this.host = host;
    this.#log = log;
  }

  /** Runs the pull once. @returns the line that says how it ended. */
  async pull(): Promise<string> {
    const seen = this.#log.length;
    await this.trigger('pullAlerts');
    return await this.logged(/event=alert_pull_(finished|paused|skipped|superseded|failed)/, seen);
  }

  async trigger(name: string): Promise<void> {
    const response = await fetch(`${this.host.url}/admin/functions/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ input: '' }),
    });
    if (response.status !== 202) throw new Error(`${name} was not started: ${response.status}`);
  }

  /** The first line from `from` on that matches; waits for it. */
  async logged(pattern: RegExp, from = 0, timeoutMs = 60_000): Promise<string> {
    return await until(
      () => this.#log.slice(from).find((line) => pattern.test(line)),
      timeoutMs,
      () => {
        return `a log line like ${String(pattern)} after:\n${this.#log.slice(from).join('\n')}`;
      },
    );
  }
}

/** Waits until `find` gives something. */
export async function until<T>(
  find: () => T | undefined | Promise<T | undefined>,
  timeoutMs = 30_000,
  describe: () => string = () => 'it',
): Promise<T> {
  for (const end = Date.now() + timeoutMs; Date.now() < end;) {
    const found = await find();
    if (found !== undefined) return found;
    await delay(25);
  }
  throw new Error(`Waited ${timeoutMs} ms in vain for ${describe()}`);
}

/** `name=value` of a log line. */
export function field(line: string, name: string): string | undefined {
  return new RegExp(`(?:^| )${name}=("(?:[^"\\\\]|\\\\.)*"|\\S+)`).exec(line)?.[1];
}

/** Each version as one text, for comparing what was handed over with what was expected. */
export function versionsOf(handed: readonly Handed[]): string[] {
  return handed.map(({ alertId, alertVersion }) => `${alertId} ${trim(alertVersion)}`).sort();
}

export function versionsIn(alerts: readonly AddedAlert[]): string[] {
  return alerts.map(({ id, lastUpdateTime }) => `${id} ${trim(lastUpdateTime)}`).sort();
}

function trim(timestamp: string): string {
  return timestamp.replace(/(\.\d*?)0*Z$/, '$1Z').replace('.Z', 'Z');
}

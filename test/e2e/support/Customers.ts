import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { TableClient } from '@azure/data-tables';
import { createHomeRecord, TENANT_TABLE, tenantKeys, toTenantRow } from '../../../src/tenants/tenantRow.ts';
import { runTool, type ToolRun } from '../../tools/support/runTool.ts';
import { Api } from './Api.ts';
import { type Functions, type Handed, type System, versionsIn, versionsOf } from './System.ts';

/** A tenant that the simulated Entra knows. */
export interface Customer {
  readonly id: string;
  readonly domain: string;
}

/** The customers of a partner, and the operator's command for them, which works on this system. */
export class Customers {
  readonly #system: System;
  readonly #folder: string;

  private constructor(system: System, folder: string) {
    this.#system = system;
    this.#folder = folder;
  }

  static async open(system: System): Promise<Customers> {
    // Links of the command lead to the simulated Entra, and the test follows them.
    const ca = await readFile(system.simulator.caFile, 'utf8');
    tls.setDefaultCACertificates([...tls.getCACertificates(), ca]);
    return new Customers(system, await mkdtemp(path.join(tmpdir(), 'customers-')));
  }

  /** Tells the command where the app runs, as `npm start` does. */
  async serve({ host }: Functions): Promise<void> {
    const operatorToken = await new Api(this.#system, host.url).tokenOf('operators');
    const files = {
      'settings.json': this.#system.settings({ PUBLIC_BASE_URL: host.url }),
      'caller.json': { url: host.url, token: '', operatorToken },
    };
    for (const [name, content] of Object.entries(files))
      await writeFile(path.join(this.#folder, name), JSON.stringify(content));
  }

  async close(): Promise<void> {
    await rm(this.#folder, { recursive: true });
  }

  /** New tenants, with the consent of their administrators or without. */
  async add(count: number, consent: boolean): Promise<readonly Customer[]> {
    const { tenants } = (await this.#system.control('POST', '/entra/tenants', { count, consent })) as {
      tenants: readonly Customer[];
    };
    return tenants;
  }

  /** Lists tenants, as so many calls of the command would: name by id. */
  async list(names: Readonly<Record<string, string>>): Promise<void> {
    const table = this.#table();
    await table.createTable();
    const home = createHomeRecord({ tenantId: '', cloud: 'global' });
    for (const [id, name] of Object.entries(names)) {
      const row = toTenantRow({ ...home, id, name, isHome: false, addedAt: Date.now() });
      await table.createEntity({ ...tenantKeys(id), ...row });
    }
  }

  /** `npm run tenants -- …`. What it prints is looked through for secrets like answers. */
  async run(...args: string[]): Promise<ToolRun> {
    const run = await runTool('tenants.ts', args, { LOCAL_DATA_FOLDER: this.#folder });
    // The state in a link is printed on purpose; anywhere else it would be a leak.
    const printed = run.output.replaceAll(/(\/adminconsent\?\S*&state=)[\w-]+/g, '$1');
    this.#system.answers.push(...printed.split('\n'));
    return run;
  }

  /** How the last pull of each tenant that has a row ended, by its id. */
  async readOutcomes(): Promise<Readonly<Record<string, unknown>>> {
    const outcomes: Record<string, unknown> = {};
    for await (const { rowKey = '', lastOutcome } of this.#table().listEntities())
      outcomes[rowKey] = lastOutcome;
    return outcomes;
  }

  #table(): TableClient {
    const options = { allowInsecureConnection: true };
    return TableClient.fromConnectionString(this.#system.connectionString, TENANT_TABLE, options);
  }
}

/** Has an alert come up in each tenant. @returns what is to be handed over, each as one text. */
export async function addAlertIn(
  system: System,
  tenantIds: readonly string[],
  alert: Readonly<Record<string, unknown>> = {},
): Promise<string[]> {
  const expected: string[] = [];
  for (const tenant of tenantIds) {
    const alerts = await system.addAlerts({ tenant, evidenceItems: 1, ...alert });
    expected.push(...versionsIn(alerts).map((version) => `${tenant} ${version}`));
  }
  await system.advance();
  return expected.sort();
}

/** What was handed over, with the tenant that it says it is of. */
export function tenantVersionsOf(handed: readonly Handed[]): string[] {
  return handed.flatMap((one) => versionsOf([one]).map((text) => `${String(one.tenantId)} ${text}`)).sort();
}

/** Runs the timer once, to the end of all the pulls that it makes itself. @returns the log of it. */
export async function runRound(system: System, functions: Functions): Promise<string[]> {
  const seen = system.log.length;
  await functions.trigger('pullAlerts');
  await functions.logged(/event=tenants_pulled/, seen);
  return system.log.slice(seen);
}

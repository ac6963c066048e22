import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { TableClient, type TableEntity } from '@azure/data-tables';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AlertPull } from '../../src/alerts/AlertPull.ts';
import {
  CHECKPOINT_SCHEMA_VERSION,
  fromRow as fromCheckpointRow,
  toRow as toCheckpointRow,
} from '../../src/alerts/checkpointRow.ts';
import { createEnvelope } from '../../src/alerts/envelope.ts';
import { TableAlertHistory } from '../../src/alerts/TableAlertHistory.ts';
import { TableCheckpointStore } from '../../src/alerts/TableCheckpointStore.ts';
import { TableLedger } from '../../src/alerts/TableLedger.ts';
import {
  fromRow as fromOperationRow,
  OPERATION_SCHEMA_VERSION,
  toRow as toOperationRow,
} from '../../src/operations/operationRow.ts';
import { PauseSwitch } from '../../src/operations/PauseSwitch.ts';
import { TableOperationStore } from '../../src/operations/TableOperationStore.ts';
import { createVersion, ORIGIN } from '../support/alerts.ts';
import { collectLogs } from '../support/collectLogs.ts';
import { PULL_SETTINGS } from '../support/createTestPull.ts';
import { MemorySource } from '../support/MemorySource.ts';
import { MemoryOutbox, MemoryQuarantine } from '../support/memoryStores.ts';
import { startAzurite, type Azurite } from '../support/startAzurite.ts';
import { VirtualClock } from '../support/VirtualClock.ts';

// Each schema-N.json holds raw entities as the release with schema version N left them: a pull that finished, with a gap
// that waits; alerts known-1 to known-3 handed over; an isolation under way; actions paused. They are never edited.
// docs/operations.md has the rule for the next version.

const versions = readdirSync(import.meta.dirname)
  .flatMap((file) => /^schema-(\d+)\.json$/.exec(file)?.[1] ?? [])
  .map(Number)
  .sort((a, b) => a - b);
const signal = new AbortController().signal;
const HOUR_MS = 3_600_000;

type TableName = 'checkpoints' | 'ledger' | 'alerts' | 'operations' | 'guards';
type Entities = Readonly<Record<TableName, readonly TableEntity[]>>;

let azurite: Azurite;
let tables: Record<TableName, TableClient>;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(async () => {
  await azurite.stop();
});

function readFixture(version: number): Entities {
  const file = path.join(import.meta.dirname, `schema-${version}.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as Entities;
}

it('has data of the schema version that is current', () => {
  expect(versions).toContain(CHECKPOINT_SCHEMA_VERSION);
  expect(versions.at(-1)).toBe(Math.max(CHECKPOINT_SCHEMA_VERSION, OPERATION_SCHEMA_VERSION));
});

describe.each(versions)('after an upgrade from schema version %i', (version) => {
  let made = 0;
  beforeEach(async () => {
    made += 1;
    const open = async (name: string, entities: readonly TableEntity[]) => {
      const table = TableClient.fromConnectionString(
        azurite.connectionString,
        `${name}${version}run${made}`,
        { allowInsecureConnection: true },
      );
      await table.createTable();
      for (const entity of entities) await table.createEntity(entity);
      return table;
    };
    const { checkpoints, ledger, alerts, operations, guards } = readFixture(version);
    tables = {
      checkpoints: await open('checkpoints', checkpoints),
      ledger: await open('ledger', ledger),
      alerts: await open('alerts', alerts),
      operations: await open('operations', operations),
      guards: await open('guards', guards),
    };
  });

  it('goes on where the pull stopped: what is new comes once, what was handed over does not come again', async () => {
    // Late enough for the gap to be tried and for the past 24 hours to be swept.
    const clock = new VirtualClock(Date.parse('2026-11-21T13:10:00Z'));
    const source = new MemorySource(clock);
    const outbox = new MemoryOutbox();
    source.put(
      { id: 'known-1', lastUpdateTime: '2026-11-21T10:30:00.1234567Z' },
      { id: 'known-2', lastUpdateTime: '2026-11-21T11:50:00Z' },
      { id: 'known-3', lastUpdateTime: '2026-11-21T11:58:00Z' },
      { id: 'in-the-gap', lastUpdateTime: '2026-11-21T12:04:00.5Z' },
      { id: 'new', lastUpdateTime: '2026-11-21T13:00:00Z' },
    );
    const checkpoints = new TableCheckpointStore(() => Promise.resolve(tables.checkpoints));
    const pull = new AlertPull({
      tenantId: ORIGIN.tenantId,
      source,
      checkpoints,
      ledger: new TableLedger(() => Promise.resolve(tables.ledger)),
      outbox,
      quarantine: new MemoryQuarantine(),
      clock,
      random: () => 0.5,
      settings: PULL_SETTINGS,
    });
    const before = await checkpoints.read(ORIGIN, signal);
    expect(await pull.run('after the upgrade', collectLogs().logger, signal)).toBe('finished');
    expect(outbox.sent.map(({ alertId }) => alertId).sort()).toEqual(['in-the-gap', 'new']);
    const after = await checkpoints.read(ORIGIN, signal);
    expect(after?.checkpoint.gaps).toEqual([]);
    expect(after?.checkpoint.startedFrom).toBe(before?.checkpoint.startedFrom);
    expect(after?.lease.epoch).toBe((before?.lease.epoch ?? 0) + 1);
    // Nothing is read from the start: the first page begins an overlap behind the watermark, or in the gap.
    expect(source.queries.every(({ window }) => window.from > (before?.checkpoint.startedFrom ?? 0n))).toBe(
      true,
    );
  });

  it('knows the operation that was under way, and whom it concerns', async () => {
    const operations = new TableOperationStore(() => Promise.resolve(tables.operations));
    const [open] = await operations.listOpen(signal);
    const stored = await operations.read(open?.id ?? '', signal);
    expect(stored?.operation).toMatchObject({
      status: 'Running',
      request: {
        action: 'isolate',
        device: { name: 'lis-desk-001.corp.example' },
        comment: 'Looks infected',
      },
      machineAction: { status: 'Pending' },
    });
    const query = {
      device: 'lis-desk-001.corp.example',
      callerId: undefined,
      top: 10,
      continuation: undefined,
    };
    const since = Date.parse('2026-11-21T00:00:00Z');
    const listed = await operations.list({ ...query, since }, signal);
    expect(listed.operations.map(({ id }) => id)).toEqual([open?.id]);
  });

  it('keeps actions paused, and recognises an alert that was delivered', async () => {
    const pause = await new PauseSwitch(() => Promise.resolve(tables.guards)).read(signal);
    expect(pause).toMatchObject({ isPaused: true, allowsRelease: true, reason: 'before the upgrade' });
    const clock = new VirtualClock(Date.parse('2026-11-21T13:10:00Z') + HOUR_MS);
    const history = new TableAlertHistory(() => Promise.resolve(tables.alerts), clock);
    const deliver = async (lastUpdateTime: string) =>
      await history.claim(
        createEnvelope(createVersion({ id: 'known-1', lastUpdateTime }), clock.now()),
        signal,
      );
    expect(await deliver('2026-11-21T10:30:00.1234567Z')).toBe('stale');
    expect(await deliver('2026-11-21T13:30:00Z')).toMatchObject({ change: 'updated' });
  });
});

it('writes rows of the very form of the newest data: another form needs another schema version', () => {
  const newest = readFixture(versions.at(-1) ?? 0);
  const withoutKeys = ({ partitionKey, rowKey, ...row }: TableEntity) => row;
  for (const row of newest.checkpoints) {
    const { checkpoint, lease } = fromCheckpointRow(ORIGIN, row);
    expect(toCheckpointRow(ORIGIN, checkpoint, lease)).toEqual(withoutKeys(row));
  }
  const operations = newest.operations.filter(({ schemaVersion }) => schemaVersion !== undefined);
  expect(operations).not.toEqual([]);
  for (const row of operations)
    expect(toOperationRow(fromOperationRow(row.rowKey, row))).toEqual(withoutKeys(row));
});

import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import type { AlertOrigin } from '../src/alerts/AlertVersion.ts';
import { CHECKPOINT_TABLE } from '../src/alerts/TableCheckpointStore.ts';
import { systemClock } from '../src/runtime/Clock.ts';
import { CheckpointAdmin, parseWatermark, type RawRow } from './CheckpointAdmin.ts';
import { openOperatorStorage } from './operatorStorage.ts';
import { runCommand, UsageError } from './runCommand.ts';

const USAGE = `npm run checkpoint -- show
npm run checkpoint -- set --watermark 2026-11-21T08:00:00Z --reason "why" [--tenant id] [--source endpoint]
npm run checkpoint -- reset --reason "why" [--tenant id] [--source endpoint]`;

const INTERNAL_PROPERTIES = new Set(['etag', 'partitionKey', 'rowKey', 'writeId', 'timestamp']);

await runCommand(async () => {
  const { positionals, values } = readArguments();
  const [command] = positionals;
  const table = await openOperatorStorage(process.env).table(CHECKPOINT_TABLE);
  const admin = new CheckpointAdmin(table, systemClock);
  const rows = await admin.list();
  if (command === 'show') {
    show(rows);
  } else if (command === 'set' || command === 'reset') {
    const reason = values.reason?.trim();
    if (!reason) throw new UsageError(`Say why with --reason "...". Usage:\n${USAGE}`);
    const origin = chooseOrigin(rows, values.tenant, values.source);
    const by = userInfo().username;
    const repair =
      command === 'set'
        ? await admin.set(origin, parseWatermark(values.watermark ?? ''), reason, by)
        : await admin.reset(origin, reason, by);
    console.log(
      `${origin.tenantId} ${origin.source}: watermark ${repair.previousWatermark || '(none)'} -> ` +
        (repair.watermark || '(none: the next run begins as the first one did)'),
    );
  } else {
    throw new UsageError(`Usage:\n${USAGE}`);
  }
});

function readArguments() {
  const option = { type: 'string' } as const;
  try {
    return parseArgs({
      allowPositionals: true,
      options: { tenant: option, source: option, watermark: option, reason: option },
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\nUsage:\n${USAGE}`);
  }
}

function show(rows: readonly RawRow[]): void {
  const checkpoints = rows.filter((row) => row.action === undefined);
  if (checkpoints.length === 0) console.log('There is no checkpoint yet: the pull has not run.');
  for (const { calls, ...row } of checkpoints) {
    const shown = Object.entries(row).filter(([name]) => !INTERNAL_PROPERTIES.has(name));
    const callsLastHour = typeof calls === 'string' ? calls.split(' ').filter(Boolean).length : 0;
    console.log(JSON.stringify({ ...Object.fromEntries(shown), callsLastHour }, null, 2));
  }
  for (const { at, action, tenantId, source, previousWatermark, watermark, reason, by } of rows.filter(
    (row) => row.action !== undefined,
  )) {
    console.log(
      [at, action, tenantId, source, previousWatermark, '->', watermark, 'by', by, 'because', reason]
        .map(String)
        .join(' '),
    );
  }
}

/** The checkpoint that is meant: the named one, or the only one there is. */
function chooseOrigin(
  rows: readonly RawRow[],
  tenant: string | undefined,
  source: string | undefined,
): AlertOrigin {
  const origins = rows
    .filter((row) => row.action === undefined)
    .map((row) => ({ tenantId: String(row.tenantId), source: String(row.source) }))
    .filter(
      (origin) =>
        (!tenant || origin.tenantId === tenant.toLowerCase()) && (!source || origin.source === source),
    );
  const [only, ...others] = origins;
  if (only && others.length === 0) return only;
  if (tenant && source) return { tenantId: tenant.toLowerCase(), source };
  throw new UsageError(
    'Name the checkpoint with --tenant and --source; `npm run checkpoint -- show` lists them.',
  );
}

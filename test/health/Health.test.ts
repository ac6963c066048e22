import type { TableClient } from '@azure/data-tables';
import type { QueueClient } from '@azure/storage-queue';
import { describe, expect, it } from 'vitest';
import { createCheckpoint, type Checkpoint } from '../../src/alerts/Checkpoint.ts';
import type { CheckpointStore } from '../../src/alerts/CheckpointStore.ts';
import { CheckpointUntrusted } from '../../src/alerts/CheckpointUntrusted.ts';
import { PoisonQueue } from '../../src/alerts/PoisonQueue.ts';
import { fromUnixMs } from '../../src/alerts/ticks.ts';
import { Health, type HealthInit } from '../../src/health/Health.ts';
import type { CredentialExpiry } from '../../src/identity/CredentialWatch.ts';
import { CredentialRefused } from '../../src/identity/CredentialRefused.ts';
import type { OperationStore } from '../../src/operations/OperationStore.ts';
import { PauseSwitch } from '../../src/operations/PauseSwitch.ts';
import { StorageError } from '../../src/storage/StorageError.ts';
import { TenantList } from '../../src/tenants/TenantList.ts';
import type { TenantRecord } from '../../src/tenants/TenantRecord.ts';
import { createTenant, HOME, rowOf } from '../support/tenants.ts';
import { VirtualClock } from '../support/VirtualClock.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const never = new AbortController().signal;
const unused = () => Promise.reject(new Error('not called for the health'));
/** As if it came from elsewhere: what `work` gives or throws, in a moment. */
const later = <T>(work: () => T): Promise<T> => Promise.resolve().then(work);
const storageFailure = { statusCode: 503, code: 'ServerBusy' };

/** What the app stores and gets, by its parts; each one gives a value or throws. */
interface Parts {
  checkpoint: () => Checkpoint | undefined;
  poison: () => number;
  token: () => string;
  open: () => number;
  pause: () => Record<string, unknown> | undefined;
  expiries: () => readonly CredentialExpiry[];
  /** Rows of tenants. */
  tenants: () => Record<string, unknown>[];
}

function createHealth(changes: Partial<Parts> = {}, init: Partial<HealthInit> = {}) {
  const parts: Parts = {
    checkpoint: () => ({
      ...createCheckpoint(0n, 0n),
      watermark: fromUnixMs(NOW - MINUTE_MS),
      lastSuccess: NOW - MINUTE_MS,
    }),
    poison: () => 0,
    token: () => 'token',
    open: () => 0,
    pause: () => undefined,
    expiries: () => [],
    tenants: () => [],
    ...changes,
  };
  const clock = new VirtualClock(NOW);
  const counts = { checkpoint: 0, token: 0 };
  const checkpoints: CheckpointStore = {
    read: () => {
      counts.checkpoint += 1;
      const lease = { epoch: 1, owner: undefined, until: 0 };
      return later(parts.checkpoint).then((checkpoint) => checkpoint && { checkpoint, lease, etag: 'e' });
    },
    write: unused,
  };
  const operations: OperationStore = {
    listOpen: () =>
      later(parts.open).then((count) =>
        Array.from({ length: count }, (_, i) => ({ id: String(i), since: NOW, etag: 'e' })),
      ),
    ...{ read: unused, create: unused, replace: unused, close: unused, list: unused },
  };
  const queue = { getProperties: () => later(() => ({ approximateMessagesCount: parts.poison() })) };
  const table = {
    getEntity: () =>
      later(() => {
        const row = parts.pause();
        if (!row) throw Object.assign(new Error('absent'), { statusCode: 404, code: 'ResourceNotFound' });
        return row;
      }),
  };
  const health = new Health({
    origin: { tenantId: 'contoso.example', source: 'endpoint' },
    isPulling: true,
    maxPullAgeMs: 30 * MINUTE_MS,
    audience: 'https://api.securitycenter.microsoft.com',
    checkpoints,
    poison: new PoisonQueue(() => Promise.resolve(queue as unknown as QueueClient), clock),
    tokens: {
      getToken: () => {
        counts.token += 1;
        return later(parts.token);
      },
    },
    operations,
    pause: new PauseSwitch(() => Promise.resolve(table as unknown as TableClient)),
    credentials: { read: () => later(parts.expiries) },
    tenants: { list: () => later(() => new TenantList(parts.tenants(), HOME)) },
    clock,
    ...init,
  });
  return { health, clock, counts, report: () => health.report(never), parts };
}

function refuse(error: unknown): () => never {
  return () => {
    throw error;
  };
}

const tenantRow = (changes: Partial<TenantRecord>) => rowOf(createTenant(1, { addedAt: 0, ...changes }));
const gap = { from: 0n, to: 1n, since: NOW, attempts: 1, nextTryAt: NOW };
const withCheckpoint = (changes: Partial<Checkpoint>) => ({
  checkpoint: () => ({
    ...createCheckpoint(0n, 0n),
    watermark: fromUnixMs(NOW - MINUTE_MS),
    lastSuccess: NOW - MINUTE_MS,
    ...changes,
  }),
});
const credentialRefused = new CredentialRefused({
  subject: 'x',
  error: 'invalid_client',
  number: undefined,
  correlationId: undefined,
  cause: undefined,
});

describe('the health', () => {
  it('is up when all is well, with what stands behind it', async () => {
    expect(await createHealth({ open: () => 3 }).report()).toEqual({
      status: 'up',
      reasons: [],
      pull: { lastSuccessDateTime: '2026-11-21T11:59:00.000Z', ageSeconds: 60, lagSeconds: 60, gaps: 0 },
      tenants: { enabled: 1, late: 0, failing: 0 },
      poisonMessages: 0,
      credential: 'ok',
      expiringCredentials: [],
      openOperations: 3,
      actionsPaused: false,
    });
  });

  it.each<[string, Partial<Parts>]>([
    ['pull_never_finished', { checkpoint: () => undefined }],
    ['pull_never_finished', withCheckpoint({ lastSuccess: undefined })],
    ['pull_too_old', withCheckpoint({ lastSuccess: NOW - 31 * MINUTE_MS })],
    ['pull_gaps', withCheckpoint({ gaps: [gap] })],
    ['poison_messages', { poison: () => 2 }],
    ['credential_refused', { token: refuse(credentialRefused) }],
    ['checkpoint_untrusted', { checkpoint: refuse(new CheckpointUntrusted('t', 's', 'why')) }],
    ['storage_error', { poison: refuse(storageFailure) }],
    ['storage_error', { pause: refuse(storageFailure) }],
    ['storage_error', { tenants: refuse(new StorageError('Read tenants', storageFailure)) }],
    ['tenants_late', { tenants: () => [tenantRow({ lastSuccess: NOW - 31 * MINUTE_MS })] }],
    ['tenants_late', { tenants: () => [tenantRow({ addedAt: NOW - 31 * MINUTE_MS })] }],
    ['tenant_untrusted', { tenants: () => [rowOf(createTenant(1), { name: 5 })] }],
    ['unexpected_error', { open: refuse(new TypeError('x')) }],
    ['unexpected_error', { token: refuse('a text') }],
  ])('is degraded because of %s', async (reason, parts) => {
    expect(await createHealth(parts).report()).toMatchObject({ status: 'degraded', reasons: [reason] });
  });

  it('names every reason, each once, and what is known besides', async () => {
    const { report } = createHealth({
      ...withCheckpoint({ lastSuccess: NOW - 31 * MINUTE_MS, gaps: [gap, gap] }),
      poison: refuse(storageFailure),
      pause: refuse(storageFailure),
      token: refuse(credentialRefused),
    });
    const { reasons, ...known } = await report();
    expect([...reasons].sort()).toEqual(['credential_refused', 'pull_gaps', 'pull_too_old', 'storage_error']);
    expect(known).toEqual({
      status: 'degraded',
      pull: { lastSuccessDateTime: '2026-11-21T11:29:00.000Z', ageSeconds: 1860, lagSeconds: 60, gaps: 2 },
      tenants: { enabled: 1, late: 0, failing: 0 },
      poisonMessages: undefined,
      credential: 'credential_refused',
      expiringCredentials: [],
      openOperations: 0,
      actionsPaused: undefined,
    });
  });

  it('never throws, even when nothing at all can be asked', async () => {
    const broken = refuse(new Error('everything is down'));
    const { report } = createHealth({
      checkpoint: broken,
      poison: broken,
      token: broken,
      open: broken,
      pause: broken,
      tenants: broken,
      expiries: broken,
    });
    expect(await report()).toEqual({
      status: 'degraded',
      reasons: ['unexpected_error', 'storage_error'],
      pull: undefined,
      tenants: undefined,
      poisonMessages: undefined,
      credential: 'unexpected_error',
      expiringCredentials: [],
      openOperations: undefined,
      actionsPaused: undefined,
    });
  });

  it('is not degraded by a pull that is exactly as old as it may be', async () => {
    const parts = withCheckpoint({ lastSuccess: NOW - 30 * MINUTE_MS });
    expect(await createHealth(parts).report()).toMatchObject({ status: 'up' });
  });

  it('misses no pull where none is scheduled', async () => {
    for (const parts of [{ checkpoint: () => undefined }, withCheckpoint({ lastSuccess: 0, gaps: [gap] })]) {
      expect(await createHealth(parts, { isPulling: false }).report()).toMatchObject({
        status: 'up',
        reasons: [],
      });
    }
    expect((await createHealth({ checkpoint: () => undefined }).report()).pull).toBeUndefined();
  });

  it('counts the tenants that are not paused, those that are late and those that fail', async () => {
    const fresh = { lastSuccess: NOW - MINUTE_MS };
    const late = { lastSuccess: NOW - 31 * MINUTE_MS };
    const rows = () => [
      rowOf(createTenant(1, fresh)),
      rowOf(createTenant(2, { ...late, lastOutcome: 'credential_refused' })),
      rowOf(createTenant(3, { ...late, lastOutcome: 'paused' })),
      rowOf(createTenant(4, { ...late, isEnabled: false })),
      // As much time as an old one has.
      rowOf(createTenant(5, { addedAt: NOW - 30 * MINUTE_MS })),
      rowOf(createTenant(6, { ...fresh, lastOutcome: 'defender_permission_missing' })),
    ];
    const report = await createHealth({ tenants: rows }).report();
    expect(report).toMatchObject({ reasons: ['tenants_late'], tenants: { enabled: 6, late: 2, failing: 2 } });
    const idle = await createHealth({ tenants: rows }, { isPulling: false }).report();
    expect(idle).toMatchObject({ status: 'up', tenants: { late: 0 } });
  });

  it('misses no pull of a home tenant that is paused', async () => {
    const home = createTenant(1, { id: HOME.tenantId, isEnabled: false });
    const parts = { ...withCheckpoint({ lastSuccess: 0, gaps: [gap] }), tenants: () => [rowOf(home)] };
    expect(await createHealth(parts).report()).toMatchObject({ status: 'up', tenants: { enabled: 0 } });
  });

  it('says that actions are paused, which is no fault of the app', async () => {
    const { report } = createHealth({ pause: () => ({ isPaused: true, reason: 'maintenance' }) });
    expect(await report()).toMatchObject({ status: 'up', actionsPaused: true });
  });

  it.each([
    [30, 'up', []],
    [7, 'degraded', ['credential_expires']],
    [1, 'degraded', ['credential_expires']],
    [0, 'degraded', ['credential_expires']],
  ] as const)('tells what expires, with the notice of %i days as %s', async (notice, status, reasons) => {
    const expiresOn = NOW + notice * DAY_MS;
    const about = { name: 'secret', kind: 'clientSecret', usedFor: 'defender', daysLeft: notice } as const;
    const { report } = createHealth({ expiries: () => [{ ...about, expiresOn, notice }] });
    expect(await report()).toMatchObject({
      status,
      reasons,
      expiringCredentials: [
        {
          name: 'secret',
          usedFor: 'defender',
          expiresDateTime: new Date(expiresOn).toISOString(),
          daysLeft: notice,
        },
      ],
    });
  });

  it('is never in the future, though clocks differ', async () => {
    const ahead = withCheckpoint({ lastSuccess: NOW + MINUTE_MS, watermark: fromUnixMs(NOW + MINUTE_MS) });
    expect((await createHealth(ahead).report()).pull).toMatchObject({ ageSeconds: 0, lagSeconds: 0 });
  });
});

describe('asking for the health often', () => {
  it('asks storage and Entra once in ten seconds, also when many ask at once', async () => {
    const { report, clock, counts, parts } = createHealth();
    await Promise.all(Array.from({ length: 20 }, report));
    parts.poison = () => 5;
    clock.advance(9_999);
    expect(await report()).toMatchObject({ poisonMessages: 0 });
    expect(counts).toEqual({ checkpoint: 1, token: 1 });
    clock.advance(1);
    expect(await report()).toMatchObject({ poisonMessages: 5 });
    expect(counts).toEqual({ checkpoint: 2, token: 2 });
  });

  it('keeps no answer of a caller who did not wait for it', async () => {
    const { health, report, parts } = createHealth();
    const reason = new Error('the caller is gone');
    const caller = new AbortController();
    parts.token = () => {
      caller.abort(reason);
      throw reason;
    };
    await expect(health.report(caller.signal)).rejects.toBe(reason);
    parts.token = () => 'token';
    expect(await report()).toMatchObject({ status: 'up' });
  });
});

import { AlertPull } from '../alerts/AlertPull.ts';
import { EndpointAlertSource } from '../alerts/EndpointAlertSource.ts';
import { BlobQuarantine, QUARANTINE_CONTAINER } from '../alerts/Quarantine.ts';
import { ALERT_CONTAINER, OUTBOX_QUEUE, QueueOutbox } from '../alerts/QueueOutbox.ts';
import { CHECKPOINT_TABLE, TableCheckpointStore } from '../alerts/TableCheckpointStore.ts';
import { LEDGER_TABLE, TableLedger } from '../alerts/TableLedger.ts';
import { systemClock as clock } from '../runtime/Clock.ts';
import { systemRandom as random } from '../runtime/Random.ts';
import type { Settings } from '../settings/parseSettings.ts';
import { asApplication } from '../tenants/createOpenAsApplication.ts';
import { TenantPulls } from '../tenants/TenantPulls.ts';
import { TENANT_QUEUE, TenantQueue } from '../tenants/TenantQueue.ts';
import { createTurns, type Turns } from '../tenants/Turns.ts';
import { credential, storage, tenants } from './shared.ts';

/** The pull of all tenants: each has a source and a checkpoint of its own, and they share the stores. */
export function createTenantPulls(
  { identity, defender, alerts, tenantFanOutAbove }: Settings,
  turns: Turns = createTurns(),
): TenantPulls {
  const stores = {
    checkpoints: new TableCheckpointStore(() => storage().table(CHECKPOINT_TABLE)),
    ledger: new TableLedger(() => storage().table(LEDGER_TABLE)),
    outbox: new QueueOutbox({
      queue: () => storage().queue(OUTBOX_QUEUE),
      container: () => storage().container(ALERT_CONTAINER),
      clock,
    }),
    quarantine: new BlobQuarantine(() => storage().container(QUARANTINE_CONTAINER)),
  };
  return new TenantPulls({
    tenants: tenants(),
    homeId: identity.tenantId,
    pullOf: (tenant, run) => {
      const client = asApplication(tenant, credential(), defender).client('endpoint');
      return new AlertPull({
        ...stores,
        tenantId: tenant.id,
        source: run.source(new EndpointAlertSource(client)),
        clock: run.clock,
        random,
        settings: { ...alerts, budgetMs: run.budgetMs },
        longestWaitMs: run.longestWaitMs,
      });
    },
    queue: new TenantQueue(() => storage().queue(TENANT_QUEUE)),
    turns,
    fanOutAbove: tenantFanOutAbove,
    budgetMs: alerts.budgetMs,
    clock,
  });
}

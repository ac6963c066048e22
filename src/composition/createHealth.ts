import { PoisonQueue, POISON_QUEUE } from '../alerts/PoisonQueue.ts';
import { CHECKPOINT_TABLE, TableCheckpointStore } from '../alerts/TableCheckpointStore.ts';
import { Health } from '../health/Health.ts';
import type { PauseSwitch } from '../operations/PauseSwitch.ts';
import type { TableOperationStore } from '../operations/TableOperationStore.ts';
import { systemClock as clock } from '../runtime/Clock.ts';
import type { ResponseSettings } from '../settings/parseResponseSettings.ts';
import { credential, credentialWatch, storage, tenants } from './shared.ts';

/** How the app is, in its home tenant and over all. */
export function createHealth(
  { identity, defender, maxPullAgeMs }: ResponseSettings,
  operations: TableOperationStore,
  pause: PauseSwitch,
): Health {
  return new Health({
    origin: { tenantId: identity.tenantId, source: 'endpoint' },
    isPulling: Boolean(process.env.ALERT_PULL_SCHEDULE?.trim()),
    maxPullAgeMs,
    audience: defender.endpointsOf(identity.cloud).endpoint.audience,
    checkpoints: new TableCheckpointStore(() => storage().table(CHECKPOINT_TABLE)),
    poison: new PoisonQueue(() => storage().queue(POISON_QUEUE), clock),
    tokens: credential().tokensIn(identity.tenantId),
    operations,
    pause,
    tenants: tenants(),
    credentials: credentialWatch(),
    clock,
  });
}

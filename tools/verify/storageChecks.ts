import { TableClient } from '@azure/data-tables';
import type { TokenCredential } from '@azure/identity';
import { CHECKPOINT_TABLE } from '../../src/alerts/TableCheckpointStore.ts';
import { ALERT_TABLE } from '../../src/alerts/TableAlertHistory.ts';
import { LEDGER_TABLE } from '../../src/alerts/TableLedger.ts';
import { TENANT_TABLE } from '../../src/tenants/tenantRow.ts';
import { GUARD_TABLE } from '../../src/operations/PauseSwitch.ts';
import { OPERATION_TABLE } from '../../src/operations/TableOperationStore.ts';
import type { StorageSettings } from '../../src/settings/parseSettings.ts';
import { readStorageFailure } from '../../src/storage/StorageError.ts';
import { failed, ok, unknown, type Check, type Finding } from './Check.ts';

const tables = [CHECKPOINT_TABLE, LEDGER_TABLE, ALERT_TABLE, OPERATION_TABLE, GUARD_TABLE, TENANT_TABLE];

/** Whether the tables are there and can be read, with the operator's own rights. */
export function storageChecks(settings: StorageSettings | undefined, credential: TokenCredential): Check[] {
  return tables.map((name) => ({
    name: `table ${name}`,
    run: async (signal) => {
      if (!settings) return unknown('STORAGE_ACCOUNT_NAME is not known.');
      return await readOne(openTable(settings, credential, name), signal);
    },
  }));
}

/** Unlike the app, this makes no table that is missing. */
function openTable(settings: StorageSettings, credential: TokenCredential, name: string): TableClient {
  // A table that cannot be reached should not hold up the others for long.
  const retryOptions = { maxRetries: 1 };
  return settings.connectionString
    ? TableClient.fromConnectionString(settings.connectionString, name, {
        allowInsecureConnection: true,
        retryOptions,
      })
    : new TableClient(settings.tableUrl ?? '', name, credential, { retryOptions });
}

async function readOne(table: TableClient, abortSignal: AbortSignal): Promise<Finding> {
  try {
    const pages = table.listEntities({ abortSignal }).byPage({ maxPageSize: 1 });
    const { value } = (await pages.next()) as { value: readonly unknown[] | undefined };
    return ok(value?.length ? 'has rows' : 'empty');
  } catch (error) {
    const { status, serviceCode } = readStorageFailure(error);
    const answer = `${status ?? 'no answer'} ${serviceCode ?? ''}`.trim();
    if (status === 404) return failed(`${answer}: it is not there.`);
    if (status === 403)
      return unknown(`${answer}: you need Storage Table Data Reader on the account (OPERATOR_PRINCIPAL_ID).`);
    return unknown(`${answer}: with a private network, run this from a machine in it.`);
  }
}

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { DefaultAzureCredential } from '@azure/identity';
import { systemClock } from '../src/runtime/Clock.ts';
import { parseStorageSettings, type StorageSettings } from '../src/settings/parseSettings.ts';
import { parseDurationMs } from '../src/settings/settingTypes.ts';
import { SettingsError } from '../src/settings/SettingsError.ts';
import type { Environment } from '../src/settings/SettingsReader.ts';
import { GraphDirectory } from './GraphDirectory.ts';
import { openCaller, readLocalUrl, type ApiCaller } from './openCaller.ts';
import { readCloud } from './readCloud.ts';
import { readDeployment } from './readDeployment.ts';
import { runCommand, UsageError } from './runCommand.ts';
import { apiChecks } from './verify/apiChecks.ts';
import { runCheck, type Check, type Finding } from './verify/Check.ts';
import { delegatedChecks } from './verify/delegatedChecks.ts';
import { directoryChecks } from './verify/directoryChecks.ts';
import { readFeatures } from './verify/readFeatures.ts';
import { storageChecks } from './verify/storageChecks.ts';

const USAGE = `npm run verify:azure                       looks once
npm run verify:azure -- --wait PT10M       until nothing is wrong, as after a deployment whose first pull is still to come`;

/** All checks of one look together. */
const TIMEOUT_MS = 5 * 60_000;
const PAUSE_MS = 15_000;

type Row = readonly [Check, Finding];

await runCommand(async () => {
  const waitMs = readWait();
  const deployment = readDeployment(process.env);
  const end = systemClock.now() + waitMs;
  let rows = await look(deployment);
  while (countOf(rows, 'failed') > 0 && systemClock.now() + PAUSE_MS < end) {
    console.log(`${countOf(rows, 'failed')} failed so far; looking again.`);
    await systemClock.sleep(PAUSE_MS, AbortSignal.timeout(TIMEOUT_MS));
    rows = await look(deployment);
  }
  print(rows);
  process.exitCode = countOf(rows, 'failed') > 0 ? 1 : countOf(rows, 'unknown') > 0 ? 2 : 0;
});

function readWait(): number {
  const { wait } = readArguments();
  const waitMs = parseDurationMs(wait);
  if (waitMs === undefined) throw new UsageError(`--wait must be an ISO 8601 duration. Usage:\n${USAGE}`);
  return waitMs;
}

function readArguments() {
  try {
    return parseArgs({ options: { wait: { type: 'string', default: 'PT0S' } } }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\nUsage:\n${USAGE}`);
  }
}

async function look(deployment: Environment): Promise<Row[]> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const rows: Row[] = [];
  for (const check of createChecks(deployment)) rows.push([check, await runCheck(check, signal)]);
  return rows;
}

function print(rows: readonly Row[]): void {
  const width = Math.max(...rows.map(([{ name }]) => name.length));
  for (const [{ name }, { status, detail }] of rows)
    console.log(`${status.padEnd('unknown'.length)}  ${name.padEnd(width)}  ${detail}`);
  const count = (status: Finding['status']) => countOf(rows, status);
  console.log(`${count('ok')} ok, ${count('failed')} failed, ${count('unknown')} could not be looked at`);
}

function countOf(rows: readonly Row[], wanted: Finding['status']): number {
  return rows.filter(([, { status }]) => status === wanted).length;
}

function createChecks(deployment: Environment): Check[] {
  const { AZURE_TENANT_ID: tenantId, DEFENDER_CREDENTIAL: kind = 'managedIdentity' } = deployment;
  const credential = new DefaultAzureCredential(tenantId === undefined ? {} : { tenantId });
  const features = readFeatures(deployment);
  const { graphUrl } = readCloud(deployment);
  const directory = new GraphDirectory({ url: graphUrl, credential, clock: systemClock });
  const actsForPeople = deployment.ON_BEHALF_OF_CREDENTIAL !== 'off';
  return [
    ...directoryChecks({
      directory,
      identityClientId: deployment.APP_IDENTITY_CLIENT_ID,
      applicationClientId: kind === 'managedIdentity' ? undefined : deployment.DEFENDER_CLIENT_ID,
      features,
    }),
    ...delegatedChecks({
      directory,
      apiClientId: actsForPeople ? deployment.ON_BEHALF_OF_CLIENT_ID : undefined,
      terminalClientId: deployment.PUBLIC_CLIENT_ID,
      features,
    }),
    ...storageChecks(readStorage(deployment), credential),
    ...apiChecks({
      url: (deployment.API_URL ?? readLocalUrl(deployment)).replace(/\/+$/, ''),
      caller: onceAsync(() => openOperator(deployment)),
      features,
    }),
  ];
}

function readStorage(deployment: Environment): StorageSettings | undefined {
  const { STORAGE_ACCOUNT_NAME: accountName } = deployment;
  const env = accountName === undefined ? deployment : { AzureWebJobsStorage__accountName: accountName };
  try {
    return parseStorageSettings(env);
  } catch (error) {
    if (error instanceof SettingsError) return readLocalStorage(deployment);
    throw error;
  }
}

function readLocalStorage(env: Environment): StorageSettings | undefined {
  const folder = env.LOCAL_DATA_FOLDER ?? path.join(import.meta.dirname, '..', '.local');
  const file = path.join(folder, 'settings.json');
  if (env.API_URL !== undefined || !existsSync(file)) return undefined;
  return parseStorageSettings(JSON.parse(readFileSync(file, 'utf8')) as Environment);
}

async function openOperator(deployment: Environment): Promise<ApiCaller> {
  try {
    return await openCaller(deployment);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    // What the SDK says lists every way to sign in that it tried.
    throw new UsageError(
      'You get no token for the API: sign in (az login), and have Defender.Read assigned to you (docs/deploy.md).',
    );
  }
}

function onceAsync<T>(create: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= create());
}

import { parseArgs } from 'node:util';
import { DefaultAzureCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { systemClock } from '../src/runtime/Clock.ts';
import { isLoopback, parseDurationMs } from '../src/settings/settingTypes.ts';
import type { Environment } from '../src/settings/SettingsReader.ts';
import { GraphDirectory } from './GraphDirectory.ts';
import { GraphRefused } from './GraphRefused.ts';
import { readDeployment, requireValues } from './readDeployment.ts';
import { runCommand, UsageError } from './runCommand.ts';
import { SecretRotation, VaultRefused, type SecretInfo } from './SecretRotation.ts';
import { untilSecretAccepted } from './untilSecretAccepted.ts';

const USAGE = `npm run rotate-secret                      makes a new client secret and puts it into Key Vault
npm run rotate-secret -- --if-needed       only where there is none that lasts 30 more days; azd runs this after provisioning
npm run rotate-secret -- --remove-old      makes none; removes those that were replaced longer ago than --grace
Options: --lifetime P180D   how long a new secret lasts   --grace P1D   how long a replaced one goes on working`;

const TIMEOUT_MS = 10 * 60_000;
/** A role or an application that was just made takes a while to be known everywhere. */
const PATIENCE_MS = 3 * 60_000;
const PAUSE_MS = 10_000;

await runCommand(async () => {
  const values = readArguments();
  const deployment = readDeployment(process.env);
  const { DEFENDER_CREDENTIAL: credential } = deployment;
  if (values['if-needed'] && credential !== 'clientSecret') {
    console.log(`No client secret is needed: DEFENDER_CREDENTIAL is ${credential ?? 'not set'}.`);
    return;
  }
  if (credential !== undefined && credential !== 'clientSecret')
    throw new UsageError(`DEFENDER_CREDENTIAL is ${credential}: there is no client secret to rotate.`);
  const lifetimeMs = readDuration('lifetime', values.lifetime);
  const graceMs = readDuration('grace', values.grace);
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const rotation = createRotation(deployment);
  const current = await findCurrent(rotation, values['if-needed'], signal);
  if (values['if-needed'] && rotation.isLasting(current)) {
    console.log(`The client secret in Key Vault lasts ${formatEnd(current)}.`);
    return;
  }
  const newest = values['remove-old'] ? requireCurrent(current) : await rotation.rotate(lifetimeMs, signal);
  if (!values['remove-old'])
    console.log(`A new client secret is in Key Vault. It lasts ${formatEnd(newest)}.`);
  const removed = await rotation.removeReplaced(newest, graceMs, signal);
  console.log(`Removed ${removed} that were replaced longer ago than ${values.grace}.`);
});

function formatEnd({ expiresOn }: SecretInfo): string {
  return expiresOn
    ? `until ${expiresOn.toISOString()}`
    : 'as long as nobody knows: it was put there by other means';
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        'if-needed': { type: 'boolean', default: false },
        'remove-old': { type: 'boolean', default: false },
        lifetime: { type: 'string', default: 'P180D' },
        grace: { type: 'string', default: 'P1D' },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\nUsage:\n${USAGE}`);
  }
}

function readDuration(name: string, text: string): number {
  const ms = parseDurationMs(text);
  if (ms === undefined) throw new UsageError(`--${name} must be an ISO 8601 duration. Usage:\n${USAGE}`);
  return ms;
}

function createRotation(deployment: Environment): SecretRotation {
  const names = [
    'DEFENDER_TENANT_ID',
    'DEFENDER_CLIENT_ID',
    'DEFENDER_SECRET_NAME',
    'KEY_VAULT_URL',
  ] as const;
  const known = requireValues(deployment, ...names);
  // The application and the vault are where the app runs; the tenant whose Defender is read may be another one.
  const { AZURE_TENANT_ID: tenantId, AZURE_AUTHORITY_HOST: authorityHost } = deployment;
  const credential = new DefaultAzureCredential(tenantId === undefined ? {} : { tenantId });
  const vaultUrl = known.KEY_VAULT_URL;
  return new SecretRotation({
    directory: new GraphDirectory({
      url: deployment.GRAPH_API_URL ?? 'https://graph.microsoft.com',
      credential,
      clock: systemClock,
    }),
    vault: new SecretClient(vaultUrl, credential, {
      disableChallengeResourceVerification: isLoopback(new URL(vaultUrl)),
    }),
    clientId: known.DEFENDER_CLIENT_ID,
    secretName: known.DEFENDER_SECRET_NAME,
    untilAccepted: untilSecretAccepted({
      tenantId: known.DEFENDER_TENANT_ID,
      clientId: known.DEFENDER_CLIENT_ID,
      authorityHost,
      clock: systemClock,
    }),
    clock: systemClock,
  });
}

/** Right after provisioning, refusals may be about what is not known everywhere yet. */
async function findCurrent(
  rotation: SecretRotation,
  isPatient: boolean,
  signal: AbortSignal,
): Promise<SecretInfo | undefined> {
  for (const end = systemClock.now() + (isPatient ? PATIENCE_MS : 0); ;) {
    try {
      return await rotation.findCurrent(signal);
    } catch (error) {
      const mayPass =
        (error instanceof GraphRefused && error.status === 404) ||
        (error instanceof VaultRefused && error.status === 403);
      if (!mayPass || systemClock.now() >= end) throw error;
      console.log(`${error.message} Waiting.`);
      await systemClock.sleep(PAUSE_MS, signal);
    }
  }
}

function requireCurrent(current: SecretInfo | undefined): SecretInfo {
  if (current?.keyId !== undefined) return current;
  throw new UsageError('The vault holds no secret that this command made. Nothing was removed.');
}

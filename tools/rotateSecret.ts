import { parseArgs } from 'node:util';
import { DefaultAzureCredential } from '@azure/identity';
import { systemClock } from '../src/runtime/Clock.ts';
import { parseDurationMs } from '../src/settings/settingTypes.ts';
import { GraphRefused } from './GraphRefused.ts';
import { readDeployment } from './readDeployment.ts';
import { isLasting, type CredentialInfo, type Rotation } from './Rotation.ts';
import { createRotation } from './createRotation.ts';
import { describeCredentials, listRotated, type Rotated } from './rotated.ts';
import { runCommand, UsageError } from './runCommand.ts';
import { VaultRefused } from './VaultRefused.ts';

const USAGE = `npm run rotate-secret                      makes a new client secret or certificate, whichever the deployment signs in with
npm run rotate-secret -- --if-needed       only where there is none that lasts 30 more days; azd runs this after provisioning
npm run rotate-secret -- --remove-old      makes none; removes those that were replaced longer ago than --grace
Options: --lifetime P180D   how long a new one lasts; a certificate whole months
         --grace P1D        how long a replaced one goes on working
         --of defender      or api: only that of the Defender application, or that of the API registration`;

const TIMEOUT_MS = 10 * 60_000;
/** A role or an application that was just made takes a while to be known everywhere. */
const PATIENCE_MS = 3 * 60_000;
const PAUSE_MS = 10_000;

await runCommand(async () => {
  const values = readArguments();
  const deployment = readDeployment(process.env);
  const lifetimeMs = readDuration('lifetime', values.lifetime);
  const graceMs = readDuration('grace', values.grace);
  const all = listRotated(deployment);
  const rotated = all.filter(({ of }) => values.of === undefined || values.of === of);
  if (rotated.length === 0) {
    const known = describeCredentials(deployment);
    if (!values['if-needed']) throw new UsageError(`${known} There is no secret or certificate to rotate.`);
    console.log(`${known} No secret or certificate is needed.`);
  }
  const { AZURE_TENANT_ID: tenantId } = deployment;
  // The applications and the vault are where the app runs; the tenant whose Defender is read may be another one.
  const credential = new DefaultAzureCredential(tenantId === undefined ? {} : { tenantId });
  for (const one of rotated) {
    const rotation = createRotation(deployment, one, credential);
    await renew(one, rotation, { ...values, lifetimeMs, graceMs }, AbortSignal.timeout(TIMEOUT_MS));
  }
});

interface Order {
  readonly 'if-needed': boolean;
  readonly 'remove-old': boolean;
  readonly grace: string;
  readonly lifetimeMs: number;
  readonly graceMs: number;
}

async function renew(
  { noun }: Rotated,
  rotation: Rotation,
  order: Order,
  signal: AbortSignal,
): Promise<void> {
  const current = await findCurrent(rotation, order['if-needed'], signal);
  if (order['if-needed'] && isLasting(current, systemClock.now())) {
    console.log(`The ${noun} in Key Vault lasts ${formatEnd(current)}.`);
    return;
  }
  const makes = !order['remove-old'];
  const newest = makes ? await rotation.rotate(order.lifetimeMs, signal) : requireCurrent(current, noun);
  if (makes) console.log(`A new ${noun} is in Key Vault. It lasts ${formatEnd(newest)}.`);
  const removed = await rotation.removeReplaced(newest, order.graceMs, signal);
  console.log(`Removed ${removed} that were replaced longer ago than ${order.grace}.`);
}

function formatEnd({ expiresOn }: CredentialInfo): string {
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
        of: { type: 'string' },
      },
    });
    if (values.of !== undefined && !['defender', 'api'].includes(values.of))
      throw new UsageError('--of must be defender or api.');
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

/** Right after provisioning, refusals may be about what is not known everywhere yet. */
async function findCurrent(
  rotation: Rotation,
  isPatient: boolean,
  signal: AbortSignal,
): Promise<CredentialInfo | undefined> {
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

function requireCurrent(current: CredentialInfo | undefined, noun: string): CredentialInfo {
  if (current?.keyId !== undefined) return current;
  throw new UsageError(`The vault holds no ${noun} that this command made. Nothing was removed.`);
}

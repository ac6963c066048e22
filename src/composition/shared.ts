import { createApplicationCredential } from '../identity/createApplicationCredential.ts';
import { createCredentialWatch } from '../identity/CredentialWatch.ts';
import { createManagedIdentity } from '../identity/createManagedIdentity.ts';
import { systemClock as clock } from '../runtime/Clock.ts';
import { createLogger } from '../runtime/Logger.ts';
import { parseCredentialSettings } from '../settings/parseResponseSettings.ts';
import { parseIdentitySettings, parseStorageSettings } from '../settings/parseSettings.ts';
import { createStorageAccount } from '../storage/StorageAccount.ts';
import { TENANT_TABLE, TableTenantDirectory } from '../tenants/TableTenantDirectory.ts';
import { once } from './once.ts';

// What both the pull and the answers to callers stand on, once per process. Each throws SettingsError until its settings are right.

/** The storage account. */
export const storage = once(() => {
  const settings = parseStorageSettings(process.env);
  return createStorageAccount(settings, () => createManagedIdentity(settings.clientId));
});

/** Tokens outlive the invocation that first asks for them, so what happens to them is logged to the process. */
export const processLogger = createLogger(console);

/** The app's own identity. */
export const credential = once(() =>
  createApplicationCredential(parseIdentitySettings(process.env), clock, processLogger),
);

/** Knows when what the app signs in with expires. @throws SettingsError */
export const credentialWatch = once(() => {
  const { identity, onBehalfOf } = parseCredentialSettings(process.env);
  return createCredentialWatch(identity, onBehalfOf, clock);
});

/** The tenants that the app works with. */
export const tenants = once(() => {
  const table = () => storage().table(TENANT_TABLE);
  return new TableTenantDirectory(table, parseIdentitySettings(process.env), clock, processLogger);
});

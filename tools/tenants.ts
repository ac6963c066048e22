import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { systemClock } from '../src/runtime/Clock.ts';
import { clouds, type Cloud } from '../src/settings/clouds.ts';
import { isTenantId, isTenantName } from '../src/tenants/TenantRecord.ts';
import { formatTime } from '../src/tenants/tenantRow.ts';
import { checkTenantAccess } from './checkTenantAccess.ts';
import { describeTenant, formatTenants } from './formatTenants.ts';
import { lookUpTenant } from './lookUpTenant.ts';
import { openCaller } from './openCaller.ts';
import { openOperatorStorage } from './operatorStorage.ts';
import { runCommand, UsageError } from './runCommand.ts';
import { TenantAdmin } from './TenantAdmin.ts';
import { readTenantSettings, type TenantSettings } from './tenantSettings.ts';

const USAGE = `npm run tenants -- list                                 all tenants, and how their pulls go
npm run tenants -- consent-url <id or domain>           a link for an administrator of the tenant; it works once, for a day
npm run tenants -- add <id or domain> --name <name>     adds the tenant, and enables it when the app may do its work there
                       [--cloud ${clouds.join('|')}] [--unverified]
npm run tenants -- pause <id or name>                   nothing is pulled or done there any more
npm run tenants -- resume <id or name>
npm run tenants -- remove <id or name> --yes            [--with-checkpoint] forgets what was pulled, too
Options: --json   the result for machines

On the system that npm start runs, or on the one whose storage AzureWebJobsStorage__accountName names, with your own
sign-in (az login). add asks the app itself: the local one, or the one that API_URL and API_AUDIENCE name.`;

const TIMEOUT_MS = 120_000;

await runCommand(async () => {
  const { positionals, values } = readArguments();
  const [command = '', subject] = positionals;
  const settings = readTenantSettings(process.env);
  const admin = new TenantAdmin(openOperatorStorage(process.env), settings.home, systemClock);
  const context: Context = { admin, settings, print: values.json ? printJson : printText };
  if (command === 'list') {
    context.print(await admin.list(), formatTenants);
    return;
  }
  if (!subject) throw new UsageError(`Usage:\n${USAGE}`);
  switch (command) {
    case 'consent-url':
      await askForConsent(subject, context);
      break;
    case 'add':
      await add(subject, values, context);
      break;
    case 'pause':
    case 'resume':
      context.print(await admin.setEnabled(subject, command === 'resume'), describeTenant);
      break;
    case 'remove': {
      if (!values.yes) throw new UsageError(`Add --yes to remove ${subject}; nothing was changed.`);
      const withCheckpoint = values['with-checkpoint'] ?? false;
      const removed = await admin.remove(subject, withCheckpoint, userInfo().username);
      const kept = 'Its checkpoint is kept: added again, the pull goes on where it was.';
      const gone = 'Its checkpoint and its ledger are gone: added again, it begins as on the first day.';
      context.print({ ...removed, withCheckpoint }, () =>
        [`${removed.name || removed.id} was removed.`, withCheckpoint ? gone : kept].join(' '),
      );
      break;
    }
    default:
      throw new UsageError(`Usage:\n${USAGE}`);
  }
});

interface Context {
  readonly admin: TenantAdmin;
  readonly settings: TenantSettings;
  readonly print: <T>(value: T, format: (value: T) => string) => void;
}

function readArguments() {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        ...{ name: text, cloud: text, json: flag, unverified: flag, yes: flag },
        'with-checkpoint': flag,
      },
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\nUsage:\n${USAGE}`);
  }
}

/** A link to Entra's page for administrators, with a state that the app's page will know. */
async function createLink(tenantId: string, { admin, settings }: Context) {
  const { clientId, redirectUri } = settings.application();
  const by = userInfo().username;
  const { state, expiresAt } = await admin.consents.ask(tenantId, by, AbortSignal.timeout(TIMEOUT_MS));
  // Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
  const query = new URLSearchParams({ client_id: clientId, state, redirect_uri: redirectUri });
  const url = `${settings.authorityHost}/${tenantId}/adminconsent?${query.toString()}`;
  return { tenantId, url, expires: formatTime(expiresAt) };
}

async function askForConsent(subject: string, context: Context): Promise<void> {
  const tenantId = await lookUpTenant(context.settings.authorityHost, subject);
  context.print(await createLink(tenantId, context), ({ url, expires }) =>
    [
      `Send this to an administrator of ${subject} who may consent for everybody there:`,
      '',
      url,
      '',
      `It works once, until ${expires}. Then: npm run tenants -- add ${tenantId} --name <name>`,
    ].join('\n'),
  );
}

interface AddOptions {
  readonly name?: string | undefined;
  readonly cloud?: string | undefined;
  readonly unverified?: boolean | undefined;
}

async function add(subject: string, { name, cloud, unverified }: AddOptions, context: Context) {
  const { admin, settings } = context;
  // Before anything is written: whoever cannot ask should know it now.
  const caller = unverified ? undefined : await openCaller(process.env, 'operator');
  const id = await lookUpTenant(settings.authorityHost, subject);
  await verifyNotHome(id, settings);
  const isDomain = !isTenantId(subject.toLowerCase()) && isTenantName(subject);
  const known = (await admin.list()).tenants.find((tenant) => tenant.id === id);
  const tenant = await admin.add(
    {
      id,
      name: name ?? known?.name ?? (isDomain ? subject.toLowerCase() : undefined),
      cloud: readCloud(cloud) ?? known?.cloud ?? settings.home.cloud,
      by: userInfo().username,
    },
    AbortSignal.timeout(TIMEOUT_MS),
  );
  if (!caller) {
    context.print(await admin.setEnabled(id, true), (enabled) =>
      [describeTenant(enabled), 'Nobody looked whether the app may do its work there (--unverified).'].join(
        '\n',
      ),
    );
    return;
  }
  const check = await checkTenantAccess(caller, id);
  if (check.isReady) {
    context.print(await admin.setEnabled(id, true), describeTenant);
    return;
  }
  process.exitCode = 1;
  const link = settings.home.tenantId === id ? undefined : await createLink(id, context);
  context.print({ ...tenant, lacks: check.lacks, consentUrl: link?.url }, () =>
    [
      describeTenant(tenant),
      'The app cannot do its work there yet:',
      ...check.lacks.map((line) => `  ${line}`),
      ...(link === undefined ? [] : ['An administrator of the tenant consents here:', '', link.url, '']),
      `Then add it again: npm run tenants -- add ${id}`,
    ].join('\n'),
  );
}

/** A home tenant that is set by its domain would be pulled twice under its id. */
async function verifyNotHome(id: string, { home, authorityHost }: TenantSettings): Promise<void> {
  if (isTenantId(home.tenantId) || (await lookUpTenant(authorityHost, home.tenantId)) !== id) return;
  throw new UsageError(`${home.tenantId} is the home tenant itself, which needs not be added.`);
}

function readCloud(text: string | undefined): Cloud | undefined {
  const found = clouds.find((cloud) => cloud.toLowerCase() === text?.toLowerCase());
  if (text !== undefined && !found) throw new UsageError(`--cloud must be one of ${clouds.join(', ')}`);
  return found;
}

function printText<T>(value: T, format: (value: T) => string): void {
  console.log(format(value));
}

/** Times as text, as everywhere at the edges. */
function printJson(value: unknown): void {
  const isTime = (name: string, one: unknown): one is number =>
    ['addedAt', 'consentedAt', 'lastAttempt', 'lastSuccess'].includes(name) && typeof one === 'number';
  console.log(JSON.stringify(value, (name, one: unknown) => (isTime(name, one) ? formatTime(one) : one), 2));
}

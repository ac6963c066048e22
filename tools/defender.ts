import { parseArgs } from 'node:util';
import { DefenderAccess } from '../src/defender/DefenderAccess.ts';
import { parseSince } from '../src/functions/input/parseSince.ts';
import { Hunting } from '../src/hunting/Hunting.ts';
import { AlertReader } from '../src/reading/AlertReader.ts';
import { IncidentReader } from '../src/reading/IncidentReader.ts';
import { systemClock as clock } from '../src/runtime/Clock.ts';
import { createLogger } from '../src/runtime/Logger.ts';
import { readAppSettings } from './appSettings.ts';
import { formatAlerts, formatHunt, formatIdentities, formatIncidents } from './defenderTables.ts';
import { parseTerminalSettings, type TerminalSettings } from './parseTerminalSettings.ts';
import { signInByAzureCli, signInByDeviceCode, type PersonSignIn } from './PersonSignIn.ts';
import { runCommand, UsageError } from './runCommand.ts';
import { toJson, toLine } from './terminalText.ts';
import { whoami } from './whoami.ts';

const USAGE = `npm run defender -- alerts [--since PT48H] [--severity high] [--status new] [--top 100]
npm run defender -- incidents [--since PT48H] [--severity high] [--status active] [--top 100]
npm run defender -- hunt "<query>" [--timespan P1D]
npm run defender -- whoami                     as whom, and what that allows

You talk to Defender yourself, with your own role in it: sign in by device code as the public client of the deployment
(PUBLIC_CLIENT_ID), or with --az as you did for the Azure CLI. --json prints everything as JSON.`;

const COMMANDS = ['alerts', 'incidents', 'hunt', 'whoami'];
/** Time to sign in, and then for the work. */
const TIMEOUT_MS = 20 * 60_000;

await runCommand(async () => {
  const { positionals, values } = readArguments();
  const [command = '', query = ''] = positionals;
  if (!COMMANDS.includes(command) || (command === 'hunt' && query.trim() === '')) {
    throw new UsageError(`Usage:\n${USAGE}`);
  }
  const top = Number(values.top ?? 100);
  if (!Number.isInteger(top) || top < 1 || top > 1_000) throw new UsageError('--top is 1 to 1000.');
  const wanted = {
    since: parseSince(values.since ?? 'PT48H', clock.now()),
    top,
    severity: values.severity,
    status: values.status,
  };
  const settings = parseTerminalSettings(readAppSettings(process.env));
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const { hunting, reading } = settings;
  const person = values.az
    ? signInByAzureCli(settings, clock)
    : signInByDeviceCode(
        settings,
        (message) => {
          console.error(toLine(message));
        },
        clock,
      );
  const access = createAccess(settings, person);
  const signInFor = async (api: 'endpoint' | 'graph' | 'xdr') => {
    await person.signIn(access.endpoints[api].audience, signal);
  };
  const show = (value: unknown, table: () => string) => {
    console.log(values.json ? toJson(value) : table());
  };
  switch (command) {
    case 'alerts': {
      await signInFor(reading.alertsApi);
      const found = await new AlertReader(access, reading.alertsApi).list(wanted, signal);
      show(found, () => formatAlerts(found.value));
      tellTruncation(found);
      break;
    }
    case 'incidents': {
      await signInFor(reading.incidentsApi);
      const found = await new IncidentReader(access, reading.incidentsApi).list(wanted, signal);
      show(found, () => formatIncidents(found.value));
      tellTruncation(found);
      break;
    }
    case 'hunt': {
      const { api, timeoutMs } = hunting;
      await signInFor(api);
      const hunt = new Hunting({ client: access.client(api), api, timeoutMs, clock });
      const quiet = createLogger({ info: () => undefined, warn: () => undefined, error: () => undefined });
      const result = await hunt.run({ query, timespan: values.timespan }, {}, quiet, signal);
      show(result, () => formatHunt(result));
      if (result.truncated) console.error('There may be more rows than the API gives out.');
      break;
    }
    default: {
      await signInFor('graph');
      const identities = await whoami(access, signal);
      show(identities, () => formatIdentities(identities));
      if (!values.json) {
        console.log(`\nSigned in by ${person.how}. Your role in the Defender portal decides besides.`);
      }
    }
  }
});

function readArguments() {
  const option = { type: 'string' } as const;
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        ...{ since: option, severity: option, status: option, top: option, timespan: option },
        ...{ az: { type: 'boolean' }, json: { type: 'boolean' } },
      },
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\nUsage:\n${USAGE}`);
  }
}

function createAccess(
  { tenantId, cloud, defender }: TerminalSettings,
  { tokens }: PersonSignIn,
): DefenderAccess {
  return new DefenderAccess({
    tenantId,
    isHome: true,
    // The Azure CLI may be signed in as an application.
    kind: undefined,
    tokens,
    endpoints: defender.endpointsOf(cloud),
    requestTimeoutMs: defender.requestTimeoutMs,
  });
}

/** On the other stream, so that JSON stays JSON. */
function tellTruncation({ truncated, truncatedBy }: { truncated: boolean; truncatedBy?: string }): void {
  if (truncated) console.error(`There are more than are shown (limited by ${truncatedBy ?? 'the service'}).`);
}

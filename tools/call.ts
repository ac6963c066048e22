import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openCaller, type Reply } from './openCaller.ts';
import { runCommand, UsageError } from './runCommand.ts';
import { toJson } from './terminalText.ts';

const USAGE = `npm run call -- devices <name>                   what an action would make of a device
npm run call -- isolate <device> [--comment "why"] [--type Full|Selective|UnManagedDevice] [--incident id] [--dry-run]
npm run call -- release <device> [--comment "why"] [--incident id] [--dry-run]
npm run call -- operation <id>                   where an operation stands
npm run call -- operations [device]              what was asked for
npm run call -- hunt "<query>" [--timespan P1D]
npm run call -- alerts [--since PT48H] [--severity high] [--status new] [--top 100]
npm run call -- alert <id>                       an alert with its evidence
npm run call -- incidents [--since PT48H] [--severity high] [--status active] [--top 100]
npm run call -- incident <id>                    an incident with its alerts
npm run call -- health
npm run call -- openapi                          the description of the API, for a custom connector
npm run call -- token                            a token to use elsewhere

Devices, actions, hunts, alerts and incidents take --tenant <id or name>.
On the system that npm start runs, or with your own sign-in (az login) on the one that API_URL and API_AUDIENCE name.`;

const DEFAULT_RETRY_AFTER_S = 10;
const WITH_SUBJECT = ['devices', 'isolate', 'release', 'operation', 'hunt', 'alert', 'incident'];
const WITH_TENANT = [
  ...['devices', 'isolate', 'release', 'hunt'],
  ...['alerts', 'alert', 'incidents', 'incident'],
];

await runCommand(async () => {
  const { positionals, values } = readArguments();
  const [command, subject = ''] = positionals;
  if (WITH_SUBJECT.includes(command ?? '') && subject === '') throw new UsageError(`Usage:\n${USAGE}`);
  const { comment = `npm run call -- ${command ?? ''}`, type, incident, timespan, tenant } = values;
  if (tenant !== undefined && !WITH_TENANT.includes(command ?? '')) {
    throw new UsageError(`${command ?? 'This'} takes no --tenant.\nUsage:\n${USAGE}`);
  }
  const caller = await openCaller(process.env);
  switch (command) {
    case 'devices':
      print(await caller.send('GET', withQuery('/api/devices', { name: subject, tenant })));
      break;
    case 'isolate':
    case 'release': {
      const dryRun = values['dry-run'] ? 'true' : undefined;
      const path = withQuery(`/api/devices/${encodeURIComponent(subject)}/${command}`, { dryRun, tenant });
      const body = { comment, isolationType: type, incidentId: incident };
      let reply = await caller.send('POST', path, body, { 'Idempotency-Key': randomUUID() });
      const wait = reply.headers.get('location');
      while (reply.status === 202 && wait !== null) {
        const { id, status } = reply.body as { id?: string; status?: string };
        console.log(`operation ${id ?? '?'}: ${status ?? '?'}`);
        await delay(Number(reply.headers.get('retry-after') ?? DEFAULT_RETRY_AFTER_S) * 1000);
        reply = await caller.send('GET', new URL(wait).pathname);
      }
      print(reply);
      break;
    }
    case 'operation':
      print(await caller.send('GET', `/api/operations/${encodeURIComponent(subject)}`));
      break;
    case 'operations':
      print(await caller.send('GET', withQuery('/api/operations', { device: subject || undefined })));
      break;
    case 'hunt':
      print(await caller.send('POST', withQuery('/api/hunts', { tenant }), { query: subject, timespan }));
      break;
    case 'alerts':
    case 'incidents': {
      const { since, severity, status, top } = values;
      const query = { since, severity, status, top, tenant };
      print(await caller.send('GET', withQuery(`/api/${command}`, query)));
      break;
    }
    case 'alert':
    case 'incident':
      print(
        await caller.send('GET', withQuery(`/api/${command}s/${encodeURIComponent(subject)}`, { tenant })),
      );
      break;
    case 'health':
      print(await caller.send('GET', '/api/health'));
      break;
    case 'openapi':
      print(await caller.send('GET', '/api/openapi.json'));
      break;
    case 'token':
      console.log(caller.token);
      break;
    default:
      throw new UsageError(`Usage:\n${USAGE}`);
  }
});

/** A path with those of the parameters that were given. */
function withQuery(path: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`;
}

function readArguments() {
  const option = { type: 'string' } as const;
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        ...{ comment: option, type: option, incident: option, timespan: option },
        ...{ since: option, severity: option, status: option, top: option, tenant: option },
        'dry-run': { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\nUsage:\n${USAGE}`);
  }
}

function print({ status, body }: Reply): void {
  console.log(toJson(body));
  if (status < 400) return;
  process.exitCode = 1;
}

import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { azuriteConnectionString, startAzurite } from './azurite.ts';
import { buildApp } from './build.ts';
import { ChildProgram } from './ChildProgram.ts';
import { startFunctionsHost } from './functionsHost.ts';
import { choosePorts, readPortOffset, verifyPortsAreFree, type Ports } from './ports.ts';
import { startReceiver, type Delivery } from './receiver.ts';
import type { Simulator } from './simulator/startSimulator.ts';
import { createCallerTour } from './callerTour.ts';
import { simulatorSettings } from './simulatorSettings.ts';
import { StartError } from './StartError.ts';

// `npm start`: Azurite, the simulated Microsoft services with a small company in them, a webhook, and the functions.

const root = path.join(import.meta.dirname, '..');
const dataFolder = process.env.LOCAL_DATA_FOLDER ?? path.join(root, '.local');
const SCHEDULE = '*/15 * * * * *';

type SimulatorFacts = Pick<Simulator, 'urls' | 'caFile' | 'identityHeader' | 'company'>;

/** Stopped in reverse order. */
const running: { readonly name: string; stop(): Promise<void> }[] = [];
let isStopping = false;
const waitingReports: unknown[] = [];
let reportTimer: NodeJS.Timeout | undefined;

async function start(): Promise<void> {
  verifyWritable(dataFolder);
  const ports = choosePorts(readPortOffset(process.env));
  await verifyPortsAreFree(ports);
  await buildApp();

  const azurite = keep(await startAzurite(ports, path.join(dataFolder, 'azurite')));
  const simulator = keep(createSimulator(ports));
  const facts = (await simulator.ready()) as SimulatorFacts;
  const receiver = keep({ name: 'The receiver', ...(await startReceiver(ports.receiver, reportDelivery)) });

  const settings = createSettings(ports, facts, receiver.url);
  // For `npm run checkpoint` and its like, which work on the same storage.
  writeFileSync(path.join(dataFolder, 'settings.json'), JSON.stringify(settings, null, 2));
  const env = { ...process.env, ...settings };
  const host = keep(await startFunctionsHost({ root, port: ports.functions, dataFolder, env }));
  const tour = await createCallerTour(facts, settings.PUBLIC_BASE_URL);
  // For `npm run call`.
  writeFileSync(path.join(dataFolder, 'caller.json'), JSON.stringify(tour.caller, null, 2));
  printWelcome(ports, facts, tour.commands);
  await Promise.race([azurite.ended(), simulator.ended(), host.ended()]);
}

function keep<T extends { readonly name: string; stop(): Promise<void> }>(program: T): T {
  running.push(program);
  return program;
}

function createSimulator(ports: Ports): ChildProgram {
  const { entra, identity, keyVault, defender, control, graph } = ports;
  const list = Object.entries({ entra, identity, keyVault, defender, control, graph });
  return new ChildProgram({
    name: 'The simulator',
    command: process.execPath,
    args: [
      path.join(root, 'local', 'simulator', 'main.ts'),
      ...['--data', path.join(dataFolder, 'simulator')],
      ...['--ports', list.map(([name, port]) => `${name}=${port}`).join(',')],
      ...['--history', '150', '--arrivals', '6'],
    ],
    env: process.env,
  });
}

function createSettings(ports: Ports, facts: SimulatorFacts, webhook: string) {
  return {
    ...simulatorSettings(facts),
    AzureWebJobsStorage: azuriteConnectionString(ports),
    // By this identity the app acts on behalf of people, and the federated credential signs in.
    AZURE_CLIENT_ID: facts.company.userAssignedClientId,
    DEFENDER_CREDENTIAL: process.env.DEFENDER_CREDENTIAL ?? 'managedIdentity',
    ALERT_PULL_SCHEDULE: process.env.ALERT_PULL_SCHEDULE ?? SCHEDULE,
    ALERT_WEBHOOK_URL: `${webhook}/alerts`,
    PUBLIC_BASE_URL: `http://127.0.0.1:${ports.functions}`,
    // The receiver shows the deliveries; a line of the function for each of them would bury the pull's own line.
    'AzureFunctionsJobHost__logging__logLevel__Function.deliverAlerts': 'Warning',
  };
}

function reportDelivery({ body }: Delivery): void {
  waitingReports.push(body);
  reportTimer ??= setTimeout(printReports, 1_000);
}

/** A line for each alert, or one for all of them when many came at once. */
function printReports(): void {
  const reports = waitingReports.splice(0) as { change?: string; alert?: Record<string, unknown> }[];
  reportTimer = undefined;
  if (reports.length > 5) {
    console.log(`  webhook <- ${reports.length} alerts`);
    return;
  }
  for (const { change, alert } of reports) {
    const { severity, title, computerDnsName } = alert ?? {};
    console.log(
      `  webhook <- ${change ?? '?'}: ${[severity, title, computerDnsName].map(String).join(' | ')}`,
    );
  }
}

function printWelcome(ports: Ports, { urls }: SimulatorFacts, callerCommands: string): void {
  const json = "-H 'content-type: application/json'";
  console.log(`
Defender Functions run at http://127.0.0.1:${ports.functions}, and pull on the schedule ${SCHEDULE} (UTC).
Microsoft Defender, Entra ID and Key Vault are simulated; steer them at ${urls.control}. Data is kept in ${dataFolder}.

Try, in another terminal:
  npm run checkpoint -- show                                          where the pull stands
  curl http://127.0.0.1:${ports.receiver}/deliveries?last=3                         what was handed over last
  curl -X POST ${urls.control}/alerts ${json} -d '{"title":"My first alert","severity":"High"}'
                                                                      add an alert, and watch it come
  curl -X POST http://127.0.0.1:${ports.functions}/admin/functions/pullAlerts ${json} -d '{"input":""}'
                                                                      pull now

${callerCommands}
Ctrl-C stops everything.
`);
}

function verifyWritable(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch {
    throw new StartError(
      `The folder ${folder} cannot be written. Make it writable, or name another one with LOCAL_DATA_FOLDER.`,
    );
  }
}

async function stopAll(exitCode: number): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  for (const program of running.toReversed()) await program.stop();
  process.exit(exitCode);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    void stopAll(0);
  });
}

start().catch(async (error: unknown) => {
  // While stopping, programs end because they were told to.
  if (isStopping) return;
  console.error(error instanceof StartError ? error.message : error);
  await stopAll(1);
});

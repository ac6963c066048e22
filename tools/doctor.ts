import { parseArgs } from 'node:util';
import type { AccessReport } from '../src/doctor/AccessReport.ts';
import { readAppSettings } from './appSettings.ts';
import { askForAccess } from './askForAccess.ts';
import { examineHere } from './examineHere.ts';
import { formatAccessReport } from './formatAccessReport.ts';
import { runCommand, UsageError } from './runCommand.ts';
import { toJson } from './terminalText.ts';

const USAGE = `npm run doctor [-- --tenant <id or name>] [--json]   asks the app, which alone has its identity
npm run doctor -- --here [--tenant <id>] [--json]    looks from here, with the settings of this environment

The app is the one of the local system that npm start runs, or, with your own sign-in (az login) and the role
Defender.Admin, the one that API_URL and API_AUDIENCE name. Ends with 0 when all is ready, 1 when something failed,
and 2 when it could not be found out.`;

/** Neither ready nor not: nobody could look. */
const UNKNOWN = 2;

await runCommand(async () => {
  const { tenant, json, here } = readArguments();
  const report = here
    ? await examineHere(readAppSettings(process.env), tenant)
    : await askForAccess(process.env, tenant);
  print(report, json ?? false);
  process.exitCode = report.isReady ? 0 : 1;
}, UNKNOWN);

function readArguments() {
  try {
    const { values } = parseArgs({
      options: { tenant: { type: 'string' }, json: { type: 'boolean' }, here: { type: 'boolean' } },
    });
    return values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\nUsage:\n${USAGE}`);
  }
}

function print(report: AccessReport, asJson: boolean): void {
  console.log(asJson ? toJson(report) : formatAccessReport(report));
}

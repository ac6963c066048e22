import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { ActionCap } from '../src/operations/ActionCap.ts';
import { GUARD_TABLE, PauseSwitch } from '../src/operations/PauseSwitch.ts';
import { systemClock } from '../src/runtime/Clock.ts';
import { openOperatorStorage } from './operatorStorage.ts';
import { runCommand, UsageError } from './runCommand.ts';

const USAGE = `npm run guard -- show                                     how the switch stands, and what began in the past hour
npm run guard -- pause --reason "why" [--allow-release]   no action begins any more; with --allow-release only releases do
npm run guard -- resume                                   actions begin again`;

const TIMEOUT_MS = 30_000;

await runCommand(async () => {
  const { positionals, values } = readArguments();
  const storage = openOperatorStorage(process.env);
  const table = () => storage.table(GUARD_TABLE);
  const pause = new PauseSwitch(table);
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  switch (positionals[0]) {
    case 'show':
      break;
    case 'pause': {
      const reason = values.reason?.trim();
      if (!reason) throw new UsageError(`Say why with --reason "...". Usage:\n${USAGE}`);
      await pause.write(
        { isPaused: true, allowsRelease: values['allow-release'] ?? false, reason, ...stamp() },
        signal,
      );
      break;
    }
    case 'resume':
      await pause.write({ isPaused: false, allowsRelease: false, reason: '', ...stamp() }, signal);
      break;
    default:
      throw new UsageError(`Usage:\n${USAGE}`);
  }
  await show(pause, new ActionCap(table, { capPerHour: 1, capPerCaller: 1 }, systemClock), signal);
});

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { reason: { type: 'string' }, 'allow-release': { type: 'boolean' } },
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\nUsage:\n${USAGE}`);
  }
}

function stamp() {
  return { by: userInfo().username, since: new Date(systemClock.now()).toISOString() };
}

async function show(pause: PauseSwitch, cap: ActionCap, signal: AbortSignal): Promise<void> {
  const { isPaused, allowsRelease, reason, by, since } = await pause.read(signal);
  const who = by ? ` by ${by} at ${since}` : '';
  const what = allowsRelease ? 'Actions are paused, but for releases' : 'Actions are paused';
  console.log(isPaused ? `${what}${who}: ${reason}` : `Actions run${by ? `; resumed${who}` : ''}.`);
  for (const action of ['isolate', 'release']) {
    console.log(`${action}: ${await cap.count(action, signal)} began in the past hour`);
  }
}

import { parseArgs } from 'node:util';
import { estimateCosts, EXAMPLE_VOLUME, totalOf } from './estimateCosts.ts';
import { runCommand, UsageError } from './runCommand.ts';

const USAGE = `npm run costs -- [--alerts 1000] [--actions 20] [--hunts 50]   a day
                 [--memory 2048] [--always-ready 0] [--private-network]`;

await runCommand(() => {
  const values = readArguments();
  const lines = estimateCosts({
    alertsPerDay: readCount(values.alerts) ?? EXAMPLE_VOLUME.alertsPerDay,
    actionsPerDay: readCount(values.actions) ?? EXAMPLE_VOLUME.actionsPerDay,
    huntsPerDay: readCount(values.hunts) ?? EXAMPLE_VOLUME.huntsPerDay,
    memoryGB: (readCount(values.memory) ?? EXAMPLE_VOLUME.memoryGB * 1024) / 1024,
    alwaysReadyInstances: readCount(values['always-ready']) ?? EXAMPLE_VOLUME.alwaysReadyInstances,
    hasPrivateNetwork: values['private-network'] ?? EXAMPLE_VOLUME.hasPrivateNetwork,
  });
  for (const { meter, how, dollars } of lines)
    console.log(`${meter.padEnd(17)} $${dollars.toFixed(2).padStart(7)}   ${how}`);
  console.log(`${'a month'.padEnd(17)} $${totalOf(lines).toFixed(2).padStart(7)}`);
  return Promise.resolve();
});

function readArguments() {
  const option = { type: 'string' } as const;
  try {
    const { values } = parseArgs({
      options: {
        ...{ alerts: option, actions: option, hunts: option, memory: option, 'always-ready': option },
        'private-network': { type: 'boolean' },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\nUsage:\n${USAGE}`);
  }
}

function readCount(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`'${text}' is not a whole number. Usage:\n${USAGE}`);
}

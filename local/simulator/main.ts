import { fstatSync } from 'node:fs';
import { parseArguments } from './parseArguments.ts';
import { startSimulator } from './startSimulator.ts';

/**
 * The command line entry: prints one line of JSON (URLs, certificate, identity header, company) when ready.
 *
 * Stops on SIGTERM and SIGINT, and when the parent process ends: its pipe to standard input, or its IPC channel, closes.
 */
async function main(): Promise<void> {
  const simulator = await startSimulator(parseArguments(process.argv.slice(2)));
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
    process.once('disconnect', resolve);
    if (isStandardInputPiped()) process.stdin.once('end', resolve).once('close', resolve).resume();
  });
  process.stdout.write(`${JSON.stringify(simulator)}\n`); // Its methods do not show in JSON.
  await stopped;
  await simulator.stop();
}

/** A terminal or /dev/null tells nothing about the parent. */
function isStandardInputPiped(): boolean {
  try {
    const kind = fstatSync(0);
    return kind.isFIFO() || kind.isSocket();
  } catch {
    return false;
  }
}

try {
  await main();
  process.exit(0);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

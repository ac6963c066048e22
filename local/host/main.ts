import process from 'node:process';
import { parseArgs } from 'node:util';
import { LocalHostError, messageOf } from './LocalHostError.ts';
import { startHost, type LocalHost } from './startHost.ts';

// The command: node local/host/main.ts --app <folder> --port 7071 --state <folder> [--stop-with-stdin]

const USAGE =
  'Usage: node local/host/main.ts --app <folder> --port <number> --state <folder> [--stop-with-stdin]';

interface CommandLine {
  app: string;
  port: number;
  state: string;
  stopWithStdin: boolean;
}

function readCommandLine(): CommandLine {
  try {
    const { values } = parseArgs({
      options: {
        app: { type: 'string', default: '.' },
        port: { type: 'string', default: '7071' },
        state: { type: 'string', default: '.local/host' },
        'stop-with-stdin': { type: 'boolean', default: false },
      },
    });
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new Error(`"${values.port}" is not a port.`);
    return { app: values.app, port, state: values.state, stopWithStdin: values['stop-with-stdin'] };
  } catch (error) {
    throw new LocalHostError(`${messageOf(error)}\n${USAGE}`);
  }
}

/** Calls `stop` on the first request to end: a signal, or the parent process going away. */
function onStopRequest(stopWithStdin: boolean, stop: (exitCode: number) => void): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      stop(0);
    });
  }
  process.on('disconnect', () => {
    stop(0);
  });
  process.on('message', (message) => {
    if (message === 'stop') stop(0);
  });
  if (stopWithStdin) {
    process.stdin.resume();
    process.stdin.on('end', () => {
      stop(0);
    });
  }
}

async function main(): Promise<void> {
  const { app, port, state, stopWithStdin } = readCommandLine();
  let stopHost = (): Promise<void> => Promise.resolve();
  let requests = 0;
  const stop = (exitCode: number): void => {
    requests += 1;
    // Asked twice: whoever asks does not want to wait for running functions.
    if (requests > 1) process.exit(exitCode);
    void stopHost().then(() => process.exit(exitCode));
  };
  onStopRequest(stopWithStdin, stop);
  const host: LocalHost = await startHost({ appFolder: app, port, stateFolder: state, env: process.env });
  stopHost = () => host.stop();
  process.send?.({ type: 'ready', url: host.url, functions: host.functions });
  process.stdout.write(`${await host.gaveUp}\n`);
  stop(1);
}

main().catch((error: unknown) => {
  const text =
    error instanceof LocalHostError ? error.message : String(error instanceof Error ? error.stack : error);
  process.stderr.write(`${text}\n`);
  process.exit(1);
});

import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import path from 'node:path';

const ACCOUNT = 'devstoreaccount1';
// The well-known key of the storage emulator, published by Microsoft; it opens nothing else.
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** A queue service in memory, on a free port. */
export interface AzuriteQueue {
  readonly port: number;
  readonly connectionString: string;
  stop(): Promise<void>;
}

/** Starts Azurite's queue service and resolves when it listens. */
export async function startAzuriteQueue(chosenPort?: number): Promise<AzuriteQueue> {
  const packageFile = createRequire(import.meta.url).resolve('azurite/package.json');
  const main = path.join(path.dirname(packageFile), 'dist/src/queue/main.js');
  const port = chosenPort ?? (await freePort());
  const options = ['--queueHost', '127.0.0.1', '--queuePort', String(port)];
  const switches = ['--inMemoryPersistence', '--skipApiVersionCheck', '--disableTelemetry'];
  const child = spawn(process.execPath, [main, ...options, ...switches], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
  await new Promise<void>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      if (line.includes('successfully listens')) resolve();
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      reject(new Error(`azurite-queue ended with ${code ?? 'a signal'}`));
    });
  });
  return {
    port,
    connectionString: `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${KEY};QueueEndpoint=http://127.0.0.1:${port}/${ACCOUNT};`,
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port);
        else reject(new Error('no port'));
      });
    });
  });
}

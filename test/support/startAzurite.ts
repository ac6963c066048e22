import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const ACCOUNT = 'devstoreaccount1';
// The well-known key of the storage emulator, published by Microsoft; it opens nothing else.
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
const SERVICES = ['Blob', 'Queue', 'Table'] as const;

export type StorageService = (typeof SERVICES)[number];

export interface Azurite {
  readonly connectionString: string;
  /** Where each service listens: scheme, host and port. */
  readonly urls: Readonly<Record<StorageService, string>>;
  stop(): Promise<void>;
}

/** Starts Azurite in memory on free ports of 127.0.0.1 and resolves when all three services listen. */
export async function startAzurite(): Promise<Azurite> {
  const program = createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js');
  const ports = SERVICES.flatMap((service) => {
    const name = `--${service.toLowerCase()}`;
    // Port 0: the operating system chooses, so that test files never meet on a port.
    return [`${name}Host`, '127.0.0.1', `${name}Port`, '0'];
  });
  const switches = ['--inMemoryPersistence', '--skipApiVersionCheck', '--disableTelemetry', '--silent'];
  // It ends with this process, however that ends.
  const exitWithParent = new URL('../../local/exit-with-parent.mjs', import.meta.url).href;
  const child = spawn(process.execPath, ['--import', exitWithParent, program, ...ports, ...switches], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const { stdout } = child;
  if (!stdout) throw new Error('azurite has no output to read the ports from');
  const endWithUs = () => child.kill('SIGKILL');
  process.once('exit', endWithUs);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  const urls = await new Promise<Record<StorageService, string>>((resolve, reject) => {
    const found: Partial<Record<StorageService, string>> = {};
    if (!child.stdout) throw new Error('Azurite has no standard output.');
    createInterface(stdout).on('line', (line) => {
      const [, name, url] = /Azurite (\w+) service is successfully listening at (\S+)/.exec(line) ?? [];
      const service = SERVICES.find((candidate) => candidate === name);
      if (service && url !== undefined) found[service] = url;
      const { Blob, Queue, Table } = found;
      if (Blob !== undefined && Queue !== undefined && Table !== undefined) resolve({ Blob, Queue, Table });
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      reject(new Error(`azurite ended with ${code ?? 'a signal'} before it listened`));
    });
  });
  return {
    connectionString: connectionStringOf(urls),
    urls,
    async stop() {
      process.off('exit', endWithUs);
      // Nothing is on disk, so there is nothing to close properly.
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** The connection string of the emulator's account whose services are at these addresses. */
export function connectionStringOf(urls: Readonly<Record<StorageService, string>>): string {
  const endpoints = SERVICES.map((service) => `${service}Endpoint=${urls[service]}/${ACCOUNT};`).join('');
  return `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${KEY};${endpoints}`;
}

import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ChildProgram } from './ChildProgram.ts';
import type { Ports } from './ports.ts';

/** The well-known account of the storage emulator; its key is published and opens nothing else. */
const ACCOUNT = 'devstoreaccount1';
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

type StoragePorts = Pick<Ports, 'blob' | 'queue' | 'table'>;

export function azuriteConnectionString({ blob, queue, table }: StoragePorts): string {
  const endpoint = (service: string, port: number) =>
    `${service}Endpoint=http://127.0.0.1:${port}/${ACCOUNT};`;
  return (
    `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${KEY};` +
    endpoint('Blob', blob) +
    endpoint('Queue', queue) +
    endpoint('Table', table)
  );
}

/**
 * Starts Azurite with its data in `folder` and resolves when all three services answer.
 * @param tlsFile PEM with key and certificate: then it speaks https and takes Entra tokens, as the real service does.
 */
export async function startAzurite(
  ports: StoragePorts,
  folder: string,
  tlsFile?: string,
): Promise<ChildProgram> {
  mkdirSync(folder, { recursive: true });
  const program = createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js');
  const services = Object.entries(ports).filter(([name]) => ['blob', 'queue', 'table'].includes(name));
  const azurite = new ChildProgram({
    name: 'Azurite',
    command: process.execPath,
    args: [
      ...['--import', new URL('exit-with-parent.mjs', import.meta.url).href, program],
      ...['--silent', '--skipApiVersionCheck', '--disableTelemetry'],
      ...['--location', path.resolve(folder)],
      ...(tlsFile === undefined ? [] : ['--oauth', 'basic', '--cert', tlsFile, '--key', tlsFile]),
      ...services.flatMap(([name, port]) => [`--${name}Host`, '127.0.0.1', `--${name}Port`, String(port)]),
    ],
    env: process.env,
  });
  const answering = Promise.all(services.map(([, port]) => untilListening(port)));
  await Promise.race([answering, azurite.ended()]);
  return azurite;
}

async function untilListening(port: number): Promise<void> {
  while (!(await isListening(port))) await delay(50);
}

async function isListening(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = new Socket();
  socket.once('connect', () => {
    resolve(true);
  });
  socket.once('error', () => {
    resolve(false);
  });
  socket.connect(port, '127.0.0.1');
  const answer = await promise;
  socket.destroy();
  return answer;
}

import { createServer } from 'node:net';
import { StartError } from './StartError.ts';

/** Where everything listens on 127.0.0.1; `LOCAL_PORT_OFFSET` moves all of it. */
export function choosePorts(offset: number) {
  const at = (port: number) => port + offset;
  return {
    functions: at(7071),
    blob: at(10000),
    queue: at(10001),
    table: at(10002),
    entra: at(4431),
    identity: at(4432),
    keyVault: at(4433),
    defender: at(4434),
    control: at(4435),
    receiver: at(4436),
    graph: at(4437),
  };
}

export type Ports = ReturnType<typeof choosePorts>;

/** @throws StartError when the environment holds no usable offset. */
export function readPortOffset(env: Readonly<Record<string, string | undefined>>): number {
  const offset = Number(env.LOCAL_PORT_OFFSET ?? 0);
  if (!Number.isInteger(offset) || offset < 0 || offset > 50_000) {
    throw new StartError('LOCAL_PORT_OFFSET must be a whole number from 0 to 50000.');
  }
  return offset;
}

/** @throws StartError naming every port that is taken. */
export async function verifyPortsAreFree(ports: Ports): Promise<void> {
  const checks = Object.entries(ports).map(async ([name, port]) =>
    (await isFree(port)) ? [] : [`${port} (${name})`],
  );
  const taken = (await Promise.all(checks)).flat();
  if (taken.length > 0) {
    throw new StartError(
      `Already in use on 127.0.0.1: port ${taken.join(', ')}. Stop what listens there, or move all ports with ` +
        'LOCAL_PORT_OFFSET=100 npm start.',
    );
  }
}

async function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once('error', () => {
    resolve(false);
  });
  server.listen(port, '127.0.0.1', () => {
    server.close(() => {
      resolve(true);
    });
  });
  return await promise;
}

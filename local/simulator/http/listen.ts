import { createServer as createPlainServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { StartError } from '../StartError.ts';

/** A listening server. */
export interface Listener {
  readonly port: number;
  /** Stops listening and cuts the connections that are still open. */
  close(): Promise<void>;
}

/** What to listen with. */
export interface ListenOptions {
  /** For the message when the port is taken. */
  readonly name: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Absent for plain http. */
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly onRequest: RequestListener;
}

/** Listens on 127.0.0.1; throws `StartError` when the port cannot be had. */
export async function listen({ name, port, tls, onRequest }: ListenOptions): Promise<Listener> {
  const server: Server = tls === undefined ? createPlainServer(onRequest) : createTlsServer(tls, onRequest);
  // Longer than any client keeps an idle connection: a server that closes first resets a request now and then.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new StartError(explain(name, port, error), { cause: error }));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function explain(name: string, port: number, error: NodeJS.ErrnoException): string {
  if (error.code === 'EADDRINUSE') {
    return `Port ${port} for the simulated ${name} is already in use. Stop the other program or give another port.`;
  }
  if (error.code === 'EACCES') {
    return `Port ${port} for the simulated ${name} may not be used by this user. Give a port above 1023.`;
  }
  return `The simulated ${name} cannot listen on port ${port}: ${error.message}.`;
}

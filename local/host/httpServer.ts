import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { LocalHostError } from './LocalHostError.ts';

/** Answers one request. */
export type HandleRequest = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** The host's HTTP server. Until `handle` is called every request is answered with 503: the app is still loading. */
export interface HttpServer {
  readonly port: number;
  handle(handler: HandleRequest): void;
  /** Takes no new connection from now on; resolves when the last one has ended. */
  close(): Promise<void>;
  /** Cuts the connections that are still open. */
  closeConnections(): void;
}

/** Listens on 127.0.0.1 (port 0: any free one). Throws `LocalHostError` when the port cannot be used. */
export async function listen(port: number): Promise<HttpServer> {
  let handler: HandleRequest = (_request, response) => {
    response.writeHead(503).end();
    return Promise.resolve();
  };
  // A function may take as long as functionTimeout allows; Node's limit on receiving a request stays.
  const server = createServer((request, response) => {
    handler(request, response).catch(() => {
      // The connection was lost, or a header cannot be sent: there is nobody left to tell more than 500.
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  await bind(server, port);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    handle(next) {
      handler = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeIdleConnections();
      }),
    closeConnections() {
      server.closeAllConnections();
    },
  };
}

function bind(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason =
        error.code === 'EADDRINUSE'
          ? `Port ${port} is already in use; stop the other program or choose another with --port.`
          : `Port ${port} cannot be opened: ${error.message}`;
      reject(new LocalHostError(reason));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}

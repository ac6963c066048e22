import { createServer, request as sendRequest, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** Stands before one of Azurite's services; `before` is awaited for each request and may do what it likes meanwhile. */
export class StorageProxy {
  readonly port: number;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  static async start(
    targetPort: number,
    before: (method: string, url: string, body: string) => Promise<void>,
  ): Promise<StorageProxy> {
    const server = createServer((incoming, outgoing) => {
      const pieces: Buffer[] = [];
      incoming.on('data', (piece: Buffer) => pieces.push(piece));
      incoming.on('end', () => {
        const body = Buffer.concat(pieces);
        const { method = 'GET', url = '/', headers } = incoming;
        const forward = () => {
          const upstream = sendRequest(
            { host: '127.0.0.1', port: targetPort, method, path: url, headers },
            (answer) => {
              outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
              answer.pipe(outgoing);
            },
          );
          upstream.on('error', () => outgoing.destroy());
          upstream.end(body);
        };
        before(method, url, body.toString('utf8')).then(forward, () => outgoing.destroy());
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new StorageProxy(server);
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}

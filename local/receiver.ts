import { createServer, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

export interface Delivery {
  readonly receivedAt: string;
  readonly trackingId: string | undefined;
  /** The envelope as it came. */
  readonly body: unknown;
}

export interface Receiver {
  readonly url: string;
  /** Newest first. */
  readonly deliveries: readonly Delivery[];
  stop(): Promise<void>;
}

const KEPT_DELIVERIES = 1000;

/**
 * A webhook for alerts on this machine: `POST /alerts` takes one, `GET /deliveries?last=10` shows what came.
 * @param onDelivery is told each one.
 */
export async function startReceiver(
  port: number,
  onDelivery: (delivery: Delivery) => void = () => undefined,
): Promise<Receiver> {
  const deliveries: Delivery[] = [];
  const take = async (request: IncomingMessage): Promise<void> => {
    const header = request.headers['x-ms-client-tracking-id'];
    const delivery = {
      receivedAt: new Date().toISOString(),
      trackingId: Array.isArray(header) ? header[0] : header,
      body: JSON.parse(await readText(request)) as unknown,
    };
    deliveries.unshift(delivery);
    deliveries.length = Math.min(deliveries.length, KEPT_DELIVERIES);
    onDelivery(delivery);
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (request.method === 'POST' && url.pathname === '/alerts') {
      take(request).then(
        () => response.writeHead(202).end(),
        () => response.writeHead(400).end(),
      );
    } else if (request.method === 'GET' && url.pathname === '/deliveries') {
      const last = Number(url.searchParams.get('last') ?? 10);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(`${JSON.stringify(deliveries.slice(0, last), null, 2)}\n`);
    } else {
      response.writeHead(404).end();
    }
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: actualPort } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${actualPort}`,
    deliveries,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function readText(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}

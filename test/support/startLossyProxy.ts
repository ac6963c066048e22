import { createServer, request, type IncomingMessage } from 'node:http';

/** Stands before an HTTP service and can lose an answer after the service has done what was asked. */
export interface LossyProxy {
  readonly url: string;
  /** Requests that the service got, as `METHOD path`, without the query. */
  readonly requests: string[];
  /**
   * The next request with this method reaches the service; its answer is lost and the connection closed.
   * @param meanwhile happens after the service has done what was asked.
   */
  loseNextAnswerTo(method: string, meanwhile?: () => Promise<unknown>): void;
  /** The next request with this method is answered with this status and never reaches the service. */
  failNext(method: string, status: number): void;
  close(): Promise<void>;
}

export async function startLossyProxy(target: string): Promise<LossyProxy> {
  const requests: string[] = [];
  let lost: { method: string; meanwhile: () => Promise<unknown> } | undefined;
  let failing: { method: string; status: number } | undefined;
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const { method = '', url: path = '', headers } = incoming;
      const body = await collect(incoming);
      if (failing?.method === method) {
        const { status } = failing;
        failing = undefined;
        outgoing.writeHead(status).end();
        return;
      }
      requests.push(`${method} ${path.split('?')[0] ?? ''}`);
      const answer = await forward(`${target}${path}`, { method, headers }, body);
      const answerBody = await collect(answer);
      if (lost?.method === method) {
        const { meanwhile } = lost;
        lost = undefined;
        await meanwhile();
        outgoing.destroy();
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders).end(answerBody);
    })();
  });
  const { promise: listening, resolve } = Promise.withResolvers<undefined>();
  server.listen(0, '127.0.0.1', () => {
    resolve(undefined);
  });
  await listening;
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    loseNextAnswerTo(method, meanwhile = () => Promise.resolve()) {
      lost = { method, meanwhile };
    },
    failNext(method, status) {
      failing = { method, status };
    },
    async close() {
      server.closeAllConnections();
      const closed = Promise.withResolvers<undefined>();
      server.close(() => {
        closed.resolve(undefined);
      });
      await closed.promise;
    },
  };
}

async function collect(message: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of message) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

function forward(
  url: string,
  options: { method: string; headers: IncomingMessage['headers'] },
  body: Buffer,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(url, options, resolve).once('error', reject).end(body);
  });
}

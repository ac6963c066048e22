import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';

export interface ReceivedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export type Answer = (response: ServerResponse, request: ReceivedRequest) => void | Promise<void>;

/** A real HTTP server on a free port of 127.0.0.1. */
export interface TestServer {
  readonly url: string;
  /** What has come in, oldest first. */
  readonly requests: ReceivedRequest[];
  /** How the next requests are answered, one each; the last one goes on to answer. */
  answerWith(...answers: Answer[]): void;
  close(): Promise<void>;
}

export async function startServer(...answers: Answer[]): Promise<TestServer> {
  const requests: ReceivedRequest[] = [];
  let script = answers;
  const server = createServer((incoming, response) => {
    void (async () => {
      const pieces: Buffer[] = [];
      for await (const piece of incoming) pieces.push(piece as Buffer);
      const { method = '', url: path = '', headers } = incoming;
      const request = { method, path, headers, body: Buffer.concat(pieces) };
      requests.push(request);
      const [answer] = script;
      if (script.length > 1) script = script.slice(1);
      if (answer) await answer(response, request);
      else response.writeHead(501).end();
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
    answerWith(...next) {
      script = next;
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

/** An answer with this status, JSON body and these headers. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

/** An answer with this status, text body and these headers. */
export function plain(status: number, body = '', headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(status, headers).end(body);
  };
}

/** The connection is closed without any answer. */
export const hangUp: Answer = (response) => {
  response.destroy();
};

/** No answer ever comes. */
export const keepSilent: Answer = () => undefined;

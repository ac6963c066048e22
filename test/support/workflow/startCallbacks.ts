import { randomUUID } from 'node:crypto';
import { toWorkflowContent } from '../logicApps/content.ts';
import { startServer } from '../startServer.ts';
import type { Callbacks, CalledBack } from './Run.ts';

/** Callback URLs on this machine; each is called once. */
export async function startCallbacks(): Promise<Callbacks & { close(): Promise<void> }> {
  const waiting = new Map<string, (called: CalledBack) => void>();
  const server = await startServer((response, { path, headers, body }) => {
    const take = waiting.get(path);
    waiting.delete(path);
    take?.({
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
      body: toWorkflowContent(body, headers['content-type']),
    });
    response.writeHead(take ? 200 : 404).end();
  });
  return {
    open() {
      const path = `/callbacks/${randomUUID()}?sig=CANARY-callback-signature`;
      const { promise: called, resolve } = Promise.withResolvers<CalledBack>();
      waiting.set(path, resolve);
      return { url: `${server.url}${path}`, called };
    },
    close: () => server.close(),
  };
}

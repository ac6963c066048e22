import { afterEach } from 'vitest';
import { startServer, type TestServer } from './startServer.ts';

/** Gives a test file a `startServer` whose servers end with the test that started them. */
export function useServers(): typeof startServer {
  const open: TestServer[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((server) => server.close()));
  });
  return async (...answers) => {
    const server = await startServer(...answers);
    open.push(server);
    return server;
  };
}

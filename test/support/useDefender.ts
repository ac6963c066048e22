import { DefenderClient, type DefenderClientInit } from '../../src/defender/DefenderClient.ts';
import type { Answer, TestServer } from './startServer.ts';
import { useServers } from './useServers.ts';

/** A Defender that answers as told, and the app's client for it. */
export interface TestDefender {
  readonly server: TestServer;
  readonly client: DefenderClient;
}

/**
 * Gives a test file a function that starts such a Defender, which ends with the test.
 * The client asks for Defender for Endpoint and gives up after ten seconds, unless `init` says otherwise.
 */
export function useDefender(): (
  answers: readonly Answer[],
  init?: Partial<DefenderClientInit>,
) => Promise<TestDefender> {
  const startServer = useServers();
  return async (answers, init = {}) => {
    const server = await startServer(...answers);
    const client = new DefenderClient({
      url: server.url,
      audience: 'https://api.securitycenter.microsoft.com',
      tokens: { getToken: () => Promise.resolve('token') },
      requestTimeoutMs: 10_000,
      ...init,
    });
    return { server, client };
  };
}

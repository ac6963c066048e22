import { randomUUID } from 'node:crypto';
import { operationId } from '../src/operations/operationId.ts';
import type { Simulator } from './simulator/startSimulator.ts';

/** Long enough for a day's work with one token. */
const TOKEN_LIFETIME_S = 12 * 60 * 60;

export interface CallerTour {
  /** What `npm run call` reads; the second token is for commands that need `Defender.Admin`. */
  readonly caller: { readonly url: string; readonly token: string; readonly operatorToken: string };
  /** What a newcomer can copy line by line. */
  readonly commands: string;
}

/** A caller of the functions in the simulated company, and what it can do there. */
export async function createCallerTour(
  { urls, company }: Pick<Simulator, 'urls' | 'company'>,
  url: string,
): Promise<CallerTour> {
  const [token, operatorToken] = await Promise.all([
    createToken(urls.control, 'playbooks'),
    createToken(urls.control, 'operators'),
  ]);
  const { machines } = (await ask(`${urls.control}/machines`)) as { machines: { computerDnsName: string }[] };
  const device =
    machines.find(({ computerDnsName }) => computerDnsName.includes('-desk-'))?.computerDnsName ?? '';
  const key = randomUUID();
  const operation = operationId({
    callerId: company.callerClientIds.playbooks,
    key: { kind: 'key', value: key },
    ...{ action: 'isolate', device, comment: '', isolationType: undefined, incidentId: undefined },
  });
  const auth = '-H "authorization: Bearer $TOKEN"';
  const json = "-H 'content-type: application/json'";
  const commands = `Respond, as the Logic App that the simulated company calls playbooks:
  TOKEN=${token}
  curl ${auth} '${url}/api/devices?name=${device}'
  curl ${auth} -X POST ${url}/api/devices/${device}/isolate ${json} -H 'idempotency-key: ${key}' -d '{"comment":"Trying it out"}'
  curl ${auth} ${url}/api/operations/${operation}
  curl ${auth} ${url}/api/operations
  curl ${auth} -X POST ${url}/api/hunts ${json} -d '{"query":"DeviceProcessEvents | summarize count() by FileName | top 5 by count_"}'
or shorter:
  npm run call -- isolate ${device}
  npm run call -- release ${device}
  npm run call -- hunt "DeviceInfo | take 3"
  npm run doctor                                                      whether everything is set up right
  npm run tenants -- list                                             whose Defender is pulled and acted in
  npm run defender -- whoami                                          who you are in Defender; answer its code, in another terminal, with
    curl -X POST ${urls.control}/entra/device-codes ${json} -d '{"person":"analyst"}'
  npm run guard -- pause --reason "trying it out"                     and no action begins any more, until: npm run guard -- resume
`;
  return { caller: { url, token, operatorToken }, commands };
}

async function createToken(control: string, application: string): Promise<string> {
  const order = { application, expiresInSeconds: TOKEN_LIFETIME_S };
  const { token } = (await ask(`${control}/entra/caller-tokens`, order)) as { token: string };
  return token;
}

async function ask(url: string, body?: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return await response.json();
}

import { decodeSegment } from './decodeSegment.ts';
import type { Call, ServiceName } from './Call.ts';

/** Gives the id of a tenant that goes by this id or domain; undefined when there is none. */
export type TenantFinder = (name: string) => string | undefined;

/** The tenant that a call is about, before anybody has judged it; undefined when it names none. */
export function findTenantId(service: ServiceName, call: Call, findTenant: TenantFinder): string | undefined {
  const name = service === 'entra' ? decodeSegment(call.path.split('/')[1] ?? '') : findTokenTenant(call);
  return name === undefined || name === '' ? undefined : (findTenant(name) ?? name);
}

function findTokenTenant({ headers }: Call): string | undefined {
  const claims = /^Bearer [^.]*\.([^.]+)\./i.exec(headers.authorization ?? '')?.[1];
  if (claims === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(claims, 'base64url').toString());
    const isObject = typeof value === 'object' && value !== null && 'tid' in value;
    return isObject && typeof value.tid === 'string' ? value.tid : undefined;
  } catch {
    return undefined; // Not a token; the service will say so.
  }
}

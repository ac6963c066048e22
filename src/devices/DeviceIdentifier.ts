import { isMachineId } from './Machine.ts';

/** How a caller names a device; the three forms cannot be taken for one another. */
export type DeviceIdentifier =
  | { readonly kind: 'id'; readonly value: string }
  | { readonly kind: 'aadDeviceId'; readonly value: string }
  | { readonly kind: 'name'; readonly value: string };

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Labels as Windows and Linux allow them: RFC 1123, and the underscore that old Windows names have. */
const DNS_NAME =
  /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/i;

/** Undefined for a text that can name no device. Ids are given in lower case, names as they came. */
export function parseDeviceIdentifier(text: string): DeviceIdentifier | undefined {
  if (isMachineId(text)) return { kind: 'id', value: text.toLowerCase() };
  if (GUID.test(text)) return { kind: 'aadDeviceId', value: text.toLowerCase() };
  if (DNS_NAME.test(text)) return { kind: 'name', value: text };
  return undefined;
}

/** True when a name is the same DNS name; case does not matter, everything else does. */
export function isSameName(one: string | undefined, other: string): boolean {
  return one?.toLowerCase() === other.toLowerCase();
}

import { randomBytes } from 'node:crypto';
import type { Person } from './people.ts';

/** What has become of a device code: the person's answer, or none yet. */
export type DeviceCodeState = 'pending' | 'approved' | 'declined' | 'redeemed';

/** A sign-in that was begun on one device, to be finished in a browser. */
export interface DeviceCode {
  readonly deviceCode: string;
  /** What the person types. */
  readonly userCode: string;
  readonly tenantId: string;
  readonly clientId: string;
  /** As asked for, separated by spaces. */
  readonly scope: string;
  readonly expiresMs: number;
  state: DeviceCodeState;
  person?: Person;
  /** The person used a second factor. */
  hasMultifactor: boolean;
}

/** A person has 15 minutes. Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code */
export const deviceCodeLifetimeSeconds = 15 * 60;

/** Without vowels and digits that could be mistaken. */
const letters = 'BCDFGHJKLMNPQRSTVWXZ';

/** The device codes that were given out. */
export class DeviceCodes {
  readonly #codes: DeviceCode[] = [];
  /** How long clients are told to wait between two polls, in seconds; 5 in reality. */
  intervalSeconds = 5;

  create(order: Pick<DeviceCode, 'tenantId' | 'clientId' | 'scope'>, nowMs: number): DeviceCode {
    const code: DeviceCode = {
      ...order,
      deviceCode: randomBytes(96).toString('base64url'),
      userCode: [...randomBytes(9)].map((byte) => letters.charAt(byte % letters.length)).join(''),
      expiresMs: nowMs + deviceCodeLifetimeSeconds * 1000,
      state: 'pending',
      hasMultifactor: false,
    };
    this.#codes.push(code);
    return code;
  }

  list(): readonly DeviceCode[] {
    return this.#codes;
  }

  findByDeviceCode(deviceCode: string): DeviceCode | undefined {
    return this.#codes.find((one) => one.deviceCode === deviceCode);
  }

  findByUserCode(userCode: string): DeviceCode | undefined {
    return this.#codes.find((one) => one.userCode === userCode.toUpperCase());
  }
}

import { fieldsOf } from '../defender/fieldsOf.ts';

/**
 * What this app reads of a machine record; everything else passes by. Only the id is certain to be there.
 * Source: https://learn.microsoft.com/defender-endpoint/api/machine
 */
export interface Machine {
  /** 40 hex digits, lower case. */
  readonly id: string;
  readonly name: string | undefined;
  readonly aadDeviceId: string | undefined;
  readonly osPlatform: string | undefined;
  readonly healthStatus: string | undefined;
  readonly onboardingStatus: string | undefined;
  readonly deviceValue: string | undefined;
  readonly groupName: string | undefined;
  readonly tags: readonly string[];
  readonly lastSeen: string | undefined;
  /** The record that stands for this device now. */
  readonly mergedInto: string | undefined;
}

/** The machine that a record of Defender's answer describes, or undefined when it has no usable id. */
export function readMachine(record: unknown): Machine | undefined {
  const fields = fieldsOf(record);
  const id = textOf(fields.id)?.toLowerCase();
  if (id === undefined || !isMachineId(id)) return undefined;
  const tags = fields.machineTags;
  return {
    id,
    name: textOf(fields.computerDnsName),
    aadDeviceId: textOf(fields.aadDeviceId)?.toLowerCase(),
    osPlatform: textOf(fields.osPlatform),
    healthStatus: textOf(fields.healthStatus),
    onboardingStatus: textOf(fields.onboardingStatus),
    deviceValue: textOf(fields.deviceValue),
    groupName: textOf(fields.rbacGroupName),
    tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [],
    lastSeen: textOf(fields.lastSeen),
    mergedInto: textOf(fields.mergedIntoMachineId)?.toLowerCase(),
  };
}

/** True for Defender's own device ids. */
export function isMachineId(text: string): boolean {
  return /^[0-9a-f]{40}$/i.test(text);
}

/** True for a device that is onboarded to Defender for Endpoint; a record that does not say so is. */
export function isOnboarded({ onboardingStatus }: Machine): boolean {
  return onboardingStatus === undefined || onboardingStatus.toLowerCase() === 'onboarded';
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

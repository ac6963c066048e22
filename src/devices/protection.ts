import type { GuardSettings } from '../settings/parseResponseSettings.ts';
import type { Machine } from './Machine.ts';

/**
 * The rule that keeps a machine from being isolated, written as `setting:value`; undefined when there is none.
 *
 * A record without a name or an operating system cannot be checked, and is protected while there is a rule about it. A
 * missing value counts as Normal, missing tags and group as none: Defender leaves them out where nobody set them.
 */
export function findProtection(machine: Machine, guards: GuardSettings): string | undefined {
  const {
    protectedIds,
    protectedNames,
    protectedTags,
    protectedGroups,
    protectedValues,
    protectedPlatforms,
  } = guards;
  if (protectedIds.includes(machine.id)) return `PROTECTED_DEVICE_IDS:${machine.id}`;

  const name = fold(machine.name);
  if (name === undefined && protectedNames.length > 0) return 'PROTECTED_DEVICE_NAMES:unknown';
  if (name !== undefined && protectedNames.includes(name)) return `PROTECTED_DEVICE_NAMES:${name}`;

  const tag = machine.tags.map(fold).find((one) => one !== undefined && protectedTags.includes(one));
  if (tag !== undefined) return `PROTECTED_DEVICE_TAGS:${tag}`;

  const group = fold(machine.groupName);
  if (group !== undefined && protectedGroups.includes(group)) return `PROTECTED_DEVICE_GROUPS:${group}`;

  const value = fold(machine.deviceValue) ?? 'normal';
  if (protectedValues.includes(value)) return `PROTECTED_DEVICE_VALUES:${value}`;

  const platform = fold(machine.osPlatform);
  if (protectedPlatforms.length > 0 && platform === undefined) return 'PROTECTED_OS_PLATFORMS:unknown';
  const pattern = protectedPlatforms.find((one) => platform !== undefined && matches(platform, one));
  return pattern === undefined ? undefined : `PROTECTED_OS_PLATFORMS:${pattern}`;
}

function matches(platform: string, pattern: string): boolean {
  return pattern.endsWith('*') ? platform.startsWith(pattern.slice(0, -1)) : platform === pattern;
}

function fold(text: string | undefined): string | undefined {
  return text?.trim().toLowerCase();
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findProtection } from '../../src/devices/protection.ts';
import { parseResponseSettings, type GuardSettings } from '../../src/settings/parseResponseSettings.ts';
import { deviceId, OPEN_GUARDS } from '../support/createTestActions.ts';
import { machineOf } from '../support/devices.ts';

/** The rules as an operator writes them. */
function guardsOf(settings: Readonly<Record<string, string>>): GuardSettings {
  return parseResponseSettings({
    AzureWebJobsStorage: 'UseDevelopmentStorage=true',
    DEFENDER_TENANT_ID: '11111111-1111-4111-8111-111111111111',
    CALLER_AUDIENCE: 'api://defender-functions',
    PUBLIC_BASE_URL: 'https://functions.example',
    ...settings,
  }).guards;
}

const NONE = { PROTECTED_DEVICE_VALUES: 'none', PROTECTED_OS_PLATFORMS: 'none' };
const find = (settings: Readonly<Record<string, string>>, record: Readonly<Record<string, unknown>>) =>
  findProtection(machineOf(record), guardsOf({ ...NONE, ...settings }));

describe('a protected device', () => {
  it.each([
    ['by id', { PROTECTED_DEVICE_IDS: deviceId(1) }, {}, `PROTECTED_DEVICE_IDS:${deviceId(1)}`],
    [
      'by id in another case',
      { PROTECTED_DEVICE_IDS: deviceId(1).toUpperCase() },
      {},
      `PROTECTED_DEVICE_IDS:${deviceId(1)}`,
    ],
    [
      'by its whole name in another case',
      { PROTECTED_DEVICE_NAMES: 'x.example,WS1.Contoso.example' },
      {},
      'PROTECTED_DEVICE_NAMES:ws1.contoso.example',
    ],
    [
      'by one of its tags',
      { PROTECTED_DEVICE_TAGS: 'Crown Jewel' },
      { machineTags: ['other', 'CROWN jewel'] },
      'PROTECTED_DEVICE_TAGS:crown jewel',
    ],
    [
      'by a tag with spaces around it',
      { PROTECTED_DEVICE_TAGS: 'tier0' },
      { machineTags: [' Tier0 '] },
      'PROTECTED_DEVICE_TAGS:tier0',
    ],
    [
      'by its device group',
      { PROTECTED_DEVICE_GROUPS: 'Clinics' },
      { rbacGroupName: 'clinics' },
      'PROTECTED_DEVICE_GROUPS:clinics',
    ],
    [
      'by its value',
      { PROTECTED_DEVICE_VALUES: 'High' },
      { deviceValue: 'HIGH' },
      'PROTECTED_DEVICE_VALUES:high',
    ],
    [
      'by its operating system',
      { PROTECTED_OS_PLATFORMS: 'macOS' },
      { osPlatform: 'macOS' },
      'PROTECTED_OS_PLATFORMS:macos',
    ],
    [
      'by the beginning of its operating system',
      { PROTECTED_OS_PLATFORMS: 'WindowsServer*' },
      { osPlatform: 'WindowsServer2025' },
      'PROTECTED_OS_PLATFORMS:windowsserver*',
    ],
    [
      'whose operating system is unknown while there is a rule about it',
      { PROTECTED_OS_PLATFORMS: 'macOS' },
      { osPlatform: null },
      'PROTECTED_OS_PLATFORMS:unknown',
    ],
    [
      'whose value is missing, which is Normal',
      { PROTECTED_DEVICE_VALUES: 'Normal' },
      { deviceValue: null },
      'PROTECTED_DEVICE_VALUES:normal',
    ],
  ])('%s', (_how, settings, record, rule) => {
    expect(find(settings, record)).toBe(rule);
  });

  it.each([
    ['part of its name', { PROTECTED_DEVICE_NAMES: 'ws1' }, {}],
    ['a longer name', { PROTECTED_DEVICE_NAMES: 'ws1.contoso.example.org' }, {}],
    ['part of a tag', { PROTECTED_DEVICE_TAGS: 'tier' }, { machineTags: ['tier0'] }],
    ['another id', { PROTECTED_DEVICE_IDS: deviceId(2) }, {}],
    ['another group', { PROTECTED_DEVICE_GROUPS: 'clinics' }, { rbacGroupName: 'clinics-lab' }],
    ['another value', { PROTECTED_DEVICE_VALUES: 'High,Low' }, { deviceValue: null }],
    [
      'an exact platform that is only the beginning',
      { PROTECTED_OS_PLATFORMS: 'WindowsServer' },
      { osPlatform: 'WindowsServer2025' },
    ],
    [
      'a beginning that is only in the middle',
      { PROTECTED_OS_PLATFORMS: 'Server*' },
      { osPlatform: 'WindowsServer2025' },
    ],
    ['`none` for every rule', {}, { osPlatform: null, deviceValue: 'High', machineTags: ['none'] }],
    [
      'tags and group that Defender leaves out',
      { PROTECTED_DEVICE_TAGS: 'a', PROTECTED_DEVICE_GROUPS: 'b' },
      {},
    ],
  ])('is not made by %s', (_what, settings, record) => {
    expect(find(settings, record)).toBeUndefined();
  });

  it('is a server or a device of high value when nobody set any rule', () => {
    const defaults = guardsOf({});
    expect(findProtection(machineOf({ osPlatform: 'WindowsServer2022' }), defaults)).toBe(
      'PROTECTED_OS_PLATFORMS:windowsserver*',
    );
    expect(findProtection(machineOf({ deviceValue: 'High' }), defaults)).toBe('PROTECTED_DEVICE_VALUES:high');
    expect(findProtection(machineOf(), defaults)).toBeUndefined();
  });

  it('stays protected by whatever other rules there are', () => {
    const text = fc.stringMatching(/^[a-z]{1,8}$/);
    const texts = fc.array(text, { maxLength: 3 });
    fc.assert(
      fc.property(
        fc.record({
          protectedTags: texts,
          protectedNames: texts,
          protectedPlatforms: texts,
          protectedGroups: texts,
        }),
        (rules) => {
          const guards = { ...OPEN_GUARDS, ...rules, protectedIds: [deviceId(1)] };
          expect(findProtection(machineOf(), guards)).toBe(`PROTECTED_DEVICE_IDS:${deviceId(1)}`);
        },
      ),
    );
  });
});

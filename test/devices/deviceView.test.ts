import { describe, expect, it } from 'vitest';
import { findStaleness, toDeviceView } from '../../src/devices/deviceView.ts';
import { deviceId, OPEN_GUARDS } from '../support/createTestActions.ts';
import { machineOf } from '../support/devices.ts';

describe('a device as callers see it', () => {
  it('has what tells it from others, and what an action would make of it', () => {
    const machine = machineOf({
      aadDeviceId: 'ab12cd34-0000-4000-8000-00000000000f',
      rbacGroupName: 'Clinics',
      machineTags: ['tier1'],
      lastSeen: '2026-11-21T11:00:00Z',
      riskScore: 'High',
    });
    expect(toDeviceView(machine, { ...OPEN_GUARDS, protectedTags: ['tier1'] })).toEqual({
      id: deviceId(1),
      name: 'ws1.contoso.example',
      aadDeviceId: 'ab12cd34-0000-4000-8000-00000000000f',
      osPlatform: 'Windows11',
      healthStatus: 'Active',
      onboardingStatus: 'Onboarded',
      deviceValue: 'Normal',
      deviceGroup: 'Clinics',
      tags: ['tier1'],
      lastSeen: '2026-11-21T11:00:00Z',
      isActive: true,
      inactiveBecause: undefined,
      protectedBy: 'PROTECTED_DEVICE_TAGS:tier1',
    });
  });
});

describe('a record that does not stand for its device now', () => {
  it.each([
    [{}, undefined],
    [{ healthStatus: 'ImpairedCommunication' }, undefined],
    [{ healthStatus: null, onboardingStatus: null }, undefined],
    [{ healthStatus: 'INACTIVE' }, 'it has not reported for a week or longer'],
    [{ onboardingStatus: 'InsufficientInfo' }, 'its onboarding status is InsufficientInfo'],
    [
      { mergedIntoMachineId: deviceId(9), healthStatus: 'Inactive', onboardingStatus: 'Unsupported' },
      `merged into ${deviceId(9)}`,
    ],
  ])('%j: %s', (record, reason) => {
    expect(findStaleness(machineOf(record))).toBe(reason);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMachineId, isOnboarded, readMachine } from '../../src/devices/Machine.ts';
import { deviceId } from '../support/createTestActions.ts';
import { machineOf } from '../support/devices.ts';

describe('reading a machine', () => {
  it('takes what the app needs, ids in lower case', () => {
    const machine = readMachine({
      id: deviceId(1).toUpperCase(),
      computerDnsName: 'WS1.contoso.example',
      aadDeviceId: 'AB12CD34-0000-4000-8000-00000000000F',
      osPlatform: 'Windows11',
      healthStatus: 'Active',
      onboardingStatus: 'Onboarded',
      deviceValue: 'High',
      rbacGroupName: 'Clinics',
      machineTags: ['a', 5, null, 'b'],
      lastSeen: '2026-11-21T11:00:00Z',
      mergedIntoMachineId: deviceId(2).toUpperCase(),
      riskScore: 'High',
    });
    expect(machine).toEqual({
      id: deviceId(1),
      name: 'WS1.contoso.example',
      aadDeviceId: 'ab12cd34-0000-4000-8000-00000000000f',
      osPlatform: 'Windows11',
      healthStatus: 'Active',
      onboardingStatus: 'Onboarded',
      deviceValue: 'High',
      groupName: 'Clinics',
      tags: ['a', 'b'],
      lastSeen: '2026-11-21T11:00:00Z',
      mergedInto: deviceId(2),
    });
  });

  it('does not mind in which case the names begin: what protects a device must not be overlooked', () => {
    const record = { Id: deviceId(1), DeviceValue: 'High', MachineTags: ['keep'], RbacGroupName: 'Clinics' };
    expect(readMachine(record)).toMatchObject({
      ...{ id: deviceId(1), deviceValue: 'High', tags: ['keep'], groupName: 'Clinics' },
    });
  });

  it.each([null, undefined, 7, 'text', [], {}, { id: 5 }, { id: 'abc' }, { id: `${deviceId(1)}0` }])(
    'finds none in %j',
    (record) => {
      expect(readMachine(record)).toBeUndefined();
    },
  );

  it('never throws, and never makes up a value', () => {
    const names = ['computerDnsName', 'aadDeviceId', 'osPlatform', 'machineTags', 'mergedIntoMachineId'];
    const odd = fc.dictionary(fc.constantFrom('id', ...names), fc.anything());
    fc.assert(
      fc.property(fc.oneof(fc.anything(), odd), (record) => {
        const machine = readMachine(record);
        if (machine) expect(isMachineId(machine.id)).toBe(true);
      }),
    );
    fc.assert(
      fc.property(odd, (record) => {
        const machine = readMachine({ ...record, id: deviceId(1) });
        for (const value of Object.values(machine ?? {})) {
          const isText = typeof value === 'string' && value !== '';
          const isTexts = Array.isArray(value) && value.every((one) => typeof one === 'string');
          expect(value === undefined || isText || isTexts).toBe(true);
        }
      }),
    );
  });
});

describe('an onboarded machine', () => {
  it.each([
    ['Onboarded', true],
    ['onboarded', true],
    [undefined, true],
    ['CanBeOnboarded', false],
    ['Unsupported', false],
    ['InsufficientInfo', false],
  ])('%s: %s', (onboardingStatus, expected) => {
    expect(isOnboarded(machineOf({ onboardingStatus }))).toBe(expected);
  });
});

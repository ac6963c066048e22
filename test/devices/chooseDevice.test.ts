import { describe, expect, it } from 'vitest';
import { actionDefinitions } from '../../src/devices/actions.ts';
import { chooseDevice, type Onboarding } from '../../src/devices/chooseDevice.ts';
import { DeviceAmbiguous } from '../../src/devices/DeviceAmbiguous.ts';
import { parseDeviceIdentifier } from '../../src/devices/DeviceIdentifier.ts';
import { deviceId, OPEN_GUARDS } from '../support/createTestActions.ts';
import { machineOf } from '../support/devices.ts';

const NAME = 'ws1.contoso.example';
const active = { id: deviceId(1) };
const alsoActive = { id: deviceId(2) };
const stale = { id: deviceId(3), healthStatus: 'Inactive' };
const merged = { id: deviceId(4), mergedIntoMachineId: deviceId(1) };
const discovered = { id: deviceId(5), onboardingStatus: 'CanBeOnboarded' };
const silent = { id: deviceId(6), healthStatus: 'NoSensorData' };

type Records = readonly Readonly<Record<string, unknown>>[];

/** The id that is chosen, or the code of the refusal. */
function choose(text: string, records: Records, onboarding: Onboarding = 'onboarded'): string {
  const identifier = parseDeviceIdentifier(text);
  if (!identifier) throw new Error('that is no identifier');
  try {
    return chooseDevice(identifier, records.map(machineOf), OPEN_GUARDS, onboarding).id;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('the device that a name or an Entra device id means', () => {
  it.each<[string, Records, Onboarding, string]>([
    ['no record', [], 'onboarded', 'device_not_found'],
    ['one that is active', [active], 'onboarded', deviceId(1)],
    ['one that is impaired, which is active still', [silent], 'onboarded', deviceId(6)],
    ['one that is active and one that is stale', [stale, active], 'onboarded', deviceId(1)],
    ['one that is active and those merged into it', [merged, active, merged], 'onboarded', deviceId(1)],
    ['one that is onboarded and one that is not', [discovered, active], 'onboarded', deviceId(1)],
    ['the same record twice', [active, active], 'onboarded', deviceId(1)],
    ['two that are active', [active, alsoActive], 'onboarded', 'device_ambiguous'],
    ['only a stale one', [stale], 'onboarded', 'device_ambiguous'],
    ['only a merged one', [merged], 'onboarded', 'device_ambiguous'],
    ['only one that is not onboarded', [discovered], 'onboarded', 'device_ambiguous'],
    ['one that is not onboarded, to contain it', [discovered], 'unmanaged', deviceId(5)],
    ['the one of two that is not onboarded, to contain it', [active, discovered], 'unmanaged', deviceId(5)],
    ['only one that is onboarded, to contain it', [active], 'unmanaged', 'device_ambiguous'],
    [
      'two that are not onboarded',
      [discovered, { ...discovered, id: deviceId(7) }],
      'unmanaged',
      'device_ambiguous',
    ],
    ['a merged one that is not onboarded', [{ ...discovered, ...merged }], 'unmanaged', 'device_ambiguous'],
    ['one that is active, to release it', [stale, active, merged], 'any', deviceId(1)],
    ['one that is contained, to release it', [discovered], 'any', deviceId(5)],
    ['one of each, to release one', [active, discovered], 'any', 'device_ambiguous'],
    ['only a stale one, to release it', [stale], 'any', 'device_ambiguous'],
  ])('%s', (_what, records, onboarding, expected) => {
    expect(choose(NAME, records, onboarding)).toBe(expected);
    expect(choose('ab12cd34-0000-4000-8000-00000000000f', records, onboarding)).toBe(expected);
    expect(choose(NAME, records.toReversed(), onboarding)).toBe(expected);
  });

  it('comes with all candidates and what tells them apart when there is not exactly one', () => {
    const machines = [active, alsoActive, stale, merged, discovered].map(machineOf);
    const choice = () => chooseDevice({ kind: 'name', value: NAME }, machines, OPEN_GUARDS, 'onboarded');
    expect(choice).toThrow(DeviceAmbiguous);
    expect(choice).toThrow(/^2 active devices of 5 records named 'ws1.contoso.example'/);
    try {
      choice();
    } catch (error) {
      expect((error as DeviceAmbiguous).members).toMatchObject({
        candidates: [
          { id: deviceId(1), isActive: true },
          { id: deviceId(2), isActive: true },
          { id: deviceId(3), isActive: false, inactiveBecause: 'it has not reported for a week or longer' },
          { id: deviceId(4), isActive: false, inactiveBecause: `merged into ${deviceId(1)}` },
          { id: deviceId(5), isActive: false, inactiveBecause: 'its onboarding status is CanBeOnboarded' },
        ],
      });
    }
  });
});

describe("the device that Defender's own id means", () => {
  it.each<[string, Records, string]>([
    ['no record', [], 'device_not_found'],
    ['an active one', [active], deviceId(1)],
    // Whoever gives the id has chosen; the action waits for the device.
    ['a stale one', [{ ...active, healthStatus: 'Inactive' }], deviceId(1)],
    ['one that is not onboarded', [{ ...active, onboardingStatus: 'Unsupported' }], deviceId(1)],
    ['one that was merged into another', [{ ...active, mergedIntoMachineId: deviceId(2) }], 'device_merged'],
  ])('%s', (_what, records, expected) => {
    for (const onboarding of ['onboarded', 'unmanaged', 'any'] as const) {
      expect(choose(deviceId(1), records, onboarding)).toBe(expected);
    }
  });

  it('names the record that stands for a merged one', () => {
    const machine = machineOf({ mergedIntoMachineId: deviceId(2) });
    expect(() =>
      chooseDevice({ kind: 'id', value: machine.id }, [machine], OPEN_GUARDS, 'onboarded'),
    ).toThrow(expect.objectContaining({ members: { mergedIntoDeviceId: deviceId(2) } }) as Error);
  });
});

describe('which devices an action is for', () => {
  it('depends on the kind of isolation; a release is for all', () => {
    const { isolate, release } = actionDefinitions;
    expect(isolate.onboarding('Full')).toBe('onboarded');
    expect(isolate.onboarding('Selective')).toBe('onboarded');
    expect(isolate.onboarding('UnManagedDevice')).toBe('unmanaged');
    expect(release.onboarding(undefined)).toBe('any');
  });
});

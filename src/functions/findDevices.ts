import { DeviceDirectory } from '../devices/DeviceDirectory.ts';
import { toDeviceView } from '../devices/deviceView.ts';
import { ok } from '../http/answers.ts';
import { responseServices } from '../services.ts';
import { openAccess } from './input/openAccess.ts';
import { toDeviceIdentifier } from './input/toDeviceIdentifier.ts';
import { registerEndpoint } from './registerEndpoint.ts';

registerEndpoint('findDevices', async (call) => {
  const identifier = toDeviceIdentifier(call.query);
  const access = await openAccess(call, 'read');
  const machines = await new DeviceDirectory(access.client('endpoint')).find(identifier, call.signal);
  const { guards } = responseServices().settings;
  return ok({ devices: machines.map((machine) => toDeviceView(machine, guards)) });
});

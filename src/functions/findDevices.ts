import { toDeviceView } from '../devices/deviceView.ts';
import { ok } from '../http/answers.ts';
import { toDeviceIdentifier } from './input/toDeviceIdentifier.ts';
import { responseServices } from '../services.ts';
import { registerEndpoint } from './registerEndpoint.ts';

registerEndpoint('findDevices', async ({ query, signal }) => {
  const { directory, settings } = responseServices();
  const machines = await directory().find(toDeviceIdentifier(query), signal);
  return ok({ devices: machines.map((machine) => toDeviceView(machine, settings.guards)) });
});

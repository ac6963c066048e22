import { parseDeviceIdentifier, type DeviceIdentifier } from '../../devices/DeviceIdentifier.ts';
import { InputInvalid } from '../../http/InputInvalid.ts';

/** The one device that a query names. @throws InputInvalid when it names none or several. */
export function toDeviceIdentifier({
  name,
  aadDeviceId,
}: Readonly<Record<string, unknown>>): DeviceIdentifier {
  const given = [name, aadDeviceId].filter((value) => typeof value === 'string');
  const [only] = given;
  if (only === undefined || given.length > 1) {
    throw new InputInvalid([{ target: 'query', message: 'must have either name or aadDeviceId' }]);
  }
  const identifier = parseDeviceIdentifier(only);
  if (!identifier) throw new InputInvalid([{ target: 'query.name', message: 'is no DNS name' }]);
  return identifier;
}

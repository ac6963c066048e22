/** Given names of the simulated people. */
// prettier-ignore
export const firstNames = [
  'Ada', 'Bruno', 'Carla', 'Dmitri', 'Elin', 'Farid', 'Greta', 'Hugo', 'Ines', 'Jonas',
  'Kaori', 'Liam', 'Mirela', 'Noor', 'Oskar', 'Paula', 'Quentin', 'Rosa', 'Samir', 'Tove',
];

/** Family names of the simulated people. */
// prettier-ignore
export const lastNames = [
  'Almeida', 'Brandt', 'Castel', 'Dahl', 'Egger', 'Fontaine', 'Grieg', 'Hallam', 'Ivanov', 'Jansen',
  'Keller', 'Lindqvist', 'Moreau', 'Novak', 'Okafor', 'Petrov', 'Quist', 'Rinaldi', 'Sato', 'Tanaka',
];

/** Offices: the code in device names and the device group. */
export const sites = [
  { code: 'osl', groupName: 'North' },
  { code: 'lis', groupName: 'South' },
  { code: 'lyo', groupName: 'South' },
  { code: 'gda', groupName: 'North' },
] as const;

/** What people's devices are used for, roughly as often as it stands in this list. */
export const deviceRoles = ['desk', 'note', 'note', 'lab'] as const;

/** What a device is used for, as it shows in its name; `dc` is a domain controller. */
export type DeviceRole = (typeof deviceRoles)[number] | 'srv' | 'dc';

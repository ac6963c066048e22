import type { Estate } from '../company/Estate.ts';
import type { MachineChange } from '../company/MachineWriter.ts';
import { findMachineRecord } from '../defender/machines/toMachineRecord.ts';
import type { StoredMachine } from '../defender/machines/MachineStore.ts';
import type { World } from '../World.ts';
import { NotFoundError, type ControlRoute } from './ControlRoute.ts';
import { findEstate, type TenantCall } from './findEstate.ts';
import { Input, InputError } from './Input.ts';
import { readFields } from './readFields.ts';

const mostMachinesAtOnce = 100_000;

/** Adding, changing, listing and removing machines. */
export function machineRoutes(world: World): readonly ControlRoute[] {
  return [
    {
      method: 'GET',
      path: '/machines',
      summary: 'List all machines with the truth: isIsolated, isOnline, their actions.',
      answer: (call) => {
        const estate = findEstate(world, call);
        estate.machineActions.settle();
        const nowTicks = world.clock.nowTicks();
        return {
          machines: [...estate.machines.list()].map((machine) => describe(estate, machine, nowTicks)),
        };
      },
    },
    {
      method: 'POST',
      path: '/machines',
      summary: 'Add one machine, many alike (count), or a list; returns their ids.',
      answer: (call) => ({ machines: addMachines(world, call) }),
    },
    {
      method: 'PATCH',
      path: '/machines/{id}',
      summary: 'Change a machine: any property, isOnline, isIsolated.',
      answer: (call) => {
        const estate = findEstate(world, call);
        const { machines, machineWriter } = estate;
        const { id } = call;
        if (machines.find(id) === undefined) throw new NotFoundError(`There is no machine ${id}.`);
        const input = new Input(call.body);
        if (input.has('count')) throw new InputError("'count' is only for new machines.");
        machineWriter.change(id, parseChange(input));
        return describe(estate, machines.get(id), world.clock.nowTicks());
      },
    },
    {
      method: 'DELETE',
      path: '/machines/{id}',
      summary: 'Remove one machine; its actions stay.',
      answer: (call) => {
        const { machines, machineActions } = findEstate(world, call);
        const { id } = call;
        machineActions.settle();
        if (!machines.remove(id)) throw new NotFoundError(`There is no machine ${id}.`);
      },
    },
    {
      method: 'DELETE',
      path: '/machines',
      summary: 'Remove all machines.',
      answer: (call) => {
        const { machines, machineActions } = findEstate(world, call);
        machineActions.settle();
        machines.clear();
      },
    },
    {
      method: 'POST',
      path: '/machines/reset',
      summary: 'Put the machines back as they were at the start, without machine actions and rules for them.',
      answer: (call) => {
        findEstate(world, call).machineWriter.reset();
      },
    },
  ];
}

function addMachines(world: World, { query, body }: TenantCall): unknown[] {
  if (Array.isArray(body)) return body.flatMap((one: unknown) => addMachines(world, { query, body: one }));
  const { machines, machineWriter } = findEstate(world, { query, body });
  const input = new Input(body, 'a machine');
  const count = input.findNumber('count', { least: 1, most: mostMachinesAtOnce, isWhole: true }) ?? 1;
  const change = parseChange(input);
  if (count > 1 && typeof change.fields.id === 'string')
    throw new InputError("'id' and 'count' exclude each other.");
  return Array.from({ length: count }, () => {
    const id = machineWriter.add(change);
    return { id, computerDnsName: machines.get(id).fields.computerDnsName };
  });
}

const reserved = ['tenant', 'count', 'isOnline', 'isIsolated', 'raw', 'without'];

/** Reserved names steer; every other property becomes one of the machine's. */
function parseChange(input: Input): MachineChange {
  const raw = input.findString('raw');
  const isOnline = input.findBoolean('isOnline');
  const isIsolated = input.findBoolean('isIsolated');
  return {
    fields: readFields(input, reserved),
    without: parseNames(input.raw('without')),
    ...(raw === undefined ? {} : { raw }),
    ...(isOnline === undefined ? {} : { isOnline }),
    ...(isIsolated === undefined ? {} : { isIsolated }),
  };
}

function parseNames(value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
  throw new InputError("'without' must be a list of property names.");
}

function describe({ machineActions }: Estate, machine: StoredMachine, nowTicks: bigint): unknown {
  const record = findMachineRecord(machine, nowTicks);
  const { computerDnsName, onboardingStatus, healthStatus, lastSeen } = record?.fields ?? machine.fields;
  return {
    id: machine.key,
    computerDnsName,
    onboardingStatus,
    healthStatus,
    lastSeen,
    isIsolated: machine.isIsolated,
    isOnline: machine.isOnline,
    actions: machineActions
      .list()
      .filter(({ machineId }) => machineId === machine.key)
      .map(({ id, type, status }) => ({ id, type, status })),
  };
}

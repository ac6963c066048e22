import type { Estate } from '../company/Estate.ts';
import { machineActionTypes, type StoredMachineAction } from '../defender/machineActions/MachineAction.ts';
import { machineActionOutcomes } from '../defender/machineActions/MachineActionPlan.ts';
import {
  duplicateAnswers,
  type MachineActionRuleOrder,
  type MachineActionRules,
} from '../defender/machineActions/MachineActionRules.ts';
import { toMachineActionFields } from '../defender/machineActions/toMachineActionRecord.ts';
import type { World } from '../World.ts';
import { NotFoundError, type ControlRoute } from './ControlRoute.ts';
import { findEstate, type TenantCall } from './findEstate.ts';
import { Input, InputError } from './Input.ts';

/** What becomes of machine actions, and those that people take in the portal. */
export function machineActionRoutes(world: World): readonly ControlRoute[] {
  const { clock } = world;
  return [
    ...ruleRoutes(world),
    {
      method: 'GET',
      path: '/machine-actions',
      summary: 'List all machine actions, oldest first, whether or not Defender shows them yet.',
      answer: (call) => {
        const { machineActions } = findEstate(world, call);
        machineActions.settle();
        return { actions: machineActions.list().map((action) => describe(action, clock.nowTicks())) };
      },
    },
    {
      method: 'POST',
      path: '/machine-actions',
      summary: 'Somebody acts in the portal: machineId, type, and optionally scope, comment, requestor.',
      answer: (call) =>
        describe(orderInPortal(findEstate(world, call), new Input(call.body)), clock.nowTicks()),
    },
    {
      method: 'POST',
      path: '/machine-actions/{id}/cancel',
      summary: 'Somebody cancels an action in the portal: optionally comment, requestor.',
      answer: (call) => {
        const estate = findEstate(world, call);
        const { machineActions } = estate;
        const { id } = call;
        const input = new Input(call.body).allow('tenant', 'comment', 'requestor');
        const action = machineActions.find(id);
        if (action === undefined) throw new NotFoundError(`There is no machine action ${id}.`);
        const comment = input.findString('comment') ?? 'Cancelled in the portal';
        if (!machineActions.cancel(action, { requestor: getRequestor(estate, input), comment }))
          throw new InputError(`The machine action is over: ${action.status}.`);
        return describe(action, clock.nowTicks());
      },
    },
    {
      method: 'DELETE',
      path: '/machine-actions',
      summary: 'Forget all machine actions; the machines stay as they are.',
      answer: (call) => {
        const { machineActions } = findEstate(world, call);
        machineActions.settle();
        machineActions.clear();
      },
    },
  ];
}

function ruleRoutes(world: World): readonly ControlRoute[] {
  const findRules = (call: TenantCall): MachineActionRules => findEstate(world, call).machineActions.rules;
  return [
    {
      method: 'POST',
      path: '/machine-action-rules',
      summary: 'Decide what becomes of future machine actions; returns the id of the rule.',
      answer: (call) => findRules(call).add(parseRule(new Input(call.body))),
    },
    {
      method: 'GET',
      path: '/machine-action-rules',
      summary: 'List the rules with the number of actions each one decided.',
      answer: (call) => ({ rules: findRules(call).list() }),
    },
    {
      method: 'DELETE',
      path: '/machine-action-rules/{id}',
      summary: 'Remove one rule; actions that it decided go on as decided.',
      answer: (call) => {
        if (!findRules(call).remove(call.id))
          throw new NotFoundError(`There is no machine action rule ${call.id}.`);
      },
    },
    {
      method: 'DELETE',
      path: '/machine-action-rules',
      summary: 'Remove all rules.',
      answer: (call) => {
        findRules(call).clear();
      },
    },
  ];
}

function parseRule(input: Input): MachineActionRuleOrder {
  input.allow(
    'tenant',
    'match',
    'pendingSeconds',
    'runSeconds',
    'outcome',
    'errorHResult',
    'duplicate',
    'visibleAfterSeconds',
    'times',
  );
  const match = input.findObject('match')?.allow('machineId', 'type');
  const found = {
    pendingSeconds: input.findNumber('pendingSeconds', { least: 0 }),
    runSeconds: input.findNumber('runSeconds', { least: 0 }),
    outcome: input.findOneOf('outcome', machineActionOutcomes),
    errorHResult: input.findNumber('errorHResult', { isWhole: true }),
    duplicate: input.findOneOf('duplicate', duplicateAnswers),
    visibleAfterSeconds: input.findNumber('visibleAfterSeconds', { least: 0 }),
    times: input.findNumber('times', { least: 1, isWhole: true }),
  };
  return {
    match: withoutUndefined({
      machineId: match?.findString('machineId'),
      type: match?.findOneOf('type', machineActionTypes),
    }),
    ...withoutUndefined(found),
  };
}

type Defined<Record> = { [Name in keyof Record]?: Exclude<Record[Name], undefined> };

function withoutUndefined<Given extends Readonly<Record<string, unknown>>>(given: Given): Defined<Given> {
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as Defined<Given>;
}

/**
 * Live response of the device page does not show in the API.
 *
 * Source: https://learn.microsoft.com/defender-endpoint/api/run-live-response#limitations
 */
const portalTypes = machineActionTypes.filter((type) => type !== 'LiveResponse');

function orderInPortal(estate: Estate, input: Input): StoredMachineAction {
  input.allow('tenant', 'machineId', 'type', 'scope', 'comment', 'requestor');
  const machineId = input.getString('machineId');
  const machine = estate.machines.find(machineId);
  if (machine === undefined) throw new NotFoundError(`There is no machine ${machineId}.`);
  const type = input.findOneOf('type', portalTypes);
  if (type === undefined) throw new InputError(`'type' is missing: one of ${portalTypes.join(', ')}.`);
  const { computerDnsName } = machine.fields;
  const action = estate.machineActions.order({
    type,
    scope: input.findString('scope') ?? (type === 'Isolate' ? 'Full' : null),
    machineId,
    computerDnsName: typeof computerDnsName === 'string' ? computerDnsName : null,
    requestor: getRequestor(estate, input),
    requestorComment: input.findString('comment') ?? 'Done in the portal',
    requestSource: 'Portal',
  });
  if (action === undefined) throw new InputError(`An action of type ${type} is already in progress.`);
  return action;
}

/** The first analyst unless told otherwise. */
function getRequestor({ company }: Estate, input: Input): string {
  return input.findString('requestor') ?? company.analysts[0]?.userPrincipalName ?? '';
}

function describe(action: StoredMachineAction, nowTicks: bigint): unknown {
  return { ...toMachineActionFields(action), visible: action.visibleFrom <= nowTicks };
}

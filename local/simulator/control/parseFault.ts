import type { FaultEffect, FaultMatch, FaultOrder } from '../faults/FaultRule.ts';
import { serviceNames } from '../http/Call.ts';
import type { World } from '../World.ts';
import { parseTenantId } from './findEstate.ts';
import { Input, InputError } from './Input.ts';

/** A fault rule from a control body; throws `InputError`. */
export function parseFault(world: World, input: Input): FaultOrder {
  input.allow('service', 'match', 'times', 'skipFirst', 'effect');
  const service = input.findOneOf('service', serviceNames);
  if (service === undefined) throw new InputError(`'service' is missing: one of ${serviceNames.join(', ')}.`);
  const effect = input.findObject('effect');
  if (effect === undefined) throw new InputError("'effect' is missing.");
  const match = parseMatch(world, input.findObject('match'));
  const effectParsed = parseEffect(effect);
  const isAboutQueries = match.filterOverlaps !== undefined || match.alertInResult !== undefined;
  if (isAboutQueries && service !== 'defender')
    throw new InputError("'filterOverlaps' and 'alertInResult' are only for the service defender.");
  if (effectParsed.kind === 'partial' && service !== 'defender' && service !== 'graph')
    throw new InputError("'partial' is only for the services defender and graph.");
  const times = input.findNumber('times', { least: 1, isWhole: true });
  return {
    service,
    match,
    skipFirst: input.findNumber('skipFirst', { least: 0, isWhole: true }) ?? 0,
    effect: effectParsed,
    ...(times === undefined ? {} : { times }),
  };
}

function parseMatch(world: World, input: Input | undefined): FaultMatch {
  if (input === undefined) return {};
  input.allow('method', 'tenant', 'pathContains', 'queryContains', 'filterOverlaps', 'alertInResult');
  const method = input.findString('method');
  const tenant = input.findString('tenant');
  const pathContains = input.findString('pathContains');
  const queryContains = input.findString('queryContains');
  const alertInResult = input.findString('alertInResult');
  const window = input.findObject('filterOverlaps')?.allow('from', 'to');
  return {
    ...(method === undefined ? {} : { method: method.toUpperCase() }),
    ...(tenant === undefined ? {} : { tenant: parseTenantId(world, tenant) }),
    ...(pathContains === undefined ? {} : { pathContains }),
    ...(queryContains === undefined ? {} : { queryContains }),
    ...(alertInResult === undefined ? {} : { alertInResult }),
    ...(window === undefined ? {} : { filterOverlaps: parseWindow(window) }),
  };
}

/** `to` may be left out: one instant. */
function parseWindow(input: Input): { from: bigint; to: bigint } {
  const from = input.findInstant('from');
  if (from === undefined) throw new InputError("'from' in 'filterOverlaps' is missing.");
  const to = input.findInstant('to') ?? from;
  if (to < from) throw new InputError("'to' in 'filterOverlaps' is before 'from'.");
  return { from, to };
}

type EffectParser = (input: Input) => FaultEffect;

const effects: Readonly<Record<string, EffectParser>> = {
  status: (input) => ({
    kind: 'status',
    status:
      input
        .allow('status', 'body', 'headers')
        .findNumber('status', { least: 200, most: 599, isWhole: true }) ?? 500,
    body: input.raw('body'),
    headers: { ...input.findStrings('headers') },
  }),
  delayMs: (input) => ({
    kind: 'delay',
    delayMs: input.allow('delayMs').findNumber('delayMs', { least: 0, most: 3_600_000 }) ?? 0,
  }),
  delayAnswerMs: (input) => ({
    kind: 'delayAnswer',
    delayMs: input.allow('delayAnswerMs').findNumber('delayAnswerMs', { least: 0, most: 3_600_000 }) ?? 0,
  }),
  truncateAfterBytes: (input) => ({
    kind: 'truncate',
    afterBytes:
      input.allow('truncateAfterBytes').findNumber('truncateAfterBytes', { least: 0, isWhole: true }) ?? 0,
  }),
  dropConnection: (input) => ({
    kind: 'drop',
    when:
      input.allow('dropConnection').findOneOf('dropConnection', ['beforeCall', 'beforeAnswer', 'midBody']) ??
      'beforeAnswer',
  }),
  throttle: (input) => parseThrottle(input.allow('throttle').findObject('throttle')),
  partial: (input) => parseFlag(input, 'partial'),
  corruptJson: (input) => parseFlag(input, 'corruptJson'),
  html: (input) => parseFlag(input, 'html'),
};

function parseEffect(input: Input): FaultEffect {
  const name = Object.keys(effects).find((one) => input.has(one));
  const parse = name === undefined ? undefined : effects[name];
  if (parse === undefined)
    throw new InputError(`'effect' must have one of ${Object.keys(effects).join(', ')}.`);
  return parse(input);
}

function parseThrottle(input: Input | undefined): FaultEffect {
  return {
    kind: 'throttle',
    retryAfterSeconds:
      input?.allow('retryAfter', 'as').findNumber('retryAfter', { least: 0, isWhole: true }) ?? 1,
    as: input?.findOneOf('as', ['seconds', 'date']) ?? 'seconds',
  };
}

function parseFlag(input: Input, name: 'partial' | 'corruptJson' | 'html'): FaultEffect {
  if (input.allow(name).findBoolean(name) !== true) throw new InputError(`'${name}' must be true.`);
  return { kind: name };
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { SimulatedClock } from '../clock/SimulatedClock.ts';
import { json, type Answer } from '../http/Answer.ts';
import type { Call } from '../http/Call.ts';
import type { Delivery } from '../http/sendAnswer.ts';
import type { Service } from '../http/Service.ts';
import type { FaultEffect } from './FaultRule.ts';

/** The call that a fault may change. */
export interface FaultSubject {
  readonly service: Service;
  readonly call: Call;
  readonly clock: SimulatedClock;
  /** Carries the call out. */
  readonly answer: () => Promise<Answer>;
}

/**
 * Turns a call into what is sent, changed by `effect` if there is one.
 *
 * `status`, `throttle`, `html` and a connection dropped before the call stand for something in front of the service: the
 * call is not carried out and counts against no quota. All others carry it out; with `drop` the caller cannot know.
 */
export async function applyFault(effect: FaultEffect | undefined, subject: FaultSubject): Promise<Delivery> {
  const { service, call, clock, answer } = subject;
  switch (effect?.kind) {
    case undefined:
      return { answer: await answer() };
    case 'status':
      return { answer: toAnswer(effect) };
    case 'delay':
      await sleep(effect.delayMs, undefined, { signal: call.signal });
      return { answer: await answer() };
    case 'delayAnswer': {
      const given = await answer();
      await sleep(effect.delayMs, undefined, { signal: call.signal });
      return { answer: given };
    }
    case 'truncate':
      return { answer: await answer(), truncateAfterBytes: effect.afterBytes };
    case 'drop': {
      if (effect.when === 'beforeCall') return { answer: undefined };
      const given = await answer();
      return effect.when === 'midBody' ? { answer: given, dropMidBody: true } : { answer: undefined };
    }
    case 'throttle': {
      const until = new Date(clock.nowMs() + effect.retryAfterSeconds * 1000).toUTCString();
      return { answer: service.throttled(effect.as === 'date' ? until : String(effect.retryAfterSeconds)) };
    }
    case 'partial':
      call.partial = true;
      return { answer: await answer() };
    case 'corruptJson':
      return { answer: await answer(), corrupt: true };
    case 'html':
      return { answer: htmlPage };
  }
}

const htmlPage: Answer = {
  status: 200,
  headers: { 'Content-Type': 'text/html; charset=utf-8' },
  body: '<!DOCTYPE html><html><head><title>Sign in</title></head><body>A page from a proxy.</body></html>',
};

function toAnswer({ status, body, headers }: Extract<FaultEffect, { kind: 'status' }>): Answer {
  if (body === undefined) return { status, headers };
  return typeof body === 'string' ? { status, headers, body } : json(status, body, headers);
}

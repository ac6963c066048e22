import { ticksPerMillisecond } from '../clock/ticks.ts';
import type { World } from '../World.ts';
import type { ControlRoute } from './ControlRoute.ts';
import { Input, InputError } from './Input.ts';

/** Moving and freezing the services' clock. */
export function clockRoutes({ clock }: World): readonly ControlRoute[] {
  return [
    { method: 'GET', path: '/clock', summary: 'Show the services’ clock.', answer: () => clock.describe() },
    {
      method: 'POST',
      path: '/clock',
      summary: 'Move the clock: offsetSeconds, freezeAt (an instant or "now"), advanceSeconds, or reset.',
      answer: ({ body }) => {
        const input = new Input(body).allow('offsetSeconds', 'freezeAt', 'advanceSeconds', 'reset');
        const [name, ...others] = input.names();
        if (name === undefined || others.length > 0) {
          throw new InputError('Give exactly one of offsetSeconds, freezeAt, advanceSeconds, reset.');
        }
        moveClock(clock, input);
        return clock.describe();
      },
    },
  ];
}

function moveClock(clock: World['clock'], input: Input): void {
  const offsetSeconds = input.findNumber('offsetSeconds');
  if (offsetSeconds !== undefined) clock.setOffset(offsetSeconds);
  const advanceSeconds = input.findNumber('advanceSeconds');
  if (advanceSeconds !== undefined) clock.advance(advanceSeconds);
  if (input.raw('freezeAt') === 'now') {
    clock.freezeAt(clock.nowMs());
  } else {
    const freezeAt = input.findInstant('freezeAt');
    if (freezeAt !== undefined) clock.freezeAt(Number(freezeAt / ticksPerMillisecond));
  }
  if (input.has('reset')) {
    if (input.findBoolean('reset') !== true) throw new InputError("'reset' must be true.");
    clock.reset();
  }
}

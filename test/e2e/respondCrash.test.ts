import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Api } from './support/Api.ts';
import { Devices } from './support/Devices.ts';
import { startHostProcess } from './support/startHostProcess.ts';
import { System, until } from './support/System.ts';

let system: System;
let devices: Devices;
beforeEach(async () => {
  system = await System.start();
  devices = new Devices(system);
});
afterEach(async () => {
  await system.stop();
});

const beforeTheCall = { method: 'GET', pathContains: '/machineactions' };
const theCall = { method: 'POST', pathContains: '/isolate' };
const AGAIN = 'the request comes again';
const NOBODY = 'nobody asks again';

/** Where a process dies while Defender is asked, how many actions Defender has then, and who asks next. */
const crashes = [
  ['between the row and the call', beforeTheCall, 0, AGAIN],
  ['between the row and the call', beforeTheCall, 0, NOBODY],
  ['just before Defender gets the call', theCall, 0, NOBODY],
  ['between the call and the answer', theCall, 1, AGAIN],
  ['between the call and the answer', theCall, 1, NOBODY],
] as const;

describe.skipIf(process.platform === 'win32')('a crash (needs process groups)', () => {
  it.each(crashes)(
    '%s (%o, %i) is made up for when %s',
    async (_name, match, actionsAtCrash, what) => {
      const { id } = await devices.add();
      const effect = actionsAtCrash === 0 ? { delayMs: 600_000 } : { delayAnswerMs: 600_000 };
      const fault = await system.addFault({ service: 'defender', match, times: 1, effect });
      const first = await startHostProcess(system.settings());
      const lost = new Api(system, first.url).act('isolate', id, { key: 'crash' }).catch(() => undefined);
      await until(async () => {
        const { faults } = (await system.control('GET', '/faults')) as {
          faults: { id: string; hits: number }[];
        };
        return faults.find((one) => one.id === fault && one.hits > 0);
      });
      await first.kill();
      await lost;
      expect(await devices.actionsOf(id)).toHaveLength(actionsAtCrash);

      await system.control('DELETE', '/faults');
      await system.expireTurns();
      const second = await system.startFunctions({ OPERATION_POLL_INTERVAL: 'PT1S' });
      const api = new Api(system, second.host.url);
      if (what === AGAIN) {
        const again = await api.act('isolate', id, { key: 'crash' });
        expect(again.status).toBe(202);
        expect(again.body).toMatchObject({ machineAction: { joined: false } });
      }
      await until(async () => {
        await system.advance(3);
        await second.trigger('followOperations');
        await delay(300);
        return system.log.find((line) => /event=action_ended .*status=Succeeded/.test(line));
      });
      expect(await devices.actionsOf(id)).toHaveLength(1);
      expect(await devices.isIsolated(id)).toBe(true);
      const { operations } = (await api.get(`/api/operations?device=${id}`, 'reports')).body;
      expect(operations).toMatchObject([{ status: 'Succeeded' }]);
    },
    60_000,
  );
});

import type { System } from './System.ts';

/** A machine action as the simulator knows it to be true. */
export interface TrueAction {
  readonly id: string;
  readonly machineId: string;
  readonly type: string;
  readonly status: string;
  readonly requestorComment: string;
}

/** Machines of the simulated company, made for one test each. */
export class Devices {
  readonly #system: System;
  #count = 0;

  constructor(system: System) {
    this.#system = system;
  }

  /** A new onboarded workstation. */
  async add(properties: Readonly<Record<string, unknown>> = {}): Promise<{ id: string; name: string }> {
    this.#count += 1;
    const { machines } = (await this.#system.control('POST', '/machines', {
      computerDnsName: `test-${this.#count}.corp.harbourlane.example`,
      osPlatform: 'Windows11',
      deviceValue: 'Normal',
      machineTags: [],
      ...properties,
    })) as { machines: { id: string; computerDnsName: string }[] };
    const [machine] = machines;
    return { id: machine?.id ?? '', name: machine?.computerDnsName ?? '' };
  }

  /** Whether the device really is isolated now. */
  async isIsolated(id: string): Promise<boolean> {
    const { machines } = (await this.#system.control('GET', '/machines')) as {
      machines: { id: string; isIsolated: boolean }[];
    };
    return machines.some((machine) => machine.id === id && machine.isIsolated);
  }

  /** Every machine action that Defender has of a device. */
  async actionsOf(id: string): Promise<TrueAction[]> {
    const { actions } = (await this.#system.control('GET', '/machine-actions')) as { actions: TrueAction[] };
    return actions.filter(({ machineId }) => machineId === id);
  }

  /** Every POST that Defender got, whether it was carried out or not. */
  async posts(): Promise<string[]> {
    const { requests } = (await this.#system.control('GET', '/requests?service=defender')) as {
      requests: { method: string; path: string }[];
    };
    return requests.filter(({ method }) => method === 'POST').map(({ path }) => path);
  }

  async decide(rule: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#system.control('POST', '/machine-action-rules', rule);
  }
}

/** The process was killed here; nothing that it does afterwards has any effect. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

/** One run of the app's process. */
export interface SimulatedProcess {
  isDead: boolean;
}

export interface ChaosInit {
  readonly random: () => number;
  /** Chance that a process is killed at a step. */
  readonly killChance: number;
  /** Chance that a process stands still at a step, for so long that another one takes over. */
  readonly stallChance: number;
  /** What happens while a process stands still. */
  readonly duringStall: () => Promise<void>;
}

/** Kills and stalls processes before and after each of their effects. */
export class Chaos {
  kills = 0;
  stalls = 0;
  isCalm = false;
  readonly #init: ChaosInit;
  #isStalling = false;

  constructor(init: ChaosInit) {
    this.#init = init;
  }

  async step(process: SimulatedProcess): Promise<void> {
    const { random, killChance, stallChance, duringStall } = this.#init;
    if (process.isDead) throw new Killed();
    if (this.isCalm) return;
    if (random() < killChance) {
      this.kills += 1;
      process.isDead = true;
      throw new Killed();
    }
    if (!this.#isStalling && random() < stallChance) {
      this.stalls += 1;
      this.#isStalling = true;
      await duringStall();
      this.#isStalling = false;
    }
  }

  /** `target` as the process sees it: a step before and a step after each call. */
  around<T extends object>(target: T, process: SimulatedProcess): T {
    return new Proxy(target, {
      get: (object, name) => {
        const member: unknown = Reflect.get(object, name);
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]): Promise<unknown> => {
          await this.step(process);
          const result: unknown = await Reflect.apply(member, object, args);
          await this.step(process);
          return result;
        };
      },
    });
  }
}

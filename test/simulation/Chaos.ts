import { Killed } from '../support/killable.ts';

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
}

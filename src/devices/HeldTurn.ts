import type { DeviceState, DeviceTurns, Turn } from '../operations/DeviceTurns.ts';
import type { Operation } from '../operations/Operation.ts';

/** A device's turn while it is held; every write to it gives a new one. */
export class HeldTurn {
  readonly #turns: DeviceTurns;
  #turn: Turn;

  constructor(turns: DeviceTurns, turn: Turn) {
    this.#turns = turns;
    this.#turn = turn;
  }

  get state(): DeviceState {
    return this.#turn.state;
  }

  /** Remembers it at once. False when the turn ran out and somebody else has it. @throws StorageError */
  async remember(changes: Partial<DeviceState>, signal: AbortSignal): Promise<boolean> {
    const turn = await this.#turns.remember(this.#turn, { ...this.state, ...changes }, signal);
    if (turn) this.#turn = turn;
    return turn !== undefined;
  }

  /**
   * Remembers it when the turn is given back. When that fails, the turn itself keeps others away for longer than what is
   * kept so matters.
   */
  keep(changes: Partial<DeviceState>): void {
    this.#turn = { ...this.#turn, state: { ...this.state, ...changes } };
  }

  /** @throws StorageError */
  async giveBack(signal: AbortSignal): Promise<void> {
    await this.#turns.giveBack(this.#turn, signal);
  }
}

/** The request that counts when this one is sent, too: one that was accepted earlier is not the latest word. */
export function latestOf(
  lastSent: DeviceState['lastSent'],
  { id, createdAt, request }: Operation,
): DeviceState['lastSent'] {
  if (lastSent && lastSent.createdAt > createdAt) return lastSent;
  return { operationId: id, createdAt, action: request.action };
}

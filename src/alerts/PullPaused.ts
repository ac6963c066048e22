/** Why a run stopped before everything was read, with nothing wrong that anybody must mend. */
export type PauseReason =
  | 'time' // The run's time is over.
  | 'quota' // The pull's share of the calls is used up for longer than the run may wait.
  | 'throttled' // Defender asked to wait for longer than the run may.
  | 'partial' // Defender left something out of an answer, and the window stays open.
  | 'unavailable'; // Defender or Entra does not answer at all, so that no window can be blamed.

/** Ends a run early; the checkpoint says where the next one goes on. Not an AppError: no user meets it. */
export class PullPaused extends Error {
  override readonly name = 'PullPaused';
  readonly reason: PauseReason;

  constructor(reason: PauseReason, cause?: unknown) {
    super(`The pull paused: ${reason}.`, { cause });
    this.reason = reason;
  }
}

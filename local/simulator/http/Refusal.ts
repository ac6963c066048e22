import type { Answer } from './Answer.ts';

/** Thrown by a service to answer with an error at once. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`Refused with status ${answer.status}.`);
    this.answer = answer;
  }
}

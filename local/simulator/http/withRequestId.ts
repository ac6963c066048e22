import { randomUUID } from 'node:crypto';
import type { Answer } from './Answer.ts';
import { Refusal } from './Refusal.ts';

/** The answer with a new `x-ms-request-id`, also when it is a refusal: Azure's services put it on every answer. */
export async function withRequestId(answering: Promise<Answer>): Promise<Answer> {
  const answer = await answering.catch((error: unknown) => {
    if (error instanceof Refusal) return error.answer;
    throw error;
  });
  return { ...answer, headers: { ...answer.headers, 'x-ms-request-id': randomUUID() } };
}

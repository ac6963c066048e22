import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { toBytes, type Answer } from './Answer.ts';

/** How an answer leaves: usually whole, or damaged by a fault rule. */
export interface Delivery {
  /** Undefined: the connection is cut without an answer. */
  readonly answer: Answer | undefined;
  /** Ends the body, properly, after so many bytes. */
  readonly truncateAfterBytes?: number;
  /** Cuts the connection after half of the body. */
  readonly dropMidBody?: boolean;
  /** Puts bytes into the middle of the body that no JSON parser accepts. */
  readonly corrupt?: boolean;
}

/** Sends an answer; `extraHeaders` come first and may be replaced by the answer's own. */
export async function sendAnswer(
  response: ServerResponse,
  delivery: Delivery,
  extraHeaders: Readonly<Record<string, string>>,
): Promise<void> {
  const { answer } = delivery;
  if (answer === undefined) {
    response.destroy();
    return;
  }
  response.writeHead(answer.status, { ...extraHeaders, ...answer.headers });
  if (delivery.truncateAfterBytes !== undefined) {
    response.end(toBytes(answer).subarray(0, delivery.truncateAfterBytes));
  } else if (delivery.dropMidBody === true) {
    const bytes = toBytes(answer);
    response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => {
      response.destroy();
    });
  } else if (delivery.corrupt === true) {
    const bytes = toBytes(answer);
    const middle = Math.floor(bytes.length / 2);
    // A bare control character is an error both inside and outside a JSON string.
    response.end(Buffer.concat([bytes.subarray(0, middle), Buffer.from('\u0000'), bytes.subarray(middle)]));
  } else if (answer.body === undefined || typeof answer.body === 'string') {
    response.end(answer.body);
  } else {
    await pipeline(Readable.from(answer.body), response);
  }
}

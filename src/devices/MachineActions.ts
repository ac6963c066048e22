import type { DefenderClient } from '../defender/DefenderClient.ts';
import { DefenderAnswerUnreadable } from '../defender/DefenderAnswerUnreadable.ts';
import { DefenderHttpError } from '../defender/DefenderHttpError.ts';
import { readAll } from '../defender/readAll.ts';
import { readJson } from '../defender/readJson.ts';
import { permissionTable, type Permission } from '../identity/permissions.ts';
import type { ActionDefinition } from './actions.ts';
import { readMachineAction, type MachineAction } from './MachineAction.ts';

/** How long Defender may take to take an action; together with the look-ups it fits into a caller's two minutes. */
const POST_TIMEOUT_MS = 30_000;

/** Reads, begins and cancels machine actions. Every method throws what `DefenderClient.send` throws. */
export class MachineActions {
  readonly #client: DefenderClient;

  constructor(client: DefenderClient) {
    this.#client = client;
  }

  /** All actions of a machine. Type and status are not filtered on: their literals in filters are not documented. */
  async list(machineId: string, signal: AbortSignal): Promise<MachineAction[]> {
    try {
      const records = await readAll(this.#client, {
        operation: 'List machine actions',
        path: '/api/machineactions',
        filter: `machineId eq '${machineId}'`,
        permission: permissionTable.readDevices,
        signal,
      });
      const actions = records.map(readMachineAction).filter((action) => action !== undefined);
      return actions.filter((action) => (action.machineId ?? machineId) === machineId);
    } catch (error) {
      if (error instanceof DefenderHttpError && error.serviceStatus === 404) return [];
      throw error;
    }
  }

  /** One action, or undefined when Defender does not know it, or not yet. */
  async get(id: string, signal: AbortSignal): Promise<MachineAction | undefined> {
    const operation = 'Read machine action';
    try {
      const path = `/api/machineactions/${encodeURIComponent(id)}`;
      const permission = permissionTable.readDevices;
      const answer = await this.#client.send({ operation, path, permission, signal });
      return readAction(operation, await readJson(operation, answer), answer.requestId);
    } catch (error) {
      if (error instanceof DefenderHttpError && error.serviceStatus === 404) return undefined;
      throw error;
    }
  }

  /** Asks for an action. Whatever it throws but DefenderHttpError leaves open whether the action was taken. */
  async begin(
    { path, permission }: ActionDefinition,
    machineId: string,
    body: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<MachineAction> {
    const operation = `Ask for ${path}`;
    const answer = await this.#client.send({
      operation,
      method: 'POST',
      path: `/api/machines/${machineId}/${path}`,
      body,
      permission,
      signal,
      timeoutMs: POST_TIMEOUT_MS,
    });
    return readAction(operation, await readJson(operation, answer), answer.requestId);
  }

  async cancel(id: string, comment: string, permission: Permission, signal: AbortSignal): Promise<void> {
    const operation = 'Cancel machine action';
    const answer = await this.#client.send({
      operation,
      method: 'POST',
      path: `/api/machineactions/${encodeURIComponent(id)}/cancel`,
      body: { Comment: comment },
      permission,
      signal,
      timeoutMs: POST_TIMEOUT_MS,
    });
    // What counts is that it was taken; the connection must still be read to its end.
    for await (const piece of answer.body) if (piece.length < 0) break;
  }
}

function readAction(operation: string, record: unknown, requestId: string | undefined): MachineAction {
  const action = readMachineAction(record);
  if (!action) throw new DefenderAnswerUnreadable(operation, 'it holds no machine action', requestId);
  return action;
}

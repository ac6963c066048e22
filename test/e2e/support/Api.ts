import { randomUUID } from 'node:crypto';
import type { System } from './System.ts';

/** What the app answered. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** A caller's name in the simulated directory, or undefined for no token. */
  readonly as?: string | undefined;
  readonly token?: string;
}

/** Calls the app's own API as the callers of the simulated company. */
export class Api {
  readonly #system: System;
  readonly #url: string;
  readonly #tokens = new Map<string, Promise<string>>();

  constructor(system: System, url: string) {
    this.#system = system;
    this.#url = url;
  }

  async call(method: string, path: string, options: CallOptions = {}): Promise<Reply> {
    const { body, headers = {} } = options;
    const token = options.token ?? (options.as === undefined ? undefined : await this.tokenOf(options.as));
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      redirect: 'manual',
    });
    const text = await response.text();
    this.#system.answers.push(...[...response.headers].map((header) => header.join(': ')), text);
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
    };
  }

  async get(path: string, as = 'playbooks'): Promise<Reply> {
    return await this.call('GET', path, { as });
  }

  /** Asks for an action under a key, a new one unless given. */
  async act(
    action: 'isolate' | 'release',
    device: string,
    options: CallOptions & { readonly key?: string; readonly query?: string } = {},
  ): Promise<Reply> {
    const { key = randomUUID(), query = '', ...rest } = options;
    return await this.call('POST', `/api/devices/${device}/${action}${query}`, {
      as: 'playbooks',
      body: { comment: 'Looks infected' },
      ...rest,
      headers: { 'idempotency-key': key, ...rest.headers },
    });
  }

  /** The token of an application or a person by name; each is asked for once. */
  async tokenOf(name: string): Promise<string> {
    const known = this.#tokens.get(name) ?? this.createToken(subjectOf(name));
    this.#tokens.set(name, known);
    return await known;
  }

  /** A token as the simulator is told to make it. */
  async createToken(wish: Readonly<Record<string, unknown>>): Promise<string> {
    const { token } = (await this.#system.control('POST', '/entra/caller-tokens', wish)) as { token: string };
    return token;
  }
}

const applications = ['playbooks', 'reports', 'hunters', 'operators', 'stranger'];

function subjectOf(name: string): Readonly<Record<string, unknown>> {
  return applications.includes(name) ? { application: name } : { user: name };
}

/** The machine-readable code of a problem. */
export function codeOf({ body }: Reply): unknown {
  return (body.error as { code?: unknown } | undefined)?.code;
}

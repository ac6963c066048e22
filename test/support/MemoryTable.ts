import type { TableClient } from '@azure/data-tables';

/** What a client meets on its way to the table and back. */
export interface TableWay {
  /** Before the table does what is asked: throws to fail, takes time. */
  there?(method: string): Promise<void>;
  /** After it: throws to die. `lost`: the answer is lost, and the SDK asks again. */
  back?(method: string): Promise<'lost' | undefined>;
}

/** What the SDK throws. */
export class TableFailure extends Error {
  override readonly name = 'RestError';
  readonly statusCode: number;
  readonly code: string;

  constructor(statusCode: number, code: string) {
    super(code);
    this.statusCode = statusCode;
    this.code = code;
  }
}

type Entity = Readonly<Record<string, unknown>>;

interface Options {
  readonly etag?: string;
  readonly abortSignal?: AbortSignal;
  readonly queryOptions?: { readonly filter?: string };
}

/**
 * A table in memory for many thousand runs; `MemoryTable.test.ts` compares it with the emulator.
 * It knows the calls and the filters that the stores of operations make, and refuses everything else.
 */
export class MemoryTable {
  readonly rows = new Map<string, Entity & { readonly etag: string }>();
  #writes = 0;

  /** A client as one process has it. */
  client(way: TableWay = {}): TableClient {
    const call = async <T>(method: string, { abortSignal }: Options, work: () => T): Promise<T> => {
      for (;;) {
        abortSignal?.throwIfAborted();
        await way.there?.(method);
        const outcome = attempt(work);
        if ((await way.back?.(method)) === 'lost') continue;
        if ('error' in outcome) throw outcome.error;
        return outcome.value;
      }
    };
    const client = {
      getEntity: (partitionKey: string, rowKey: string, options: Options = {}) =>
        call('getEntity', options, () => ({ ...this.#get(partitionKey, rowKey) })),
      createEntity: (entity: Entity, options: Options = {}) =>
        call('createEntity', options, () => {
          if (this.rows.has(keyOf(entity))) throw new TableFailure(409, 'EntityAlreadyExists');
          return this.#write(entity);
        }),
      updateEntity: (entity: Entity, mode: string, options: Options = {}) =>
        call('updateEntity', options, () => {
          refuseUnless(mode === 'Merge' || options.etag !== undefined, 'a replacement of whatever is there');
          this.#compare(String(entity.partitionKey), String(entity.rowKey), options.etag ?? '*');
          return mode === 'Merge' ? this.#merge(entity) : this.#write(entity);
        }),
      upsertEntity: (entity: Entity, mode: string, options: Options = {}) =>
        call('upsertEntity', options, () => {
          return mode === 'Merge' ? this.#merge(entity) : this.#write(entity);
        }),
      deleteEntity: (partitionKey: string, rowKey: string, options: Options = {}) =>
        call('deleteEntity', options, () => {
          this.#compare(partitionKey, rowKey, options.etag ?? '*');
          this.rows.delete(keyOf({ partitionKey, rowKey }));
          return {};
        }),
      listEntities: (options: Options = {}) =>
        oneByOne(call('listEntities', options, () => this.#select(options.queryOptions?.filter ?? ''))),
    };
    return client as unknown as TableClient;
  }

  #get(partitionKey: string, rowKey: string): Entity & { readonly etag: string } {
    const stored = this.rows.get(keyOf({ partitionKey, rowKey }));
    if (!stored) throw new TableFailure(404, 'ResourceNotFound');
    return stored;
  }

  #compare(partitionKey: string, rowKey: string, etag: string): void {
    const stored = this.#get(partitionKey, rowKey);
    if (etag !== '*' && stored.etag !== etag) throw new TableFailure(412, 'UpdateConditionNotSatisfied');
  }

  #select(filter: string): Entity[] {
    const [, partition] = /^PartitionKey eq '(\w+)'$/.exec(filter) ?? [];
    refuseUnless(partition !== undefined, `the filter ${filter}`);
    const found = [...this.rows.values()].filter(({ partitionKey }) => partitionKey === partition);
    return found.sort((a, b) => (String(a.rowKey) < String(b.rowKey) ? -1 : 1));
  }

  #merge(entity: Entity): { etag: string } {
    const given = Object.entries(entity).filter(([, value]) => value !== undefined);
    return this.#write({ ...this.rows.get(keyOf(entity)), ...Object.fromEntries(given) });
  }

  #write(entity: Entity): { etag: string } {
    this.#writes += 1;
    const etag = `W/"${this.#writes}"`;
    const properties = Object.entries(entity).filter(([, value]) => value !== undefined);
    this.rows.set(keyOf(entity), { ...Object.fromEntries(properties), etag });
    return { etag };
  }
}

async function* oneByOne(entities: Promise<Entity[]>): AsyncGenerator<Entity> {
  yield* await entities;
}

function attempt<T>(work: () => T): { value: T } | { error: Error } {
  try {
    return { value: work() };
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }
}

function keyOf({ partitionKey, rowKey }: Entity): string {
  return `${String(partitionKey)}/${String(rowKey)}`;
}

function refuseUnless(isKnown: boolean, what: string): asserts isKnown {
  if (!isKnown) throw new Error(`The table in memory does not know ${what}.`);
}

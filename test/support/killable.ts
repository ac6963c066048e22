/** The process was killed here; nothing that it does afterwards has any effect. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

/** `target` with a step before and a step after each call: where a process can die. */
export function withSteps<T extends object>(target: T, step: () => Promise<void>): T {
  return new Proxy(target, {
    get: (object, name) => {
      const member: unknown = Reflect.get(object, name);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]): Promise<unknown> => {
        await step();
        const result: unknown = await Reflect.apply(member, object, args);
        await step();
        return result;
      };
    },
  });
}

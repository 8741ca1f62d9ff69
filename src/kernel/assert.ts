/** A broken promise inside our own code: it stops the process instead of being handled. */
export class BrokenPromise extends Error {
  override name = 'BrokenPromise';
}

/** Throws when `condition` is false; `why` says why it must hold. */
export function assert(condition: unknown, why: string): asserts condition {
  if (!condition) throw new BrokenPromise(why);
}

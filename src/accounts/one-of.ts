/** A condition on a column of ids, with what it is to be bound. */
export interface Condition {
  sql: string;
  bound: Record<string, unknown>;
}

// So many are looked up one by one; of more, each row that comes by is asked whether it is among them.
const lookedUpMax = 500;
// The same ids are asked for when rows are counted and when they are listed.
const known = new WeakMap<readonly number[], Uint8Array>();

/** That a column is one of `ids`, which are few or many. */
export function oneOf(column: string, ids: readonly number[], name: string): Condition {
  if (ids.length <= lookedUpMax)
    return { sql: `${column} IN (SELECT value FROM json_each(@${name}))`, bound: { [name]: JSON.stringify(ids) } };
  // A byte for each id: looking into a list of as many rows takes five times as long.
  return { sql: `substr(@${name}, ${column} + 1, 1) = x'01'`, bound: { [name]: flagsOf(ids) } };
}

function flagsOf(ids: readonly number[]): Uint8Array {
  const flags = known.get(ids) ?? new Uint8Array(ids.reduce((most, id) => Math.max(most, id), 0) + 1);
  if (!known.has(ids)) for (const id of ids) flags[id] = 1;
  known.set(ids, flags);
  return flags;
}

/** Mean powers of an interval, by what they are the power of. */
const powers = new Set(['kw', 'kvar', 'kva']);
const measured = new Set([...powers, 'v', 'a', 'pf']);

export function isPower(unit: string): boolean {
  return powers.has(unit.toLowerCase());
}

/** Whether a unit is of what is measured and not counted up, as energy is: a maximum demand begins anew each time it was read. */
export function isMeasured(unit: string): boolean {
  return measured.has(unit.toLowerCase());
}

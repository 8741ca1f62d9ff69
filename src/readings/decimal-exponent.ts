export const powersOfTen: readonly number[] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];

/**
 * The largest exponent, at most `most`, whose power of ten divides the whole number `value`. A division that rounds up to a whole
 * number is found out by multiplying back; that is several times quicker than the remainder of two doubles.
 */
export function exponentOf(value: number, most: number): number {
  let exponent = most;
  for (; exponent > 0; exponent--) {
    const scale = powersOfTen[exponent]!;
    if (Math.floor(value / scale) * scale === value) break;
  }
  return exponent;
}

/** A price per unit, or a fraction: a bigint of 1e-8. "0.3729" is 37290000n. */
export type Rate = bigint & { readonly rate: unique symbol };

const rateDecimals = 8;
const plainDecimal = /^(-?)(\d+)(?:\.(\d{1,8}))?$/;

/** Reads a decimal string of at most eight decimals; undefined for anything else. */
export function parseRate(text: string): Rate | undefined {
  const match = plainDecimal.exec(text);
  if (!match) return undefined;
  const magnitude = BigInt(match[2]! + (match[3] ?? '').padEnd(rateDecimals, '0'));
  return (match[1] ? -magnitude : magnitude) as Rate;
}

/** The shortest exact decimal text, with at least `decimalsMin` decimals. */
export function formatRate(rate: Rate, decimalsMin = 0): string {
  const magnitude = rate < 0n ? -rate : rate;
  const digits = String(magnitude).padStart(rateDecimals + 1, '0');
  const fraction = digits.slice(-rateDecimals).replace(/0+$/, '').padEnd(decimalsMin, '0');
  return `${rate < 0n ? '-' : ''}${digits.slice(0, -rateDecimals)}${fraction ? `.${fraction}` : ''}`;
}

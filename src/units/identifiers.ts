/** The identifiers the markets print on a meter point, with their check digits. */

const nmiPattern = /^[0-9A-HJ-NP-Z]{10}$/;

/** A National Metering Identifier without its check digit: ten letters or digits, never O or I (N12-13). */
export function isNmi(text: string): boolean {
  return nmiPattern.test(text);
}

/** The NMI's check digit: from the right, every other ASCII code doubled, decimal digits summed (N12-13). */
export function nmiCheckDigit(nmi: string): number {
  let sum = 0;
  let doubled = true;
  for (let at = nmi.length - 1; at >= 0; at--) {
    let code = nmi.charCodeAt(at) * (doubled ? 2 : 1);
    for (; code > 0; code = Math.trunc(code / 10)) sum += code % 10;
    doubled = !doubled;
  }
  return (10 - (sum % 10)) % 10;
}

/** An NMI as it is kept: a check digit that fits is dropped (N12-13). Any other text is left as it is. */
export function withoutCheckDigit(identifier: string): string {
  // Asked for each reading, and most identifiers have another length.
  if (identifier.length !== 11) return identifier;
  const nmi = identifier.slice(0, 10);
  return isNmi(nmi) && identifier[10] === String(nmiCheckDigit(nmi)) ? nmi : identifier;
}

/** An identifier as bills print it: an NMI with its check digit. */
export function printedIdentifier(identifier: string): string {
  return isNmi(identifier) ? `${identifier}${nmiCheckDigit(identifier)}` : identifier;
}

const mpanWeights = [3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43];

/** The thirteenth digit of an MPAN core: weighted primes (11 skipped), modulo 11, modulo 10 (D10-8). */
function mpanCheckDigit(mpan: string): number {
  const sum = mpanWeights.reduce((total, weight, at) => total + weight * (mpan.charCodeAt(at) - 48), 0);
  return (sum % 11) % 10;
}

/** Thirteen digits of which the last one checks the others. */
export function isMpan(text: string): boolean {
  return /^\d{13}$/.test(text) && mpanCheckDigit(text) === Number(text[12]);
}

/** The same of thirteen bytes. */
export function isMpanIn(bytes: Uint8Array, from: number): boolean {
  let sum = 0;
  for (let at = 0; at < mpanWeights.length; at++) {
    const digit = bytes[from + at]! - 48;
    if (!(digit >= 0 && digit <= 9)) return false;
    sum += mpanWeights[at]! * digit;
  }
  return bytes[from + mpanWeights.length] === ((sum % 11) % 10) + 48;
}

/** A BPAY customer reference number: `base` (digits) with its MOD10V01 check digit behind it; from the right every other digit doubled. */
export function bpayReference(base: string): string {
  let sum = 0;
  [...base].reverse().forEach((digit, at) => {
    const value = Number(digit) * (at % 2 === 0 ? 2 : 1);
    sum += Math.trunc(value / 10) + (value % 10);
  });
  return `${base}${(10 - (sum % 10)) % 10}`;
}

/** 2 to 20 digits, the last of which checks the others (`bpayReference`). */
export function isBpayReference(text: string): boolean {
  return /^\d{2,20}$/.test(text) && bpayReference(text.slice(0, -1)) === text;
}

/** The market participant that a house names as sender and receiver of the files it writes. */
export const ownParticipant = 'WLEDGER';

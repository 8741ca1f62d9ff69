import { hash, randomBytes } from 'node:crypto';

/** Lower-case hex SHA-256. */
export function sha256(bytes: Uint8Array | string): string {
  return hash('sha256', bytes, 'hex');
}

/** An unguessable token of `byteCount` random bytes in base64url. */
export function randomToken(byteCount = 24): string {
  return randomBytes(byteCount).toString('base64url');
}

// Without 0 O 1 I l: somebody will read this aloud or type it from paper.
const easyLetters = 'abcdefghijkmnpqrstuvwxyz23456789';

/** A password a person can type: four groups of four easy letters, 80 bits. */
export function readablePassword(): string {
  const letters = Array.from(randomBytes(16), byte => easyLetters[byte % 32]);
  return [0, 4, 8, 12].map(at => letters.slice(at, at + 4).join('')).join('-');
}

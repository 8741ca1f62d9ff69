import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { Refusal } from '../kernel/errors.ts';

// OWASP Password Storage Cheat Sheet, argon2id: 19 MiB, two passes, one lane.
const memoryKib = 19_456;
const passes = 2;
const parallelism = 1;
const hashBytes = 32;
const saltBytes = 16;

const passwordLengthMin = 12;
// A megabyte of password would be hashed too; nobody types one.
const passwordLengthMax = 256;

const deriveKey = promisify(argon2);

/** A PHC string: $argon2id$v=19$m=…,t=…,p=…$salt$hash. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  const hash = await derive(password, { salt, memory: memoryKib, passes, parallelism, tagLength: hashBytes });
  const parameters = `m=${memoryKib},t=${passes},p=${parallelism}`;
  return `$argon2id$v=19$${parameters}$${base64(salt)}$${base64(hash)}`;
}

/** Takes as long for a user who does not exist (`phc` undefined) as for a wrong password, and answers false to both. */
export async function verifyPassword(password: string, phc: string | undefined): Promise<boolean> {
  const stored = parsePhc(phc ?? nobodysHash);
  if (password.length > passwordLengthMax) return false;
  const hash = await derive(password, { ...stored, tagLength: stored.hash.length });
  return timingSafeEqual(hash, stored.hash) && phc !== undefined;
}

// The same parameters as a real one; no password is known to give 32 zero bytes.
const nobodysHash = `$argon2id$v=19$m=${memoryKib},t=${passes},p=${parallelism}$${base64(Buffer.alloc(saltBytes))}$${base64(Buffer.alloc(hashBytes))}`;

const phcForm = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

function parsePhc(phc: string) {
  const match = phcForm.exec(phc);
  if (!match) throw new Error('the stored password hash is not an argon2id PHC string');
  return {
    memory: Number(match[1]),
    passes: Number(match[2]),
    parallelism: Number(match[3]),
    salt: Buffer.from(match[4]!, 'base64'),
    hash: Buffer.from(match[5]!, 'base64'),
  };
}

interface Derivation {
  salt: Buffer;
  memory: number;
  passes: number;
  parallelism: number;
  tagLength: number;
}

// argon2 runs on the thread pool that also syncs the journal: sixteen at once push a commit from 0.3 ms to 500 ms, two do not.
const runningMax = 2;
const waitingMax = 64;
let running = 0;
const waiting: (() => void)[] = [];

async function derive(password: string, { salt, ...parameters }: Derivation): Promise<Buffer> {
  if (running < runningMax) running += 1;
  else await turn();
  try {
    // NFC, so that a password typed on another keyboard layout or phone is the same bytes.
    return await deriveKey('argon2id', { message: password.normalize('NFC'), nonce: salt, ...parameters });
  } finally {
    const next = waiting.shift();
    // The slot is handed on, not freed and taken again: nobody can slip in between.
    if (next) next();
    else running -= 1;
  }
}

function turn(): Promise<void> {
  if (waiting.length >= waitingMax)
    throw new Refusal('sign-in-throttled', 'Too many people are signing in at this moment.');
  return new Promise(resolve => waiting.push(resolve));
}

/** What is wrong with a new password, or undefined. Length counts, not its mix of signs (NIST SP 800-63B). */
export function passwordWeakness(password: string, userName: string): string | undefined {
  const length = [...password].length;
  if (length < passwordLengthMin) return `It has ${length} characters; at least ${passwordLengthMin} are needed.`;
  if (password.length > passwordLengthMax) return `It is longer than ${passwordLengthMax} characters.`;
  if (new Set(password).size < 5) return 'It repeats the same few characters.';
  if (password.toLowerCase().includes(userName.toLowerCase()) && password.length < userName.length + passwordLengthMin)
    return 'It is mostly the user name.';
  return undefined;
}

/** PHC strings carry base64 without padding. */
function base64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}

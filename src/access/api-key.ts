import { randomToken } from '../kernel/ids.ts';
import type { Instant } from '../units/time.ts';
import type { Scope } from './scopes.ts';

/** What a program shows to come in. Its secret is known to its owner alone; we keep the hash. */
export interface ApiKey {
  id: number;
  name: string;
  /** "wl_7Yk2mQ": enough to tell keys apart, useless to come in. */
  prefix: string;
  scopes: Scope[];
  createdAt: Instant;
  expiresAt: Instant | undefined;
  lastUsedAt: Instant | undefined;
  revokedAt: Instant | undefined;
}

const mark = 'wl_';
const prefixLength = mark.length + 6;

/** 256 random bits: a plain SHA-256 of it cannot be searched, so no slow hash is needed on the hot path. */
export function newApiKeySecret(): string {
  return `${mark}${randomToken(32)}`;
}

/** What a key is told apart by in lists and logs: too short to come in with. */
export function prefixOf(secret: string): string {
  return secret.slice(0, prefixLength);
}

/** The key in an Authorization header, as the password of Basic too; undefined when there is none or it is of another kind. */
export function bearerToken(header: string | undefined): string | undefined {
  const [, kind, sent] = /^(bearer|basic) +(\S+) *$/i.exec(header ?? '') ?? [];
  if (kind?.toLowerCase() !== 'basic') return sent;
  const [, ...password] = Buffer.from(sent ?? '', 'base64')
    .toString('latin1')
    .split(':');
  // Anything else is the password of a user, for whom there are sessions.
  return password.join(':').startsWith(mark) ? password.join(':') : undefined;
}

/** Neither revoked nor expired. */
export function isLive(key: ApiKey, now: Instant): boolean {
  return key.revokedAt === undefined && (key.expiresAt === undefined || now < key.expiresAt);
}

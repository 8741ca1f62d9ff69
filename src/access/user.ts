import type { Instant } from '../units/time.ts';

/** From least to most: a viewer looks, an operator works with accounts and bills, an admin also decides who may come in. */
export const roles = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof roles)[number];

export interface User {
  id: number;
  name: string;
  role: Role;
  createdAt: Instant;
  disabledAt: Instant | undefined;
}

/** Whether `role` is `needed` or above it. */
export function mayActAs(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed);
}

/** Whether there is such a role. */
export function isRole(text: string): text is Role {
  return roles.some(role => role === text);
}

/** Letters, digits and . _ @ + -, at most 64: printable in a log, a link and a mail without escaping. */
export function isUserName(text: string): boolean {
  return /^[a-z0-9][a-z0-9._@+-]{0,63}$/i.test(text);
}

import { Refusal } from '../kernel/errors.ts';
import { instantOfMs } from '../units/time.ts';
import type { Access } from './access.ts';

/** Shuts a user out at once: no sign-in, and every session ends. Users are never deleted, because the audit trail names them.
 * Throws 'user-last-admin' when nobody could let anybody in again. */
export function disableUser(
  { users, sessions, audit, clock }: Pick<Access, 'users' | 'sessions' | 'audit' | 'clock'>,
  { name, by }: { name: string; by: string },
): void {
  const user = users.get(name);
  const others = users.list().filter(({ id, role, disabledAt }) => id !== user.id && role === 'admin' && !disabledAt);
  if (user.role === 'admin' && others.length === 0)
    throw new Refusal('user-last-admin', `${user.name} is the only administrator who may sign in.`);
  const now = instantOfMs(clock.now());
  users.disable(user, now);
  sessions.endAllOf(user);
  audit.record({ at: now, who: by, action: 'user.disable', subject: `user:${user.name}` });
}

/** Lets somebody in again. Throws 'user-unknown'. */
export function enableUser(
  { users, audit, clock }: Pick<Access, 'users' | 'audit' | 'clock'>,
  { name, by }: { name: string; by: string },
): void {
  const user = users.get(name);
  users.enable(user);
  const at = instantOfMs(clock.now());
  audit.record({ at, who: by, action: 'user.enable', subject: `user:${user.name}` });
}

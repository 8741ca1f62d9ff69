import { readablePassword } from '../kernel/ids.ts';
import { instantOfMs } from '../units/time.ts';
import type { Access } from './access.ts';
import { refuseWeak } from './add-user.ts';
import { hashPassword } from './password.ts';

/** Sets a password and ends every session of that user: whoever had got in with the old one is out. */
export async function setPassword(
  { users, sessions, audit, clock }: Pick<Access, 'users' | 'sessions' | 'audit' | 'clock'>,
  { name, password = readablePassword(), by }: { name: string; password?: string; by: string },
): Promise<{ password: string }> {
  const user = users.get(name);
  refuseWeak(password, user.name);
  const hash = await hashPassword(password);
  const now = instantOfMs(clock.now());
  users.setPasswordHash(user, hash, now);
  sessions.endAllOf(user);
  audit.record({ at: now, who: by, action: 'user.set-password', subject: `user:${user.name}` });
  return { password };
}

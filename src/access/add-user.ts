import { Refusal } from '../kernel/errors.ts';
import { readablePassword } from '../kernel/ids.ts';
import { instantOfMs } from '../units/time.ts';
import type { Access } from './access.ts';
import { hashPassword, passwordWeakness } from './password.ts';
import { isRole, isUserName, roles, type User } from './user.ts';

interface NewUser {
  name: string;
  role: string;
  /** Left out: a readable one is made and returned. */
  password?: string;
  /** Who adds them, for the audit trail: "cli", "user:ana". */
  by: string;
}

/** Returns the password too, because one that was made here is shown once and then forgotten. */
export async function addUser(
  { users, audit, clock }: Pick<Access, 'users' | 'audit' | 'clock'>,
  { name, role, password = readablePassword(), by }: NewUser,
): Promise<{ user: User; password: string }> {
  if (!isUserName(name)) throw wrongField('/name', 'Letters, digits and . _ @ + -, at most 64');
  if (!isRole(role)) throw wrongField('/role', `One of ${roles.join(', ')}`);
  refuseWeak(password, name);
  if (users.find(name)) throw new Refusal('user-exists', `There is already a user "${name}".`);
  const hash = await hashPassword(password);
  const now = instantOfMs(clock.now());
  const user = users.add(name, role, hash, now);
  audit.record({ at: now, who: by, action: 'user.add', subject: `user:${name}`, detail: { role } });
  return { user, password };
}

/** Throws 'password-weak', which says what is wrong with it. */
export function refuseWeak(password: string, userName: string): void {
  const weakness = passwordWeakness(password, userName);
  if (weakness) throw new Refusal('password-weak', weakness, [{ pointer: '/password', message: weakness }]);
}

function wrongField(pointer: string, message: string): Refusal {
  return new Refusal('body-invalid', `${pointer.slice(1)}: ${message}`, [{ pointer, message }]);
}

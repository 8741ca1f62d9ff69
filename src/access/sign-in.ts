import { Refusal } from '../kernel/errors.ts';
import { instantOfMs } from '../units/time.ts';
import type { Access } from './access.ts';
import { verifyPassword } from './password.ts';
import type { Session } from './session-store.ts';
import { isUserName } from './user.ts';

interface Credentials {
  name: string;
  password: string;
  address: string;
  /** The session this browser had before; it ends when a new one begins. */
  formerSessionId?: string;
}

type SignInResult = { ok: true; session: Session } | { ok: false; refusal: Refusal; waitSeconds: number };

/** Says the same, after the same work, to a wrong password, an unknown name and a disabled user. */
export async function signIn(
  { users, sessions, throttle, audit, clock }: Access,
  { name, password, address, formerSessionId }: Credentials,
): Promise<SignInResult> {
  const attempt = { name, address, addressKnown: users.knowsAddress(name, address) };
  const waitSeconds = throttle.begin(attempt, clock.now());
  if (waitSeconds > 0) {
    const refusal = new Refusal('sign-in-throttled', `Too many wrong passwords. Try again in ${waitSeconds} s.`);
    return { ok: false, refusal, waitSeconds };
  }
  const right = await verifyPassword(password, users.findPasswordHash(name));
  const now = instantOfMs(clock.now());
  // Asked again after the wait: the user may have been disabled in the meantime.
  const user = users.find(name);
  if (!right || !user || user.disabledAt !== undefined) {
    // A name that cannot be one is not written down: it is often a password typed into the wrong field.
    const subject = isUserName(name) && user ? `user:${user.name}` : 'user:unknown';
    audit.record({ at: now, who: 'anonymous', action: 'sign-in.refused', subject, detail: { address } });
    return { ok: false, refusal: new Refusal('sign-in-failed', 'The name or the password is wrong.'), waitSeconds: 0 };
  }
  throttle.succeeded(attempt);
  if (formerSessionId) sessions.end(formerSessionId);
  users.noteAddress(user, address, now);
  audit.record({
    at: now,
    who: `user:${user.name}`,
    action: 'sign-in',
    subject: `user:${user.name}`,
    detail: { address },
  });
  return { ok: true, session: sessions.begin(user, address, now) };
}

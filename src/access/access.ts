import type { Clock } from '../kernel/clock.ts';
import type { Database } from '../kernel/database.ts';
import { ApiKeyStore } from './api-key-store.ts';
import { AuditStore } from './audit-store.ts';
import { SessionStore } from './session-store.ts';
import { SignInThrottle } from './sign-in-throttle.ts';
import { UserStore } from './user-store.ts';

/** Everything about who may come in, as the use cases and the guard take it. */
export interface Access {
  users: UserStore;
  sessions: SessionStore;
  keys: ApiKeyStore;
  audit: AuditStore;
  throttle: SignInThrottle;
  clock: Clock;
}

/** The stores of this room, on a database whose schema is up to date. */
export function openAccess(database: Database, clock: Clock): Access {
  return {
    users: new UserStore(database),
    sessions: new SessionStore(database),
    keys: new ApiKeyStore(database),
    audit: new AuditStore(database),
    throttle: new SignInThrottle(),
    clock,
  };
}

import type { Database } from '../kernel/database.ts';
import { randomToken, sha256 } from '../kernel/ids.ts';
import { type Instant, instant, secondsPerDay, secondsPerHour } from '../units/time.ts';
import type { Role, User } from './user.ts';

const sessionIdleSeconds = 8 * secondsPerHour;
export const sessionAgeSecondsMax = 30 * secondsPerDay;
// Often enough for an eight-hour limit, and a page view then costs no disk sync.
const seenEverySeconds = 60;

/** A browser somebody signed in with. The id is the secret in its cookie; only its hash is stored. */
export interface Session {
  id: string;
  user: User;
}

interface SessionRow {
  created_at: number;
  seen_at: number;
  user_id: number;
  name: string;
  role: Role;
  user_created_at: number;
}

export class SessionStore {
  readonly #find;
  readonly #insert;
  readonly #seen;
  readonly #end;
  readonly #endAll;
  readonly #sweep;

  constructor(database: Database) {
    this.#find = database.prepare<[string], SessionRow>(
      `SELECT session.created_at, seen_at, user_id, name, role, user.created_at AS user_created_at
       FROM session JOIN user ON user.id = user_id WHERE id_hash = ? AND disabled_at IS NULL`,
    );
    this.#insert = database.prepare<[string, number, string, number, number]>(
      'INSERT INTO session (id_hash, user_id, address, created_at, seen_at) VALUES (?, ?, ?, ?, ?)',
    );
    this.#seen = database.prepare<[number, string]>('UPDATE session SET seen_at = ? WHERE id_hash = ?');
    this.#end = database.prepare<[string]>('DELETE FROM session WHERE id_hash = ?');
    this.#endAll = database.prepare<[number]>('DELETE FROM session WHERE user_id = ?');
    this.#sweep = database.prepare<[number, number]>('DELETE FROM session WHERE seen_at < ? OR created_at < ?');
  }

  /** The session of that id when it is neither idle too long, too old, nor its user's access ended. */
  find(id: string, now: Instant): Session | undefined {
    const row = this.#find.get(sha256(id));
    if (!row || isOver(row, now)) return undefined;
    if (now - row.seen_at >= seenEverySeconds) this.#seen.run(now, sha256(id));
    const { user_id, name, role, user_created_at } = row;
    return { id, user: { id: user_id, name, role, createdAt: instant(user_created_at), disabledAt: undefined } };
  }

  /** Always a new id, so that an id planted in a browser before the sign-in is worth nothing after it. */
  begin(user: User, address: string, now: Instant): Session {
    this.#sweep.run(now - sessionIdleSeconds, now - sessionAgeSecondsMax);
    const id = randomToken(32);
    this.#insert.run(sha256(id), user.id, address, now, now);
    return { id, user };
  }

  end(id: string): void {
    this.#end.run(sha256(id));
  }

  endAllOf(user: User): void {
    this.#endAll.run(user.id);
  }
}

function isOver(row: SessionRow, now: Instant): boolean {
  return now - row.seen_at > sessionIdleSeconds || now - row.created_at > sessionAgeSecondsMax;
}

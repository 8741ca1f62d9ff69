import type { Database } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
import { type Instant, instant, secondsPerDay } from '../units/time.ts';
import type { Role, User } from './user.ts';

interface UserRow {
  id: number;
  name: string;
  role: Role;
  created_at: number;
  disabled_at: number | null;
}

const columns = 'id, name, role, created_at, disabled_at';
const addressKeptSeconds = 90 * secondsPerDay;

export class UserStore {
  readonly #find;
  readonly #findHash;
  readonly #list;
  readonly #count;
  readonly #insert;
  readonly #setHash;
  readonly #disable;
  readonly #knowsAddress;
  readonly #noteAddress;
  readonly #forgetAddresses;

  constructor(database: Database) {
    this.#find = database.prepare<[string], UserRow>(`SELECT ${columns} FROM user WHERE name = ?`);
    this.#findHash = database.prepare<[string], { password_hash: string }>(
      'SELECT password_hash FROM user WHERE name = ? AND disabled_at IS NULL',
    );
    this.#list = database.prepare<[], UserRow>(`SELECT ${columns} FROM user ORDER BY name`);
    this.#count = database.prepare<[], { count: number }>('SELECT count(*) AS count FROM user');
    this.#insert = database.prepare<[string, string, string, number, number]>(
      'INSERT INTO user (name, role, password_hash, created_at, password_changed_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    );
    this.#setHash = database.prepare<[string, number, number]>(
      'UPDATE user SET password_hash = ?, password_changed_at = ? WHERE id = ?',
    );
    this.#disable = database.prepare<[number | null, number]>('UPDATE user SET disabled_at = ? WHERE id = ?');
    this.#knowsAddress = database.prepare<[string, string], unknown>(
      'SELECT 1 FROM user_address JOIN user ON user.id = user_id WHERE name = ? AND address = ?',
    );
    this.#noteAddress = database.prepare<[number, string, number]>(
      'INSERT INTO user_address (user_id, address, seen_at) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET seen_at = excluded.seen_at',
    );
    this.#forgetAddresses = database.prepare<[number, number]>(
      'DELETE FROM user_address WHERE user_id = ? AND seen_at < ?',
    );
  }

  find(name: string): User | undefined {
    const row = this.#find.get(name);
    return row && userOf(row);
  }

  get(name: string): User {
    const user = this.find(name);
    if (!user) throw new Refusal('user-unknown', `There is no user "${name}".`);
    return user;
  }

  list(): User[] {
    return this.#list.all().map(userOf);
  }

  count(): number {
    return this.#count.get()?.count ?? 0;
  }

  /** The PHC string to check a password against; undefined for an unknown or disabled user. */
  findPasswordHash(name: string): string | undefined {
    return this.#findHash.get(name)?.password_hash;
  }

  add(name: string, role: Role, passwordHash: string, at: Instant): User {
    const { changes } = this.#insert.run(name, role, passwordHash, at, at);
    if (changes === 0) throw new Refusal('user-exists', `There is already a user "${name}".`);
    return this.get(name);
  }

  setPasswordHash(user: User, passwordHash: string, at: Instant): void {
    this.#setHash.run(passwordHash, at, user.id);
  }

  disable(user: User, at: Instant): void {
    this.#disable.run(at, user.id);
  }

  enable(user: User): void {
    this.#disable.run(null, user.id);
  }

  /** Whether this user has signed in from `address` in the last 90 days. */
  knowsAddress(name: string, address: string): boolean {
    return this.#knowsAddress.get(name, address) !== undefined;
  }

  noteAddress(user: User, address: string, at: Instant): void {
    this.#noteAddress.run(user.id, address, at);
    this.#forgetAddresses.run(user.id, at - addressKeptSeconds);
  }
}

function userOf(row: UserRow): User {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    createdAt: instant(row.created_at),
    disabledAt: row.disabled_at === null ? undefined : instant(row.disabled_at),
  };
}

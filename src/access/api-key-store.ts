import type { Database } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
import { sha256 } from '../kernel/ids.ts';
import { type Instant, instant } from '../units/time.ts';
import { type ApiKey, prefixOf } from './api-key.ts';
import { isScope, type Scope } from './scopes.ts';

interface ApiKeyRow {
  id: number;
  name: string;
  prefix: string;
  scopes: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  revoked_at: number | null;
}

const columns = 'id, name, prefix, scopes, created_at, expires_at, last_used_at, revoked_at';
// Ten thousand meters with a key each would otherwise sync the disk for every reading just to say "seen".
const usesWrittenEverySeconds = 60;

export class ApiKeyStore {
  readonly #find;
  readonly #findById;
  readonly #list;
  readonly #insert;
  readonly #revoke;
  readonly #writeUses;
  readonly #dataVersion;
  /** By the hash of the secret, as of `#knownVersion`. Only keys that exist, so that strangers cannot make it grow. */
  readonly #known = new Map<string, ApiKey>();
  #knownVersion: number | undefined;
  #checkedThisTurn = false;
  /** Key id → last use, not yet written. */
  readonly #uses = new Map<number, Instant>();
  #usesWrittenAt = 0;

  constructor(database: Database) {
    this.#find = database.prepare<[string], ApiKeyRow>(`SELECT ${columns} FROM api_key WHERE secret_hash = ?`);
    this.#findById = database.prepare<[number], ApiKeyRow>(`SELECT ${columns} FROM api_key WHERE id = ?`);
    this.#list = database.prepare<[], ApiKeyRow>(`SELECT ${columns} FROM api_key ORDER BY revoked_at IS NOT NULL, id`);
    this.#insert = database.prepare<[string, string, string, string, number, number | null]>(
      'INSERT INTO api_key (name, prefix, secret_hash, scopes, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#revoke = database.prepare<[number, number]>(
      'UPDATE api_key SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL',
    );
    this.#dataVersion = database.prepare<[], number>('PRAGMA data_version').pluck();
    const noteUse = database.prepare<[number, number]>('UPDATE api_key SET last_used_at = ? WHERE id = ?');
    this.#writeUses = database.transaction((uses: Map<number, Instant>) => {
      for (const [id, at] of uses) noteUse.run(at, id);
    });
  }

  /** By the secret itself, from the database each time: a key made or revoked by another process counts at once. */
  find(secret: string): ApiKey | undefined {
    return this.#findByHash(sha256(secret));
  }

  /** As `find`, and at most one turn of the event loop old: meters ask for nothing else, thousands of times a second. */
  findKnown(secret: string): ApiKey | undefined {
    if (!this.#checkedThisTurn) this.#forgetIfOthersWrote();
    const hash = sha256(secret);
    const known = this.#known.get(hash);
    if (known) return known;
    const key = this.#findByHash(hash);
    if (key) this.#known.set(hash, key);
    return key;
  }

  get(id: number): ApiKey {
    const row = this.#findById.get(id);
    if (!row) throw new Refusal('key-not-found', `There is no API key number ${id}.`);
    return keyOf(row);
  }

  list(): ApiKey[] {
    this.writeUses();
    return this.#list.all().map(keyOf);
  }

  add(name: string, secret: string, scopes: readonly Scope[], at: Instant, expiresAt: Instant | undefined): ApiKey {
    const scopesText = JSON.stringify(scopes);
    const added = this.#insert.run(name, prefixOf(secret), sha256(secret), scopesText, at, expiresAt ?? null);
    return this.get(Number(added.lastInsertRowid));
  }

  revoke(key: ApiKey, at: Instant): void {
    this.#revoke.run(at, key.id);
    this.#known.clear();
  }

  /** Remembers a use; the uses of a minute are written together. */
  noteUse(key: ApiKey, at: Instant): void {
    this.#uses.set(key.id, at);
    if (at - this.#usesWrittenAt < usesWrittenEverySeconds) return;
    this.#usesWrittenAt = at;
    this.writeUses();
  }

  /** Also to be called before the process ends. */
  writeUses(): void {
    if (this.#uses.size === 0) return;
    this.#writeUses(this.#uses);
    this.#uses.clear();
  }

  #findByHash(hash: string): ApiKey | undefined {
    const row = this.#find.get(hash);
    return row && keyOf(row);
  }

  /** SQLite counts what other connections write; what this one writes to keys goes through `revoke`. */
  #forgetIfOthersWrote(): void {
    const version = this.#dataVersion.get();
    if (version !== this.#knownVersion) this.#known.clear();
    this.#knownVersion = version;
    this.#checkedThisTurn = true;
    setImmediate(() => {
      this.#checkedThisTurn = false;
    });
  }
}

function keyOf(row: ApiKeyRow): ApiKey {
  const scopes: unknown = JSON.parse(row.scopes);
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    scopes: Array.isArray(scopes) ? scopes.filter(isScope) : [],
    createdAt: instant(row.created_at),
    expiresAt: optional(row.expires_at),
    lastUsedAt: optional(row.last_used_at),
    revokedAt: optional(row.revoked_at),
  };
}

function optional(seconds: number | null): Instant | undefined {
  return seconds === null ? undefined : instant(seconds);
}

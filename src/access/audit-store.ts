import type { Database } from '../kernel/database.ts';
import { sha256 } from '../kernel/ids.ts';
import { type Instant, instant } from '../units/time.ts';

/** Who did what to what. `who` is "user:ana", "key:3", "cli" or "system"; `subject` is "user:bo", "invoice:WL-000042". */
interface AuditEvent {
  at: Instant;
  who: string;
  action: string;
  subject: string;
  detail?: Record<string, unknown>;
}

export interface AuditEntry extends Required<AuditEvent> {
  id: number;
}

interface AuditFilter {
  /** Part of who, action or subject. */
  search?: string;
  /** Entries before this id, for the next page. */
  beforeId?: number;
  limit: number;
}

interface AuditRow {
  id: number;
  at: number;
  who: string;
  action: string;
  subject: string;
  detail: string;
  hash: string;
}

/** Append-only: the database itself refuses a change, and each entry's hash covers the one before. */
export class AuditStore {
  readonly #last;
  readonly #list;
  readonly #all;
  readonly #append;

  constructor(database: Database) {
    this.#last = database.prepare<[], { hash: string }>('SELECT hash FROM audit_entry ORDER BY id DESC LIMIT 1');
    this.#list = database.prepare<{ search: string; beforeId: number; limit: number }, AuditRow>(
      `SELECT * FROM audit_entry WHERE id < @beforeId
       AND (@search = '' OR instr(lower(who || ' ' || action || ' ' || subject), lower(@search)) > 0)
       ORDER BY id DESC LIMIT @limit`,
    );
    this.#all = database.prepare<[], AuditRow>('SELECT * FROM audit_entry ORDER BY id');
    const insert = database.prepare<[number, string, string, string, string, string]>(
      'INSERT INTO audit_entry (at, who, action, subject, detail, hash) VALUES (?, ?, ?, ?, ?, ?)',
    );
    // Immediate: another process may be appending, and both would otherwise chain to the same entry.
    this.#append = database.transaction((event: AuditEvent) => {
      const { at, who, action, subject } = event;
      const detail = JSON.stringify(event.detail ?? {});
      const hash = chain(this.#last.get()?.hash ?? '', { at, who, action, subject, detail });
      insert.run(at, who, action, subject, detail, hash);
    }).immediate;
  }

  record(event: AuditEvent): void {
    this.#append(event);
  }

  /** Newest first. */
  list({ search = '', beforeId = Number.MAX_SAFE_INTEGER, limit }: AuditFilter): AuditEntry[] {
    return this.#list.all({ search, beforeId, limit }).map(entryOf);
  }

  /** The id of the first entry that does not fit the chain; undefined when all do. */
  findBreak(): number | undefined {
    let previous = '';
    for (const row of this.#all.iterate()) {
      if (chain(previous, row) !== row.hash) return row.id;
      previous = row.hash;
    }
    return undefined;
  }
}

function chain(previous: string, { at, who, action, subject, detail }: Omit<AuditRow, 'id' | 'hash'>): string {
  return sha256(JSON.stringify([previous, at, who, action, subject, detail]));
}

function entryOf(row: AuditRow): AuditEntry {
  const { id, at, who, action, subject, detail } = row;
  return { id, at: instant(at), who, action, subject, detail: JSON.parse(detail) };
}

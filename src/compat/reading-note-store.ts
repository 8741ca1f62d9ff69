import type { Database } from '../kernel/database.ts';

export interface ReadingNote {
  meterPointId: number;
  kind: 'register' | 'channel';
  /** Epoch seconds. */
  at: number;
  note: string;
  /** Epoch seconds. */
  receivedAt: number;
}

export interface NoteQuestion {
  /** Half-open, epoch seconds. */
  from: number;
  to: number;
  limit: number;
  knownAt?: number | undefined;
}

export class ReadingNoteStore {
  readonly #add;
  readonly #findId;
  readonly #find;
  readonly #list;

  constructor(database: Database) {
    this.#add = database.prepare<[ReadingNote]>(
      `INSERT INTO reading_note (meter_point_id, kind, at, note, received_at)
       VALUES (@meterPointId, @kind, @at, @note, @receivedAt) ON CONFLICT DO NOTHING`,
    );
    this.#findId = database.prepare<[number, string, number], { id: number }>(
      'SELECT id FROM reading_note WHERE meter_point_id = ? AND kind = ? AND at = ?',
    );
    this.#list = database.prepare<[number, number, number, number, number], { id: number; note: string }>(
      `SELECT id, note FROM reading_note WHERE meter_point_id = ? AND at >= ? AND at < ? AND received_at <= ?
       ORDER BY at DESC, id DESC LIMIT ?`,
    );
    this.#find = database.prepare<[number], { note: string }>('SELECT note FROM reading_note WHERE id = ?');
  }

  /** The number of the note; the first one for a reading stays. */
  add(note: ReadingNote): number {
    this.#add.run(note);
    return this.#findId.get(note.meterPointId, note.kind, note.at)!.id;
  }

  /** Those of a meter point in [from, to) that had come by `knownAt`, newest first. */
  list(
    meterPointId: number,
    { from, to, limit, knownAt = Number.MAX_SAFE_INTEGER }: NoteQuestion,
  ): { id: number; note: string }[] {
    return this.#list.all(meterPointId, from, to, knownAt, limit);
  }

  find(id: number): string | undefined {
    return this.#find.get(id)?.note;
  }
}

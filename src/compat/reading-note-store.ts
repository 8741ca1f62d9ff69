import type { Database } from '../kernel/database.ts';

export interface ReadingNote {
  meterPointId: number;
  kind: 'register' | 'channel';
  /** Epoch seconds. */
  at: number;
  note: string;
}

export class ReadingNoteStore {
  readonly #add;
  readonly #findId;
  readonly #find;
  readonly #list;

  constructor(database: Database) {
    this.#add = database.prepare<[ReadingNote]>(
      'INSERT INTO reading_note (meter_point_id, kind, at, note) VALUES (@meterPointId, @kind, @at, @note) ON CONFLICT DO NOTHING',
    );
    this.#findId = database.prepare<[number, string, number], { id: number }>(
      'SELECT id FROM reading_note WHERE meter_point_id = ? AND kind = ? AND at = ?',
    );
    this.#list = database.prepare<[number, number, number, number], { id: number; note: string }>(
      'SELECT id, note FROM reading_note WHERE meter_point_id = ? AND at >= ? AND at < ? ORDER BY at DESC, id DESC LIMIT ?',
    );
    this.#find = database.prepare<[number], { note: string }>('SELECT note FROM reading_note WHERE id = ?');
  }

  /** The number of the note; the first one for a reading stays. */
  add(note: ReadingNote): number {
    this.#add.run(note);
    return this.#findId.get(note.meterPointId, note.kind, note.at)!.id;
  }

  /** Those of a meter point in [from, to), newest first. */
  list(meterPointId: number, from: number, to: number, limit: number): { id: number; note: string }[] {
    return this.#list.all(meterPointId, from, to, limit);
  }

  find(id: number): string | undefined {
    return this.#find.get(id)?.note;
  }
}

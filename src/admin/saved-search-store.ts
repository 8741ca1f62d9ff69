import type { Database } from '../kernel/database.ts';

/** A question that somebody asks a list again and again. */
export interface SavedSearch {
  id: number;
  name: string;
  /** What stands behind the ? of the page's address. */
  query: string;
}

/** Each user's own. */
export class SavedSearchStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** One name on a page means one question: the last one. */
  put(userId: number, path: string, name: string, query: string): void {
    this.#database
      .prepare(
        `INSERT INTO saved_search (user_id, path, name, query) VALUES (?, ?, ?, ?)
         ON CONFLICT (user_id, path, name) DO UPDATE SET query = excluded.query`,
      )
      .run(userId, path, name, query);
  }

  list(userId: number, path: string): SavedSearch[] {
    return this.#database
      .prepare<[number, string], SavedSearch>(
        'SELECT id, name, query FROM saved_search WHERE user_id = ? AND path = ? ORDER BY name',
      )
      .all(userId, path);
  }

  remove(userId: number, id: number): void {
    this.#database.prepare('DELETE FROM saved_search WHERE user_id = ? AND id = ?').run(userId, id);
  }
}

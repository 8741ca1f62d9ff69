import type { Clock } from '../kernel/clock.ts';
import type { Database } from '../kernel/database.ts';

/** Where readings come from. */
export interface Source {
  id: number;
  kind: 'api-key' | 'import' | 'user' | 'demo';
  /** The API key's name, the import run's id, the user's name. */
  reference: string;
}

export class SourceStore {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #ids = new Map<string, number>();
  /** A source never changes, and a page of readings asks for the same one ten thousand times. */
  readonly #byId = new Map<number, Source>();

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** The id of the source, which is added when it is new. */
  idOf(kind: Source['kind'], reference: string): number {
    const key = `${kind} ${reference}`;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    this.#database
      .prepare('INSERT INTO source (kind, reference, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
      .run(kind, reference, Math.floor(this.#clock.now() / 1000));
    const { id } = this.#database
      .prepare<[string, string], { id: number }>('SELECT id FROM source WHERE kind = ? AND reference = ?')
      .get(kind, reference)!;
    this.#ids.set(key, id);
    return id;
  }

  /** Every source of an import run: the file, or the members of the archive. */
  listOfImport(run: number): number[] {
    return this.#database
      .prepare<[string, string], { id: number }>(
        `SELECT id FROM source WHERE kind = 'import' AND (reference = ? OR substr(reference, 1, instr(reference, '!')) = ?)`,
      )
      .all(`${run}`, `${run}!`)
      .map(({ id }) => id);
  }

  findByName(kind: Source['kind'], reference: string): number | undefined {
    return this.#database
      .prepare<[string, string], { id: number }>('SELECT id FROM source WHERE kind = ? AND reference = ?')
      .get(kind, reference)?.id;
  }

  find(id: number): Source | undefined {
    const known = this.#byId.get(id);
    if (known) return known;
    const found = this.#database
      .prepare<[number], Source>('SELECT id, kind, reference FROM source WHERE id = ?')
      .get(id);
    if (found) this.#byId.set(id, found);
    return found;
  }
}

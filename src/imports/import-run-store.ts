import type { Database } from '../kernel/database.ts';
import type { ImportReport } from './import-report.ts';

export interface ImportRun {
  id: number;
  sha256: string;
  name: string;
  format: string;
  importedBy: string;
  startedAt: number;
  /** null while it runs, or when the process was killed. */
  finishedAt: number | null;
}

const columns =
  'id, sha256, name, format, imported_by AS importedBy, started_at AS startedAt, finished_at AS finishedAt';

export class ImportRunStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  begin(
    run: { sha256: string; name: string; format: string; importedBy: string; strict: boolean },
    startedAt: number,
  ): number {
    const { lastInsertRowid } = this.#database
      .prepare(
        `INSERT INTO import_run (sha256, name, format, imported_by, strict, started_at)
         VALUES (@sha256, @name, @format, @importedBy, @strict, @startedAt)`,
      )
      .run({ ...run, strict: run.strict ? 1 : 0, startedAt });
    return Number(lastInsertRowid);
  }

  finish(report: ImportReport, finishedAt: number): void {
    this.#database
      .prepare('UPDATE import_run SET finished_at = ?, report = ? WHERE id = ?')
      .run(finishedAt, JSON.stringify(report), report.run);
  }

  /** The first finished run of these bytes. */
  findFinished(sha256: string): ImportRun | undefined {
    return this.#database
      .prepare<[string], ImportRun>(
        `SELECT ${columns} FROM import_run WHERE sha256 = ? AND finished_at IS NOT NULL ORDER BY id LIMIT 1`,
      )
      .get(sha256);
  }
}

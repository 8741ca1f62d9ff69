import type { Database } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
import type { ImportCounts, ImportReport } from './import-report.ts';

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

/** The report is undefined while the run goes on, and for ever when its process was killed. */
export type ReportedRun = ImportRun & { report: ImportReport | undefined };

export type ListedRun = ImportRun & { counts: ImportCounts | undefined };
type ReportedRow = ImportRun & { report: string | null };

const columns =
  'id, sha256, name, format, imported_by AS importedBy, started_at AS startedAt, finished_at AS finishedAt';

const matching = `instr(lower(name || ' ' || format || ' ' || imported_by), lower(?)) > 0`;

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
      .prepare('UPDATE import_run SET finished_at = ?, format = ?, report = ? WHERE id = ?')
      .run(finishedAt, report.format, JSON.stringify(report), report.run);
  }

  find(id: number): ReportedRun | undefined {
    const row = this.#database
      .prepare<[number], ReportedRow>(`SELECT ${columns}, report FROM import_run WHERE id = ?`)
      .get(id);
    return row && withReport(row);
  }

  get(id: number): ReportedRun {
    const run = this.find(id);
    if (!run) throw new Refusal('import-unknown', `there is no import run ${id}`);
    return run;
  }

  /** Newest first; `search` is part of the file's name, its format or who imported it. */
  list({ search = '', limit = 100, offset = 0 } = {}): ListedRun[] {
    return this.#database
      .prepare<[string, number, number], ImportRun & { counts: string | null }>(
        `SELECT ${columns}, report ->> '$.counts' AS counts FROM import_run WHERE ${matching} ORDER BY id DESC LIMIT ? OFFSET ?`,
      )
      .all(search, limit, offset)
      .map(({ counts, ...run }) => ({ ...run, counts: counts === null ? undefined : JSON.parse(counts) }));
  }

  count(search = ''): number {
    return this.#database
      .prepare<[string], { count: number }>(`SELECT count(*) AS count FROM import_run WHERE ${matching}`)
      .get(search)!.count;
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

function withReport({ report, ...run }: ReportedRow): ReportedRun {
  return { ...run, report: report === null ? undefined : JSON.parse(report) };
}

import type { Database } from '../kernel/database.ts';
import type { UndoReport } from './import-undo.ts';

/** That an import was taken back, by whom and when; the report is undefined until it is done. */
export interface ImportUndo {
  run: number;
  by: string;
  /** Epoch seconds. */
  orderedAt: number;
  finishedAt: number | undefined;
  /** What was withdrawn, while imports are still read again. */
  withdrawn: UndoReport | undefined;
  report: UndoReport | undefined;
}

interface Row {
  run: number;
  by: string;
  orderedAt: number;
  finishedAt: number | null;
  report: string | null;
}

const columns = 'run_id AS run, ordered_by AS "by", ordered_at AS orderedAt, finished_at AS finishedAt, report';

export class ImportUndoStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  order(run: number, by: string, orderedAt: number): void {
    this.#database
      .prepare('INSERT INTO import_undo (run_id, ordered_by, ordered_at) VALUES (?, ?, ?)')
      .run(run, by, orderedAt);
  }

  noteWithdrawn(run: number, report: UndoReport): void {
    this.#database.prepare('UPDATE import_undo SET report = ? WHERE run_id = ?').run(JSON.stringify(report), run);
  }

  finish(run: number, report: UndoReport, finishedAt: number): void {
    this.#database
      .prepare('UPDATE import_undo SET finished_at = ?, report = ? WHERE run_id = ?')
      .run(finishedAt, JSON.stringify(report), run);
  }

  find(run: number): ImportUndo | undefined {
    const row = this.#database.prepare<[number], Row>(`SELECT ${columns} FROM import_undo WHERE run_id = ?`).get(run);
    return row && undoOf(row);
  }

  /** Whether the run was read again when another one was taken back: it may have brought since what its totals do not have. */
  wasReadAgain(run: number): boolean {
    return (
      this.#database
        .prepare("SELECT 1 FROM import_undo, json_each(report, '$.readAgain') AS again WHERE again.value = ? LIMIT 1")
        .get(run) !== undefined
    );
  }

  /** Ordered and not done, oldest first. */
  listOpen(): ImportUndo[] {
    return this.#database
      .prepare<[], Row>(`SELECT ${columns} FROM import_undo WHERE finished_at IS NULL ORDER BY ordered_at, run_id`)
      .all()
      .map(undoOf);
  }
}

function undoOf({ finishedAt, report: stored, ...row }: Row): ImportUndo {
  const report = stored === null ? undefined : (JSON.parse(stored) as UndoReport);
  return finishedAt === null
    ? { ...row, finishedAt: undefined, withdrawn: report, report: undefined }
    : { ...row, finishedAt, withdrawn: undefined, report };
}

import { type Database, hasWords, type Order, searchedWords, termsOf } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
import type { MicroKwh } from '../units/energy.ts';
import type { ChannelTotal, ImportReport } from './import-report.ts';
import {
  type ImportFailure,
  type ImportOrder,
  type ImportRun,
  type ImportState,
  importFailure,
  type ListedRun,
  type ProblemFilter,
  type ReportedRun,
  type RuleCount,
  type StoredReport,
} from './import-run.ts';
import type { ImportProblem } from './problem.ts';
import { packDetail, partsOf, unpackChannels, unpackCreated } from './report-detail.ts';

type Row = Omit<ImportRun, 'failure' | 'strict' | 'expected'> & {
  failure: string | null;
  strict: 0 | 1;
  expectedEnergy: MicroKwh | null;
  expectedReadings: number | null;
};

const columns = `id, sha256, name, format, imported_by AS importedBy, strict, state, size, profile, meter_point AS meterPoint,
  started_at AS startedAt, begun_at AS begunAt, finished_at AS finishedAt, resumed, failure,
  expected_energy AS expectedEnergy, expected_readings AS expectedReadings,
  (SELECT ordered_at FROM import_undo WHERE run_id = import_run.id) AS undoneAt,
  (SELECT ordered_by FROM import_undo WHERE run_id = import_run.id) AS undoneBy`;

const reference = `ifnull(report ->> '$.files[0].reference', '')`;
const matching = `${hasWords(`name || ' ' || format || ' ' || imported_by || ' ' || ${reference}`, 'words')}
  AND (@state = '' OR state = @state) AND started_at >= @since`;
const problemColumns = 'member, line, column_number AS "column", field, raw, rule, severity, action, message';
const problemMatching = `run_id = @run AND (@severity = '' OR severity = @severity) AND (@action = '' OR action = @action)
  AND (@rule = '' OR rule = @rule) AND (@search = '' OR instr(lower(rule || ' ' || member || ' ' || message), lower(@search)) > 0)`;

const orderColumns = {
  id: ['id'],
  file: ['name', 'id'],
  reference: [reference, 'id'],
  started: ['started_at', 'id'],
  new: [`ifnull(report ->> '$.counts.new', 0)`, 'id'],
  rejected: [`ifnull(report ->> '$.counts.rejected', 0)`, 'id'],
} as const;
export type RunOrder = Order<keyof typeof orderColumns>;
const newestFirst: RunOrder = { by: 'id', descending: true };

interface ListOptions {
  order?: RunOrder;
  search?: string;
  state?: ImportState | '';
  /** Handed in then or later. */
  since?: number;
  limit?: number;
  offset?: number;
}

export class ImportRunStore {
  readonly #database: Database;
  readonly #insertProblem;

  constructor(database: Database) {
    this.#database = database;
    this.#insertProblem = database.prepare<[ImportProblem & { run: number; position: number }]>(
      `INSERT OR REPLACE INTO import_problem
         (run_id, position, member, line, column_number, field, raw, rule, severity, action, message)
       VALUES (@run, @position, @member, @line, @column, @field, @raw, @rule, @severity, @action, @message)`,
    );
  }

  /** All of it or nothing. */
  together(act: () => void): void {
    this.#database.transaction(act).immediate();
  }

  /** A run that goes at once, for whoever imports without the queue. */
  begin(
    run: { sha256: string; name: string; format: string; importedBy: string; strict: boolean },
    startedAt: number,
  ): number {
    const order = { size: 0, profile: '', meterPoint: '', ...run };
    return this.#insert(order, run.format, 'running', startedAt);
  }

  /** A run that waits for its turn. */
  order(order: ImportOrder, startedAt: number): number {
    return this.#insert(order, '', 'waiting', startedAt);
  }

  #insert({ expected, ...order }: ImportOrder, format: string, state: ImportState, startedAt: number): number {
    const { energy = null, readings = null } = expected ?? {};
    const { lastInsertRowid } = this.#database
      .prepare(
        `INSERT INTO import_run (sha256, name, format, imported_by, strict, started_at, state, size, profile, meter_point,
           expected_energy, expected_readings)
         VALUES (@sha256, @name, @format, @importedBy, @strict, @startedAt, @state, @size, @profile, @meterPoint,
           @expectedEnergy, @expectedReadings)`,
      )
      .run({
        ...order,
        format,
        state,
        strict: order.strict ? 1 : 0,
        startedAt,
        expectedEnergy: energy,
        expectedReadings: readings,
      });
    return Number(lastInsertRowid);
  }

  /** The work begins, or begins again: what an earlier attempt found wrong is found again. */
  setRunning(id: number, begunAt: number, resumed: number): void {
    this.#database
      .prepare(`UPDATE import_run SET state = 'running', begun_at = ?, resumed = ? WHERE id = ?`)
      .run(begunAt, resumed, id);
  }

  /** Back to the queue, which goes on with it when it may. */
  setInterrupted(id: number): void {
    this.#database.prepare(`UPDATE import_run SET state = 'interrupted' WHERE id = ?`).run(id);
  }

  /** Forgets problems of a run from `position` on, `limit` of them at most; false when there were none. */
  cutProblems(id: number, position: number, limit: number): boolean {
    const { changes } = this.#database
      .prepare(
        `DELETE FROM import_problem WHERE run_id = @id AND position IN
           (SELECT position FROM import_problem WHERE run_id = @id AND position >= @position LIMIT @limit)`,
      )
      .run({ id, position, limit });
    return changes > 0;
  }

  /** In one transaction; `position` is that of the first among all of the run. */
  addProblems(run: number, position: number, problems: readonly ImportProblem[]): void {
    this.#database.transaction(() => {
      problems.forEach((problem, at) => {
        this.#insertProblem.run({ ...problem, run, position: position + at });
      });
    })();
  }

  /** Over, with its report; the problems of it are stored here, or were before in slices when it has none. */
  finish(
    report: ImportReport,
    finishedAt: number,
    state: ImportState = report.cancelled ? 'cancelled' : 'finished',
  ): void {
    const { problems, meterPointsCreated, channels, ...stored } = report;
    const detail = packDetail(meterPointsCreated, channels);
    this.#database.transaction(() => {
      this.addProblems(report.run, 0, problems);
      this.#database
        .prepare('UPDATE import_run SET finished_at = ?, state = ?, format = ?, report = ?, detail = ? WHERE id = ?')
        .run(finishedAt, state, report.format, JSON.stringify(stored), detail, report.run);
    })();
  }

  /** Over without a report. */
  close(id: number, state: 'failed' | 'cancelled', finishedAt: number, failure?: ImportFailure): void {
    this.#database
      .prepare('UPDATE import_run SET finished_at = ?, state = ?, failure = ? WHERE id = ?')
      .run(finishedAt, state, failure ? JSON.stringify(failure) : null, id);
  }

  find(id: number): ReportedRun | undefined {
    const row = this.#database
      .prepare<[number], Row & { report: string | null; detail: Uint8Array | null }>(
        `SELECT ${columns}, report, detail FROM import_run WHERE id = ?`,
      )
      .get(id);
    if (!row) return undefined;
    const { report, detail, ...rest } = row;
    return { ...runOf(rest), report: report === null ? undefined : reportOf(report, detail) };
  }

  /** Finished after this one and not undone, in the order they came; each is read when it is asked for, which takes a while for a large one. */
  *eachLater(id: number): Generator<ReportedRun> {
    const ids = this.#database
      .prepare<[number], { id: number }>(
        `SELECT id FROM import_run WHERE id > ? AND state = 'finished' AND id NOT IN (SELECT run_id FROM import_undo) ORDER BY id`,
      )
      .all(id);
    for (const row of ids) yield this.get(row.id);
  }

  get(id: number): ReportedRun {
    const run = this.find(id);
    if (!run) throw new Refusal('import-unknown', `there is no import run ${id}`);
    return run;
  }

  /** Newest first; each word of `search` is part of the file's name, its reference, its format or who imported it. */
  list({
    search = '',
    state = '',
    since = 0,
    order = newestFirst,
    limit = 100,
    offset = 0,
  }: ListOptions = {}): ListedRun[] {
    return this.#database
      .prepare<[object], Row & { counts: string | null; reference: string }>(
        `SELECT ${columns}, report ->> '$.counts' AS counts, ${reference} AS reference FROM import_run WHERE ${matching} ORDER BY ${termsOf([order], orderColumns)} LIMIT @limit OFFSET @offset`,
      )
      .all({ words: JSON.stringify(searchedWords(search)), state, since, limit, offset })
      .map(({ counts, reference: sent, ...row }) => {
        return { ...runOf(row), reference: sent, counts: counts === null ? undefined : JSON.parse(counts) };
      });
  }

  count(search = '', state: ImportState | '' = '', since = 0): number {
    return this.#database
      .prepare<[object], { count: number }>(`SELECT count(*) AS count FROM import_run WHERE ${matching}`)
      .get({ words: JSON.stringify(searchedWords(search)), state, since })!.count;
  }

  /** What waits, runs or was interrupted, in the order it was handed in. */
  listOpen(): ImportRun[] {
    return this.#database
      .prepare<[], Row>(
        `SELECT ${columns} FROM import_run WHERE state IN ('waiting', 'running', 'interrupted') ORDER BY id`,
      )
      .all()
      .map(runOf);
  }

  /** The first finished run of these bytes. */
  findFinished(sha256: string): ImportRun | undefined {
    const row = this.#database
      .prepare<[string], Row>(
        `SELECT ${columns} FROM import_run WHERE sha256 = ? AND state = 'finished'
           AND id NOT IN (SELECT run_id FROM import_undo) ORDER BY id LIMIT 1`,
      )
      .get(sha256);
    return row && runOf(row);
  }

  /** In the order the file has them. */
  listProblems(run: number, filter: ProblemFilter = {}, limit = 100, offset = 0): ImportProblem[] {
    return this.#database
      .prepare<[object], ImportProblem>(
        `SELECT ${problemColumns} FROM import_problem WHERE ${problemMatching} ORDER BY position LIMIT @limit OFFSET @offset`,
      )
      .all({ ...parametersOf(run, filter), limit, offset });
  }

  /** All that match, in parts; each begins where the one before it ended, so that millions take no longer at their end. */
  *eachProblems(run: number, filter: ProblemFilter = {}): Generator<ImportProblem[]> {
    const next = this.#database.prepare<[object], ImportProblem & { position: number }>(
      `SELECT ${problemColumns}, position FROM import_problem WHERE ${problemMatching} AND position > @after ORDER BY position LIMIT 500`,
    );
    for (let after = -1; ; ) {
      const found = next.all({ ...parametersOf(run, filter), after });
      if (found.length === 0) return;
      yield found;
      after = found.at(-1)!.position;
    }
  }

  countProblems(run: number, filter: ProblemFilter = {}): number {
    return this.#database
      .prepare<[object], { count: number }>(`SELECT count(*) AS count FROM import_problem WHERE ${problemMatching}`)
      .get(parametersOf(run, filter))!.count;
  }

  /** What the rules said in a run, the most frequent first. */
  countByRule(run: number): RuleCount[] {
    return this.#database
      .prepare<[number], RuleCount>(
        // SQLite takes the bare column from the row that has the least position.
        `SELECT rule, severity, action, count(*) AS count, message AS example, min(position) AS first
         FROM import_problem WHERE run_id = ? GROUP BY rule, severity, action ORDER BY count DESC, rule, first`,
      )
      .all(run);
  }
}

/** The detail is unpacked when somebody looks at it: a file of a hundred thousand meters has megabytes of it, and most want the counts. */
function reportOf(report: string, packed: Uint8Array | null): StoredReport {
  // From before there was a detail both lists stand in the report.
  const { meterPointsCreated = [], channels = [], ...stored }: OldReport = JSON.parse(report);
  const eachCreated = () => (packed ? unpackCreated(packed) : partsOf(meterPointsCreated));
  const eachChannels = () => (packed ? unpackChannels(packed) : partsOf(channels));
  const { meterPointsNew = countOf(eachCreated()), channelCount = countOf(eachChannels()) } = stored;
  const [created, totals] = [once(() => [...eachCreated()].flat()), once(() => [...eachChannels()].flat())];
  return {
    ...{ ...stored, meterPointsNew, channelCount, eachCreated, eachChannels },
    get meterPointsCreated() {
      return created();
    },
    get channels() {
      return totals();
    },
  };
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

type OldReport = Omit<ImportReport, 'problems' | 'meterPointsCreated' | 'channels'> & {
  meterPointsCreated?: string[];
  channels?: ChannelTotal[];
};

function countOf(each: Iterable<readonly unknown[]>): number {
  let count = 0;
  for (const some of each) count += some.length;
  return count;
}

function runOf({ expectedEnergy: energy, expectedReadings: readings, ...row }: Row): ImportRun {
  return {
    ...row,
    ...((energy !== null || readings !== null) && { expected: { energy, readings } }),
    strict: row.strict === 1,
    failure: row.failure === null ? undefined : importFailure.parse(JSON.parse(row.failure)),
  };
}

function parametersOf(
  run: number,
  { search = '', severity = '', action = '', rule = '' }: Partial<Record<keyof ProblemFilter, string>>,
) {
  return { run, search, severity, action, rule };
}

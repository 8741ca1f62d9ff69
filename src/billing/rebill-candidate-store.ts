import { commitUnsynced, type Database } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
import type { Instant } from '../units/time.ts';

/** What changed under an issued invoice. */
export interface BilledChange {
  meterPointId: number;
  invoice: string;
  /** First and last instant. */
  from: Instant;
  to: Instant;
  /** A reading came where none was; another value became current; a reading went. */
  late: boolean;
  changed: boolean;
  gone: boolean;
}

export interface RebillCandidate extends BilledChange {
  id: number;
  meterPoint: string;
  raisedAt: number;
  dismissedAt: number | null;
  dismissedBy: string | null;
  reason: string | null;
}

type Row = Omit<RebillCandidate, 'late' | 'changed' | 'gone'> & Record<'late' | 'changed' | 'gone', 0 | 1>;

const columns = `rebill_candidate.id, meter_point_id AS meterPointId, identifier AS meterPoint, invoice, from_at AS "from", to_at AS "to",
  late, changed, gone, raised_at AS raisedAt, dismissed_at AS dismissedAt, dismissed_by AS dismissedBy, reason`;
const joined = 'rebill_candidate JOIN meter_point ON meter_point.id = meter_point_id';

export class RebillCandidateStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Raises candidates, or widens those that are open; the same again changes nothing. Unsynced: a power cut that takes them back takes
   * back the flush that comes after them, and the next one raises them again. In a transaction they share its fate.
   */
  raise(changes: readonly BilledChange[], raisedAt: number): void {
    const raise = this.#database.prepare(
      `INSERT INTO rebill_candidate (meter_point_id, invoice, from_at, to_at, late, changed, gone, raised_at)
       VALUES (@meterPointId, @invoice, @from, @to, @late, @changed, @gone, @raisedAt)
       ON CONFLICT (meter_point_id, invoice) WHERE dismissed_at IS NULL DO UPDATE SET
         from_at = min(from_at, excluded.from_at), to_at = max(to_at, excluded.to_at), late = max(late, excluded.late),
         changed = max(changed, excluded.changed), gone = max(gone, excluded.gone)`,
    );
    const raiseAll = () => {
      for (const { late, changed, gone, ...change } of changes)
        raise.run({ ...change, late: Number(late), changed: Number(changed), gone: Number(gone), raisedAt });
    };
    if (this.#database.inTransaction) raiseAll();
    else commitUnsynced(this.#database, raiseAll);
  }

  /** Newest first. */
  list({
    open = true,
    limit = 50,
    offset = 0,
  }: {
    open?: boolean;
    limit?: number;
    offset?: number;
  } = {}): RebillCandidate[] {
    return this.#database
      .prepare<[number, number, number], Row>(
        `SELECT ${columns} FROM ${joined} WHERE (dismissed_at IS NULL) = ? ORDER BY rebill_candidate.id DESC LIMIT ? OFFSET ?`,
      )
      .all(open ? 1 : 0, limit, offset)
      .map(candidateOf);
  }

  count(open = true): number {
    return this.#database
      .prepare<[number], { count: number }>(
        'SELECT count(*) AS count FROM rebill_candidate WHERE (dismissed_at IS NULL) = ?',
      )
      .get(open ? 1 : 0)!.count;
  }

  /** Throws 'rebill-candidate-unknown' when it is not there or no longer open. */
  dismiss(id: number, by: string, reason: string, at: number): void {
    const { changes } = this.#database
      .prepare(
        'UPDATE rebill_candidate SET dismissed_at = ?, dismissed_by = ?, reason = ? WHERE id = ? AND dismissed_at IS NULL',
      )
      .run(at, by, reason, id);
    if (changes === 0) throw new Refusal('rebill-candidate-unknown', `there is no open rebill candidate ${id}`);
  }
}

function candidateOf({ late, changed, gone, ...row }: Row): RebillCandidate {
  return { ...row, late: late === 1, changed: changed === 1, gone: gone === 1 };
}

import type { Database } from '../kernel/database.ts';
import { Turns } from '../kernel/turns.ts';
import { microKwh } from '../units/energy.ts';
import { type Instant, instant } from '../units/time.ts';
import type { ArchiveDue, ArchivePeriod } from './archive-period.ts';
import type { DayBlock } from './day-block.ts';
import { decodeBlock, encodeBlock } from './day-block-codec.ts';
import type { ReadingVersion } from './decided-reading.ts';
import type { JournalPosition } from './journal.ts';
import type { OriginTable } from './origin.ts';
import type { Quality } from './reading.ts';
import type { ChangedBlock, DayNumber, StoredBlocks } from './reading-index.ts';

// reading_day.id = series × daysMax + day, see migrations/003-readings.sql.
const daysMax = 131_072;

const forgottenAtOnce = 2000;

/** A row of blocks, not looked into yet. */
export interface StoredBlock {
  id: number;
  seriesId: number;
  day: DayNumber;
  count: number;
  decode: () => DayBlock;
}

interface VersionRow {
  seriesId: number;
  at: number;
  value: number | null;
  minutes: number;
  quality: Quality;
  source: number;
  line: number;
  versionAt: number;
  receivedAt: number;
  outcome: ReadingVersion['outcome'];
}

/** Flushed readings in SQLite: one bit-packed block per series and UTC day, and the versions that are not current. */
export class ReadingStore implements StoredBlocks {
  /** For work in slices that changes blocks: one at a time. */
  readonly turns = new Turns();
  readonly #database: Database;
  readonly #origins: OriginTable;
  readonly #findBlock;
  readonly #listBlocks;
  readonly #listDays;
  readonly #putBlock;
  readonly #keepForUndo;
  readonly #forgetUndo;
  readonly #putVersion;
  readonly #markDue;

  constructor(database: Database, origins: OriginTable) {
    this.#database = database;
    this.#origins = origins;
    this.#findBlock = database.prepare<[number], { block: Uint8Array }>('SELECT block FROM reading_day WHERE id = ?');
    this.#listBlocks = database.prepare<[number, number], { id: number; block: Uint8Array }>(
      'SELECT id, block FROM reading_day WHERE id BETWEEN ? AND ? ORDER BY id',
    );
    this.#listDays = database.prepare<[number, number], { id: number }>(
      'SELECT id FROM reading_day WHERE id BETWEEN ? AND ? ORDER BY id',
    );
    this.#putBlock = database.prepare<[number, number, Uint8Array]>(
      'INSERT INTO reading_day (id, count, block) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET count = excluded.count, block = excluded.block',
    );
    this.#keepForUndo = database.prepare<[number, number]>(
      `INSERT INTO reading_undo (id, sequence, count, block)
       SELECT changed.id, changed.sequence, reading_day.count, reading_day.block
       FROM (SELECT ? AS id, ? AS sequence) AS changed LEFT JOIN reading_day ON reading_day.id = changed.id WHERE true
       ON CONFLICT (id) DO UPDATE SET sequence = excluded.sequence, count = excluded.count, block = excluded.block
       WHERE reading_undo.sequence <> excluded.sequence`,
    );
    this.#forgetUndo = database.prepare(
      `DELETE FROM reading_undo WHERE id IN (SELECT id FROM reading_undo LIMIT ${forgottenAtOnce})
       AND sequence <> (SELECT sequence FROM journal_position)`,
    );
    this.#putVersion = database.prepare(
      `INSERT INTO reading_version (series_id, at, value, minutes, quality, source_id, line, version_at, received_at, outcome)
       VALUES (@seriesId, @at, @value, @minutes, @quality, @source, @line, @versionAt, @receivedAt, @outcome)`,
    );
    this.#markDue = database.prepare<[ArchivePeriod]>(
      'INSERT INTO archive_due (kind, period) VALUES (@kind, @period) ON CONFLICT DO UPDATE SET marks = marks + 1',
    );
    database.transaction(() => this.#undo()).immediate();
  }

  /** Puts back what a flush had written when the process ended: the journal has it, and is replayed over what stood there before. */
  #undo(): void {
    const { sequence, versionId } = this.#counted();
    this.#database
      .prepare('DELETE FROM reading_day WHERE id IN (SELECT id FROM reading_undo WHERE sequence = ? AND block IS NULL)')
      .run(sequence);
    this.#database
      .prepare(
        `INSERT INTO reading_day (id, count, block)
         SELECT id, count, block FROM reading_undo WHERE sequence = ? AND block IS NOT NULL
         ON CONFLICT (id) DO UPDATE SET count = excluded.count, block = excluded.block`,
      )
      .run(sequence);
    this.#database.prepare('DELETE FROM reading_undo').run();
    this.#database.prepare('DELETE FROM reading_version WHERE id > ?').run(versionId);
  }

  #counted(): { sequence: number; versionId: number } {
    const none = { sequence: 0, versionId: 0 };
    return (
      this.#database.prepare<[], typeof none>('SELECT sequence, version_id AS versionId FROM journal_position').get() ??
      none
    );
  }

  findBlock(seriesId: number, day: DayNumber): DayBlock | undefined {
    const row = this.#findBlock.get(seriesId * daysMax + day);
    return row && decodeBlock(row.block, this.#origins);
  }

  /** Blocks of the days from `from` to `to`, both inclusive. */
  listBlocks(seriesId: number, from: DayNumber, to: DayNumber): { day: DayNumber; block: DayBlock }[] {
    return this.#listBlocks
      .all(seriesId * daysMax + from, seriesId * daysMax + to)
      .map(({ id, block }) => ({ day: id % daysMax, block: decodeBlock(block, this.#origins) }));
  }

  listDays(seriesId: number): DayNumber[] {
    return this.#listDays.all(seriesId * daysMax, seriesId * daysMax + daysMax - 1).map(({ id }) => id % daysMax);
  }

  /** One slice of a flush, in a transaction. It counts when `count` has run; until then the next opening undoes it. */
  putBlocks(blocks: readonly ChangedBlock[]): void {
    const rows = blocks.map(({ seriesId, day, block }) => ({
      id: seriesId * daysMax + day,
      count: block.count,
      bytes: encodeBlock(block, this.#origins),
    }));
    this.#inSlice(() => {
      const { sequence } = this.#counted();
      for (const { id, count, bytes } of rows) {
        this.#keepForUndo.run(id, sequence);
        this.#putBlock.run(id, count, bytes);
      }
    });
  }

  /** As putBlocks, for versions kept beside the current readings. */
  addVersions(versions: readonly ReadingVersion[]): void {
    this.#inSlice(() => {
      for (const { reading, ...version } of versions) {
        this.#putVersion.run({ ...version, ...reading, value: Number.isNaN(reading.value) ? null : reading.value });
      }
    });
  }

  // Without a sync, which would block for milliseconds: the write-ahead log keeps its order, so the sync of `count` covers all before it.
  #inSlice(act: () => void): void {
    this.#database.pragma('synchronous = NORMAL');
    try {
      this.#database.transaction(act).immediate();
    } finally {
      this.#database.pragma('synchronous = FULL');
    }
  }

  /** From here on the store holds everything the journal holds up to `position`: what was put and added counts. */
  count(position: Readonly<JournalPosition>, due: ArchivePeriod[]): void {
    this.#database
      .transaction(() => {
        for (const period of due) this.#markDue.run(period);
        this.#database
          .prepare(
            `INSERT INTO journal_position (one, day, offset, sequence, checksum, version_id)
             VALUES (1, @day, @offset, @sequence, @checksum, (SELECT ifnull(max(id), 0) FROM reading_version))
             ON CONFLICT (one) DO UPDATE SET day = excluded.day, offset = excluded.offset, sequence = excluded.sequence,
               checksum = excluded.checksum, version_id = excluded.version_id`,
          )
          .run(position);
      })
      .immediate();
  }

  /** Removes some of what was kept for undoing a flush that counts; false when nothing was left. */
  forgetUndo(): boolean {
    let forgotten = 0;
    this.#inSlice(() => {
      forgotten = this.#forgetUndo.run().changes;
    });
    return forgotten > 0;
  }

  findPosition(): JournalPosition | undefined {
    return this.#database
      .prepare<[], JournalPosition>('SELECT day, offset, sequence, checksum FROM journal_position')
      .get();
  }

  /** Versions kept beside the current readings from `from` to `to`, both inclusive, by time and then as received. */
  listVersions(seriesId: number, from: Instant, to: Instant): ReadingVersion[] {
    return this.#database
      .prepare<[number, number, number], VersionRow>(
        `SELECT series_id AS seriesId, at, value, minutes, quality, source_id AS source, line, version_at AS versionAt, received_at AS receivedAt, outcome
         FROM reading_version WHERE series_id = ? AND at BETWEEN ? AND ? ORDER BY at, id`,
      )
      .all(seriesId, from, to)
      .map(({ seriesId: series, receivedAt, outcome, ...reading }) => ({
        seriesId: series,
        receivedAt,
        outcome,
        reading: { ...reading, at: instant(reading.at), value: microKwh(reading.value ?? Number.NaN) },
      }));
  }

  /** Archives that are behind the store, by period. */
  listDue(): ArchiveDue[] {
    return this.#database
      .prepare<[], ArchiveDue>('SELECT kind, period, marks FROM archive_due ORDER BY period, kind')
      .all();
  }

  /** Says that the archive shows what the store held when `due` was listed; one marked again since then stays due. */
  clearDue({ kind, period, marks }: ArchiveDue): void {
    this.#database
      .prepare<[string, string, number]>('DELETE FROM archive_due WHERE kind = ? AND period = ? AND marks = ?')
      .run(kind, period, marks);
  }

  /** Blocks as they are stored, after the row `after`, at most `limit`. */
  listStored(after: number, limit: number): StoredBlock[] {
    return this.#database
      .prepare<[number, number], { id: number; count: number; block: Uint8Array }>(
        'SELECT id, count, block FROM reading_day WHERE id > ? ORDER BY id LIMIT ?',
      )
      .all(after, limit)
      .map(({ id, count, block }) => ({
        id,
        seriesId: Math.floor(id / daysMax),
        day: id % daysMax,
        count,
        decode: () => decodeBlock(block, this.#origins),
      }));
  }

  /** UTC days on which any series has a reading, ascending. */
  listAllDays(): DayNumber[] {
    return this.#database
      .prepare<[], { day: number }>(`SELECT DISTINCT id % ${daysMax} AS day FROM reading_day ORDER BY day`)
      .all()
      .map(({ day }) => day);
  }

  /** Current readings that are flushed, and the meter points that have any. */
  countReadings(): { meterPoints: number; readings: number } {
    return this.#database
      .prepare<[], { meterPoints: number; readings: number }>(
        `SELECT count(DISTINCT series.meter_point_id) AS meterPoints, ifnull(sum(count), 0) AS readings
         FROM reading_day JOIN series ON series.id = reading_day.id / ${daysMax}`,
      )
      .get()!;
  }
}

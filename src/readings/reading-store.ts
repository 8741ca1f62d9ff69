import type { Database } from '../kernel/database.ts';
import { microKwh } from '../units/energy.ts';
import { type Instant, instant } from '../units/time.ts';
import type { ArchiveDue, ArchivePeriod } from './archive-period.ts';
import type { DayBlock } from './day-block.ts';
import { decodeBlock, encodeBlock } from './day-block-codec.ts';
import type { ReadingVersion } from './decided-reading.ts';
import type { JournalPosition } from './journal.ts';
import type { OriginTable } from './origin.ts';
import type { Quality } from './reading.ts';
import type { DayNumber, StoredBlocks } from './reading-index.ts';

// reading_day.id = series × daysMax + day, see migrations/003-readings.sql.
const daysMax = 131_072;

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
  readonly #database: Database;
  readonly #origins: OriginTable;
  readonly #findBlock;
  readonly #listBlocks;
  readonly #listDays;
  readonly #putBlock;
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
    this.#putVersion = database.prepare(
      `INSERT INTO reading_version (series_id, at, value, minutes, quality, source_id, line, version_at, received_at, outcome)
       VALUES (@seriesId, @at, @value, @minutes, @quality, @source, @line, @versionAt, @receivedAt, @outcome)`,
    );
    this.#markDue = database.prepare<[ArchivePeriod]>(
      'INSERT INTO archive_due (kind, period) VALUES (@kind, @period) ON CONFLICT DO UPDATE SET marks = marks + 1',
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

  /** Everything the journal holds up to `position`, in one transaction with the position itself. */
  flush(
    blocks: { seriesId: number; day: DayNumber; block: DayBlock }[],
    versions: readonly ReadingVersion[],
    position: Readonly<JournalPosition>,
    due: ArchivePeriod[],
  ): void {
    this.#database
      .transaction(() => {
        for (const { seriesId, day, block } of blocks) {
          this.#putBlock.run(seriesId * daysMax + day, block.count, encodeBlock(block, this.#origins));
        }
        for (const period of due) this.#markDue.run(period);
        for (const { reading, ...version } of versions) {
          this.#putVersion.run({ ...version, ...reading, value: Number.isNaN(reading.value) ? null : reading.value });
        }
        this.#database
          .prepare(
            `INSERT INTO journal_position (one, day, offset, sequence, checksum) VALUES (1, @day, @offset, @sequence, @checksum)
             ON CONFLICT (one) DO UPDATE SET day = @day, offset = @offset, sequence = @sequence, checksum = @checksum`,
          )
          .run(position);
      })
      .immediate();
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
  count(): { meterPoints: number; readings: number } {
    return this.#database
      .prepare<[], { meterPoints: number; readings: number }>(
        `SELECT count(DISTINCT series.meter_point_id) AS meterPoints, ifnull(sum(count), 0) AS readings
         FROM reading_day JOIN series ON series.id = reading_day.id / ${daysMax}`,
      )
      .get()!;
  }
}

import { commitUnsynced, type Database } from '../kernel/database.ts';
import type { ArchivePeriod } from './archive-period.ts';
import { BitWriter } from './bits.ts';
import { encodeBlock } from './day-block-codec.ts';
import type { ReadingVersion } from './decided-reading.ts';
import { DialDueStore, dialDaysOf } from './dial-due-store.ts';
import { FlushedBlockStore } from './flushed-block-store.ts';
import type { JournalPosition } from './journal.ts';
import type { OriginTable } from './origin.ts';
import { daysMax } from './reading-day-id.ts';
import type { FrozenReadings } from './reading-index.ts';
import type { ReadingVersionStore } from './reading-version-store.ts';
import type { ChangedBlock } from './resident-blocks.ts';

const forgottenAtOnce = 2000;

/**
 * What a flush writes, whole or in slices, and the journal's position with which it counts; how a crash in between is survived stands
 * in flush.ts. Nothing is synced: a power cut may take the last transactions back, in the order in which they were made, the position
 * with them, and the journal still has what follows it.
 */
export class FlushStore {
  /** Brings what the journal has beside readings into the database, before a position counts. */
  beforeCount: () => void = () => undefined;
  /** Told of the blocks of a flush while what they replace still stands. */
  onPut: (blocks: readonly ChangedBlock[]) => void = () => undefined;
  readonly #database: Database;
  readonly #origins: OriginTable;
  readonly #versions: ReadingVersionStore;
  readonly #dialDue: DialDueStore;
  readonly #flushed: FlushedBlockStore;
  readonly #keepForUndo;
  readonly #forgetUndo;

  /** Takes back what a flush had written when the process ended: this comes before anything is read. */
  constructor(database: Database, origins: OriginTable, versions: ReadingVersionStore) {
    this.#database = database;
    this.#origins = origins;
    this.#versions = versions;
    this.#dialDue = new DialDueStore(database);
    this.#flushed = new FlushedBlockStore(database);
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
    database.transaction(() => this.#undo()).immediate();
  }

  /** The journal has what is put back here, and is replayed over what stood there before. */
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
    this.#dialDue.markUndone(sequence);
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

  /** Up to where the store holds everything the journal holds; undefined before the first flush. */
  findPosition(): JournalPosition | undefined {
    return this.#database
      .prepare<[], JournalPosition>('SELECT day, offset, sequence, checksum FROM journal_position')
      .get();
  }

  /** Whether every block counts: false after a flush that failed, which the next one makes good. */
  get settled(): boolean {
    const { sequence } = this.#counted();
    return this.#database.prepare('SELECT 1 FROM reading_undo WHERE sequence = ? LIMIT 1').get(sequence) === undefined;
  }

  /** One slice of a flush, in a transaction. It counts when `count` has run; until then the next opening undoes it. */
  putBlocks(blocks: readonly ChangedBlock[]): void {
    this.onPut(blocks);
    const rows = blocks.map(({ seriesId, day, block }) => ({
      id: seriesId * daysMax + day,
      count: block.count,
      bytes: encodeBlock(block, this.#origins),
    }));
    commitUnsynced(this.#database, () => {
      const { sequence } = this.#counted();
      for (const { id, count, bytes } of rows) {
        this.#keepForUndo.run(id, sequence);
        this.#flushed.put(id, count, bytes);
      }
      this.#dialDue.mark(dialDaysOf(blocks, this.#origins));
    });
  }

  /** As putBlocks, for versions kept beside the current readings. */
  addVersions(versions: readonly ReadingVersion[]): void {
    commitUnsynced(this.#database, () => this.#versions.add(versions));
  }

  /** From here on the store holds everything the journal holds up to `position`: what was put and added counts. */
  count(position: Readonly<JournalPosition>, due: readonly ArchivePeriod[]): void {
    this.beforeCount();
    commitUnsynced(this.#database, () => this.#flushed.count(position, due));
  }

  /** Before a whole flush is written, here or by flush-writer.ts. */
  announce(blocks: readonly ChangedBlock[]): void {
    this.onPut(blocks);
    this.beforeCount();
  }

  /** A whole flush in one transaction, which counts with it. */
  putAtOnce(
    { blocks, versions }: FrozenReadings,
    position: Readonly<JournalPosition>,
    due: readonly ArchivePeriod[],
  ): void {
    this.announce(blocks);
    commitUnsynced(this.#database, () => {
      for (const kept of versions.values()) this.#versions.add(kept);
      // Binding copies the bytes, so one writer is enough for all.
      const writer = new BitWriter();
      for (const { seriesId, day, block } of blocks) {
        writer.clear();
        this.#flushed.put(seriesId * daysMax + day, block.count, encodeBlock(block, this.#origins, writer));
      }
      this.#dialDue.mark(dialDaysOf(blocks, this.#origins));
      this.#flushed.count(position, due);
    });
  }

  /** Removes some of what was kept for undoing a flush that counts; false when nothing was left. */
  forgetUndo(): boolean {
    return commitUnsynced(this.#database, () => this.#forgetUndo.run().changes > 0);
  }
}

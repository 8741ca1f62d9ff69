import { mkdirSync } from 'node:fs';
import type { Clock } from '../kernel/clock.ts';
import { Refusal } from '../kernel/errors.ts';
import { storageRefusal } from '../kernel/storage-errors.ts';
import { JournalFile } from './journal-file.ts';
import { frameGroup, headBytesMax } from './journal-frame.ts';
import { RecordBytes } from './record-bytes.ts';

/** The last group that is known: where recovery starts, and what the next group is chained to. */
export interface JournalPosition {
  /** UTC day of the file, "2026-11-21". */
  day: string;
  /** Byte offset just after the group. */
  offset: number;
  sequence: number;
  checksum: number;
}

interface Barrier {
  run: (position: Readonly<JournalPosition>) => void;
  settle: () => void;
  reject: (error: Error) => void;
}

// How often a full disk is asked whether it still is.
const retryMs = 200;

/**
 * The day log. `append` takes records in the tick in which they were decided; `durable` resolves when everything appended so far is
 * on disk. One fdatasync is under way at a time and the next group gathers meanwhile: no timer, and many meters share one sync.
 * A failed sync is final: nothing is acknowledged any more and `onFailure` is told, because a retried fdatasync may report success
 * for pages the kernel has already dropped. A write that finds no room is not: it is taken back, what it held is kept and refused to
 * whoever waits, nothing more is taken, and it is tried again when somebody asks, until there is room.
 */
export class Journal {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #onFailure: (error: Error) => void;
  #position: JournalPosition;
  #file: JournalFile;
  /** What was appended and not written yet. */
  readonly #records = new RecordBytes();
  /** Settles when the records gathered so far are durable. */
  #gathering = Promise.withResolvers<void>();
  /** The group whose sync is under way. */
  #underWay: Promise<void> | undefined;
  #committing = false;
  #barriers: Barrier[] = [];
  /** Those that were run with the group whose sync is under way. */
  #passed: Barrier[] = [];
  #failure: Error | undefined;
  /** Why nothing is taken at the moment: the last write found no room. */
  #full: Refusal | undefined;
  #triedAt = 0;
  #closed = false;
  #syncBegunAt: number | undefined;
  #lastSyncMs = 0;
  /** Told how long each group took from being written to being on disk, in milliseconds. */
  onCommit: (ms: number) => void = () => undefined;

  /** Continues after `position`, cutting whatever recovery found to be torn behind it. */
  constructor(folder: string, position: JournalPosition, clock: Clock, onFailure: (error: Error) => void) {
    this.#folder = folder;
    this.#clock = clock;
    this.#onFailure = onFailure;
    mkdirSync(folder, { recursive: true });
    this.#file = this.#openFile(position.day, position.offset);
    this.#position = { ...position, offset: this.#file.end };
  }

  /** Everything appended and durable so far ends here. */
  get position(): Readonly<JournalPosition> {
    return this.#position;
  }

  /** How long the last sync took, or the one under way takes already, whichever is longer. */
  get syncMs(): number {
    const underWayMs = this.#syncBegunAt === undefined ? 0 : performance.now() - this.#syncBegunAt;
    return Math.max(this.#lastSyncMs, underWayMs);
  }

  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** How much was appended and waits for the sync under way. */
  get gatheredBytes(): number {
    return this.#records.length;
  }

  /** Whether the disk had no room for the last group. */
  get full(): boolean {
    return this.#full !== undefined;
  }

  /** A record: a line without its end, or the bytes of whole lines, which are the caller's again when this returns. */
  append(record: string | Uint8Array): void {
    if (this.#failure) throw this.#failure;
    if (this.#full) {
      if (performance.now() - this.#triedAt > retryMs) this.#startCommitting();
      throw this.#full;
    }
    if (typeof record === 'string') this.#records.text(`${record}\n`);
    else this.#records.copy(record);
  }

  /** Resolves when all that was appended before this call is on disk; rejects when it may not be. */
  durable(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#records.length === 0) return this.#underWay ?? Promise.resolve();
    this.#startCommitting();
    return this.#gathering.promise;
  }

  /**
   * Runs `act` in the tick in which everything appended is written, so that nothing is appended between the position it is handed and
   * what it does: the moment of a flush. Resolves with what `act` returns when all up to that position is durable.
   */
  barrier<T>(act: (position: Readonly<JournalPosition>) => T): Promise<T> {
    if (this.#failure) return Promise.reject(this.#failure);
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    let settle: () => void = () => undefined;
    const run = (position: Readonly<JournalPosition>) => {
      try {
        const result = act(position);
        settle = () => resolve(result);
      } catch (error) {
        settle = () => reject(error);
      }
    };
    this.#barriers.push({ run, settle: () => settle(), reject });
    this.#startCommitting();
    return promise;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (!this.#failure) {
      await this.barrier(() => undefined).catch((error: unknown) => {
        // What there was no room for was not acknowledged.
        if (error !== this.#full) throw error;
      });
    }
    await this.#file.filling;
    if (!this.#failure) this.#file.cut();
    this.#file.close();
    // The number of the descriptor may be given to another file at once: nothing may be written to it any more.
    this.#failure ??= new Refusal('storage-failed', 'the readings journal is closed');
  }

  #startCommitting(): void {
    if (this.#committing) return;
    this.#committing = true;
    // Not at once: every request of this turn of the event loop joins the group.
    setImmediate(() => void this.#commit());
  }

  async #commit(): Promise<void> {
    while (!this.#failure && (this.#records.length > 0 || this.#barriers.length > 0)) {
      if (this.#file.filling && !this.#hasPlace()) {
        await this.#file.filling;
        continue;
      }
      const group = this.#gathering;
      // Whoever waits hears of a failure through `durable`; a group nobody waits for must not become an unhandled rejection.
      group.promise.catch(() => undefined);
      this.#gathering = Promise.withResolvers<void>();
      let written = false;
      try {
        const begunAt = performance.now();
        const anything = this.#records.length > 0;
        if (anything) {
          this.#syncBegunAt = begunAt;
          this.#writeGroup();
        }
        written = true;
        this.#full = undefined;
        this.#passed = this.#barriers;
        this.#barriers = [];
        for (const { run } of this.#passed) run(this.#position);
        if (anything) {
          this.#underWay = group.promise;
          await this.#file.sync();
          this.#noteSync(begunAt);
          if (!this.#closed) this.#file.fillAhead();
        }
      } catch (error) {
        if (written || !this.#takeBack(error, group)) this.#fail(error, group);
        break;
      }
      this.#underWay = undefined;
      group.resolve();
      for (const { settle } of this.#passed) settle();
      this.#passed = [];
    }
    this.#committing = false;
  }

  #noteSync(begunAt: number): void {
    this.#lastSyncMs = performance.now() - begunAt;
    this.#syncBegunAt = undefined;
    this.onCommit(this.#lastSyncMs);
  }

  /** Whether what was gathered fits in front of the zeros that are being written, into the same file. */
  #hasPlace(): boolean {
    return this.#today() <= this.#file.day && this.#file.hasPlace(headBytesMax + this.#records.length);
  }

  #today(): string {
    return new Date(this.#clock.now()).toISOString().slice(0, 10);
  }

  #writeGroup(): void {
    const day = this.#today();
    // A clock set back does not reopen an older file: files stay in the order of their groups.
    if (day > this.#file.day) this.#rotate(day);
    const sequence = this.#position.sequence + 1;
    const { bytes, checksum } = frameGroup(sequence, this.#position.checksum, this.#records.bytes);
    this.#file.write(bytes);
    this.#records.clear();
    this.#position = { day: this.#file.day, offset: this.#file.end, sequence, checksum };
  }

  #rotate(day: string): void {
    const before = this.#file;
    this.#file = this.#openFile(day, 0);
    this.#position = { ...this.#position, day, offset: this.#file.end };
    before.cut();
    before.close();
  }

  #openFile(day: string, end: number): JournalFile {
    return new JournalFile(this.#folder, day, end, error => this.#fail(error, this.#gathering));
  }

  /** Undoes a write that found no room and says so to everybody who waits. False when it was not for want of room, or cannot be undone. */
  #takeBack(error: unknown, group: { reject: (error: Error) => void }): boolean {
    const full = storageRefusal(error);
    if (full?.code !== 'storage-full') return false;
    try {
      this.#file.cut();
    } catch {
      return false;
    }
    this.#full = full;
    this.#triedAt = performance.now();
    this.#syncBegunAt = undefined;
    group.reject(full);
    for (const barrier of this.#barriers) barrier.reject(full);
    this.#barriers = [];
    return true;
  }

  #fail(cause: unknown, group: { reject: (error: Error) => void }): void {
    if (this.#failure) {
      group.reject(this.#failure);
      return;
    }
    this.#failure = new Refusal('storage-failed', 'the readings journal cannot be written');
    this.#failure.cause = cause;
    group.reject(this.#failure);
    this.#gathering.promise.catch(() => undefined);
    this.#gathering.reject(this.#failure);
    for (const barrier of [...this.#passed, ...this.#barriers]) barrier.reject(this.#failure);
    this.#onFailure(this.#failure);
  }
}

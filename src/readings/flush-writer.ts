import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { NewRows } from '../accounts/meter-point-rows-store.ts';
import type { ArchivePeriod } from './archive-period.ts';
import type { JournalPosition } from './journal.ts';
import type { OriginTable } from './origin.ts';
import { buffersOf, type PackedBlocks, packBlocks } from './packed-blocks.ts';
import type { ChangedBlock } from './resident-blocks.ts';

/** A flush, whole. */
export interface FlushOrder {
  blocks: PackedBlocks;
  position: Readonly<JournalPosition>;
  due: readonly ArchivePeriod[];
}
/** What the thread is asked: a flush, rows of new meter points, or to end. */
export type WriteOrder = { flush: FlushOrder } | { rows: NewRows } | 'end';

/** What it answers to each, in their order: the memory of the blocks, to be used again; `code` is SQLite's. */
export interface WriteAnswer {
  blocks?: PackedBlocks;
  error: { message: string; code: string } | undefined;
}

// What a thread needs of its own is little, and a command is to stay small.
const youngMegabytesMax = 2;

/**
 * Writes flushes on a thread with a connection of its own, so that a command takes the next readings meanwhile: encoding blocks and writing
 * them is a third of a large import. And what a file is the first to name, which is as much of one that names many meters. One order after
 * the other, each a transaction: a flush counts or not as a whole and is not synced, as none is; rows are on disk before anybody is told,
 * as the journal refers to them. The thread starts with the first order and keeps no process alive. When it fails, whoever waits is told,
 * and the next order starts another: what was not flushed is in the journal.
 */
export class FlushWriter {
  readonly #path: string;
  #worker: Worker | undefined;
  /** Who waits for the orders under way. */
  #waiting: PromiseWithResolvers<void>[] = [];
  #spare: PackedBlocks | undefined;

  /** `path` is the database's. */
  constructor(path: string) {
    this.#path = path;
  }

  write(
    changed: readonly ChangedBlock[],
    origins: OriginTable,
    position: Readonly<JournalPosition>,
    due: readonly ArchivePeriod[],
  ): Promise<void> {
    const blocks = packBlocks(changed, origins, this.#spare);
    this.#spare = undefined;
    return this.#order({ flush: { blocks, position, due } }, buffersOf(blocks));
  }

  /** Resolves when they stand in the database and are on disk. */
  writeRows(rows: NewRows): Promise<void> {
    return this.#order({ rows }, []);
  }

  #order(order: WriteOrder, handed: ArrayBuffer[]): Promise<void> {
    const waiting = Promise.withResolvers<void>();
    this.#waiting.push(waiting);
    this.#worker ??= this.#start();
    this.#worker.ref();
    this.#worker.postMessage(order, handed);
    return waiting.promise;
  }

  /** Ends the thread. Nobody waits for it any more. */
  async close(): Promise<void> {
    const worker = this.#worker;
    if (!worker) return;
    worker.ref();
    const ended = new Promise(resolve => worker.once('exit', resolve));
    worker.postMessage('end' satisfies WriteOrder);
    await ended;
  }

  #start(): Worker {
    const worker = new Worker(new URL('./flush-writer-thread.ts', import.meta.url), {
      workerData: this.#path,
      env: { ...process.env, ...cached() },
      resourceLimits: { maxYoungGenerationSizeMb: youngMegabytesMax },
    });
    worker.on('message', ({ blocks, error }: WriteAnswer) => {
      if (blocks) this.#spare = blocks;
      const waiting = this.#waiting.shift();
      if (this.#waiting.length === 0) worker.unref();
      if (error) waiting?.reject(Object.assign(new Error(error.message), { code: error.code }));
      else waiting?.resolve();
    });
    worker.on('error', error => this.#fail(worker, error));
    worker.on('exit', () => this.#fail(worker, new Error('the thread that writes flushes ended')));
    return worker;
  }

  #fail(worker: Worker, error: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
  }
}

/** A thread does not take part in the compile cache by itself, and taking the types out of its files takes 14 MB. */
function cached(): NodeJS.ProcessEnv {
  const folder = getCompileCacheDir();
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) };
}

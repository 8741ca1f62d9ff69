import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ArchivePeriod } from './archive-period.ts';
import type { JournalPosition } from './journal.ts';
import type { OriginTable } from './origin.ts';
import { buffersOf, type PackedBlocks, packBlocks } from './packed-blocks.ts';
import type { ChangedBlock } from './resident-blocks.ts';

/** What the thread is asked: a flush, whole; or to end. */
export interface FlushOrder {
  blocks: PackedBlocks;
  position: Readonly<JournalPosition>;
  due: readonly ArchivePeriod[];
}
/** What it answers: the memory of the blocks, to be used again; `code` is SQLite's. */
export interface FlushAnswer {
  blocks: PackedBlocks;
  error: { message: string; code: string } | undefined;
}

// What a thread needs of its own is little, and a command is to stay small.
const youngMegabytesMax = 2;

/**
 * Writes flushes on a thread with a connection of its own, so that a command takes the next readings meanwhile: encoding blocks and writing
 * them is a third of a large import. One flush at a time, which counts or not as a whole; it is not synced, as none is. The thread starts
 * with the first one and keeps no process alive. When it fails, whoever waits is told, and the next flush starts another: what was not
 * written is in the journal.
 */
export class FlushWriter {
  readonly #path: string;
  #worker: Worker | undefined;
  #waiting: PromiseWithResolvers<void> | undefined;
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
    const waiting = Promise.withResolvers<void>();
    this.#waiting = waiting;
    this.#worker ??= this.#start();
    const blocks = packBlocks(changed, origins, this.#spare);
    this.#spare = undefined;
    const order: FlushOrder = { blocks, position, due };
    this.#worker.ref();
    this.#worker.postMessage(order, buffersOf(blocks));
    return waiting.promise;
  }

  /** Ends the thread. Nobody waits for it any more. */
  async close(): Promise<void> {
    const worker = this.#worker;
    if (!worker) return;
    worker.ref();
    const ended = new Promise(resolve => worker.once('exit', resolve));
    worker.postMessage('end');
    await ended;
  }

  #start(): Worker {
    const worker = new Worker(new URL('./flush-writer-thread.ts', import.meta.url), {
      workerData: this.#path,
      env: { ...process.env, ...cached() },
      resourceLimits: { maxYoungGenerationSizeMb: youngMegabytesMax },
    });
    worker.on('message', ({ blocks, error }: FlushAnswer) => {
      this.#spare = blocks;
      worker.unref();
      if (error) this.#waiting?.reject(Object.assign(new Error(error.message), { code: error.code }));
      else this.#waiting?.resolve();
      this.#waiting = undefined;
    });
    worker.on('error', error => this.#fail(worker, error));
    worker.on('exit', () => this.#fail(worker, new Error('the thread that writes flushes ended')));
    return worker;
  }

  #fail(worker: Worker, error: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}

/** A thread does not take part in the compile cache by itself, and taking the types out of its files takes 14 MB. */
function cached(): NodeJS.ProcessEnv {
  const folder = getCompileCacheDir();
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) };
}

import { Refusal } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import type { Turns } from '../kernel/turns.ts';
import { instantOfMs } from '../units/time.ts';
import type { UndoDeps, UndoReport } from './import-undo.ts';
import type { ImportUndo, ImportUndoStore } from './import-undo-store.ts';
import { undoImport } from './undo-import.ts';

export interface ImportUndosDeps extends UndoDeps {
  undos: ImportUndoStore;
  /** Those of the import queue: an import is never taken back while another one runs. */
  turns: Turns;
  log: Log;
}

/** Taking imports back: what is ordered is in the database, and a restart goes on with it. */
export class ImportUndos {
  readonly #deps: ImportUndosDeps;
  #working: Promise<unknown> = Promise.resolve();
  readonly #abort = new AbortController();

  constructor(deps: ImportUndosDeps) {
    this.#deps = deps;
  }

  find(run: number): ImportUndo | undefined {
    return this.#deps.undos.find(run);
  }

  /** What taking it back would do. Throws 'import-unknown', 'import-not-undoable' and 'import-undone'. */
  preview(id: number): Promise<UndoReport> {
    const run = this.#undoable(id);
    return this.#deps.turns.take(() => undoImport(this.#deps, run, { dryRun: true }));
  }

  /** Takes it back; resolves when that is done and on disk. Throws as `preview`. */
  async undo(id: number, by: string): Promise<ImportUndo> {
    this.#undoable(id);
    this.#deps.undos.order(id, by, this.#now());
    await this.#carryOut(id);
    return this.#deps.undos.find(id)!;
  }

  /** Goes on with what an earlier process left. */
  start(): void {
    for (const { run, orderedAt, withdrawn } of this.#deps.undos.listOpen()) {
      this.#deps.log.info({ run }, 'the undoing of an import is taken up again');
      this.#carryOut(run, { orderedAt, withdrawn }).catch((error: unknown) =>
        this.#deps.log.error({ err: error, run }, 'an import was not undone'),
      );
    }
  }

  /** Ends between two slices, for good: the next process goes on. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#working;
  }

  #undoable(id: number) {
    const run = this.#deps.imports.get(id);
    if (this.#deps.undos.find(id)) throw new Refusal('import-undone', `Import ${id} was undone already.`);
    if (run.state !== 'finished' && run.state !== 'cancelled' && run.state !== 'failed')
      throw new Refusal('import-not-undoable', `Import ${id} is ${run.state}.`);
    return run;
  }

  #carryOut(id: number, before?: Pick<ImportUndo, 'orderedAt' | 'withdrawn'>): Promise<void> {
    const { turns, undos, imports, journal } = this.#deps;
    const done = turns.take(async () => {
      const { signal } = this.#abort;
      if (signal.aborted) return;
      const onWithdrawn = (withdrawn: UndoReport) => undos.noteWithdrawn(id, withdrawn);
      const options = { dryRun: false, signal, onWithdrawn, ...(before && { before }) };
      const report = await undoImport(this.#deps, imports.get(id), options);
      if (signal.aborted) return;
      await journal.durable();
      undos.finish(id, report, this.#now());
    });
    this.#working = done.catch(() => undefined);
    return done;
  }

  #now(): number {
    return instantOfMs(this.#deps.clock.now());
  }
}

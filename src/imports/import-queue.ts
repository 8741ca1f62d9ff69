import { EventEmitter } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { Slices } from '../kernel/slices.ts';
import { Turns } from '../kernel/turns.ts';
import type { Journal } from '../readings/journal.ts';
import { instantOfMs } from '../units/time.ts';
import { goOnLater, isForWantOfRoom } from './go-on-later.ts';
import { type ImportDeps, type ImportProgress, importFile } from './import-file.ts';
import type { ImportReport } from './import-report.ts';
import {
  type ImportFailure,
  type ImportOrder,
  type ImportRun,
  isDryRun,
  isOver,
  type ReportedRun,
} from './import-run.ts';
import type { ImportRunStore } from './import-run-store.ts';
import { keepFile } from './keep-file.ts';
import { KnownRuns } from './known-runs.ts';
import type { ImportProblem } from './problem.ts';
import { rehearsedBooks } from './rehearse-import.ts';
import { progressSince, type RunProgress } from './run-progress.ts';

export interface ImportQueueDeps extends ImportDeps {
  imports: ImportRunStore;
  journal: Journal;
  /** Where the bytes of dry runs are until they are over. */
  rehearsalFolder: string;
  /** Flushes what a run brought and makes it listable, before the run is said to be over. */
  settle?: () => Promise<unknown>;
  /** Told of a run that is over, in the transaction that ends it. */
  alert?: (run: ReportedRun) => void;
  log: Log;
}

interface Current {
  id: number;
  abort: AbortController;
  /** Why it was told to end. */
  why: 'cancelled' | 'interrupted' | undefined;
  progress: ImportProgress;
  stageSince: number;
}

// A file that ends the process every time is given up, or no start would ever be quiet again.
const resumedMax = 5;
const forgottenAtOnce = 2000;

/**
 * One import at a time, in the background, in the order they were handed in. What waits or runs is in the database, so a restart goes
 * on with it from its kept bytes; readings that were taken already are known then. A dry run has a number below zero, is in memory
 * alone and forgotten when the process ends. Nothing that a file does ends the process.
 */
export class ImportQueue {
  readonly runs: KnownRuns;
  readonly #deps: ImportQueueDeps;
  readonly #changes = new EventEmitter();
  /** For whoever must not meet a running import. */
  readonly turns = new Turns();
  readonly #waiting: number[] = [];
  /** Whoever waits to hear that a run broke off. */
  readonly #onBreak = new Map<number, (error: unknown) => void>();
  /** For want of room, in this process: what says that they ran is no sign of a process that ended. */
  readonly #brokenOff = new Set<number>();
  /** Of which something was taken, or may have been by an earlier process, before they broke off. */
  readonly #halfTaken = new Set<number>();
  #current: Current | undefined;
  #working: Promise<void> | undefined;
  #paused = false;
  #stopped = false;

  constructor(deps: ImportQueueDeps) {
    this.#deps = deps;
    this.runs = new KnownRuns(deps.imports, this.#now());
    this.#changes.setMaxListeners(0);
  }

  /** Puts a file's bytes where an import finds them, streamed. Throws 'body-too-large' and what `source` throws. */
  keep(
    source: AsyncIterable<Uint8Array>,
    options: { dryRun: boolean; maxBytes?: number },
  ): Promise<{ sha256: string; size: number }> {
    const { maxBytes } = options;
    return keepFile(this.#folderOf(options.dryRun), source, maxBytes === undefined ? {} : { maxBytes });
  }

  /** Hands in a file whose bytes are kept. A dry run reports what the import would do, and changes nothing. */
  order(order: ImportOrder, { dryRun = false } = {}): ImportRun {
    const id = this.runs.add(order, dryRun, this.#now());
    this.#waiting.push(id);
    this.#kick();
    return this.runs.get(id);
  }

  /** Takes up again what an earlier process left, and says so. */
  start(): void {
    rmSync(this.#deps.rehearsalFolder, { recursive: true, force: true });
    for (const run of this.#deps.imports.listOpen()) {
      if (this.#waiting.includes(run.id) || this.#current?.id === run.id) continue;
      this.#waiting.push(run.id);
      if (run.state !== 'waiting') this.#halfTaken.add(run.id);
      if (run.state !== 'waiting') this.#deps.log.info({ run: run.id, file: run.name }, 'an import is taken up again');
    }
    this.#kick();
  }

  /** Ends the running import between two slices; it goes on with `resume`. */
  pause(): void {
    this.#paused = true;
    this.#interrupt('interrupted');
    this.#tellAll();
  }

  resume(): void {
    this.#paused = false;
    this.#kick();
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Whether nothing goes on for the moment, or for good. */
  get paused(): boolean {
    return this.#paused || this.#stopped;
  }

  /** As pause, for good: the next process goes on. Resolves when nothing runs any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#interrupt('interrupted');
    await this.#working;
    this.#tellAll();
  }

  /** Throws 'import-unknown' and 'import-not-cancellable'. What was taken until then stays, and is reported. */
  cancel(id: number): void {
    const run = this.runs.get(id);
    if (isOver(run)) throw new Refusal('import-not-cancellable', `Import ${id} is ${run.state} already.`);
    const isCurrent = this.#current?.id === id;
    // All or nothing: half of a strict import would be neither.
    if (run.strict && (this.#halfTaken.has(id) || (isCurrent && this.#current?.progress.stage === 'taking')))
      throw new Refusal('import-not-cancellable', `Import ${id} is strict and takes its readings in already.`);
    if (isCurrent) {
      this.#interrupt('cancelled');
      return;
    }
    // First of all what the disk may have no room for: otherwise it would neither be cancelled nor go on.
    this.#close(run, 'cancelled');
    const at = this.#waiting.indexOf(id);
    if (at >= 0) this.#waiting.splice(at, 1);
  }

  progressOf(id: number): RunProgress | undefined {
    const current = this.#current;
    return current?.id === id ? progressSince(current.stageSince, current.progress) : undefined;
  }

  /** Calls `listener` whenever the run got further; call what is returned to end that. */
  watch(id: number, listener: () => void): () => void {
    this.#changes.on(String(id), listener);
    return () => this.#changes.off(String(id), listener);
  }

  /** The run when it is over, or as it stands when the queue does not go on, or after `msMax`. */
  settled(id: number, msMax?: number): Promise<ReportedRun> {
    return new Promise(resolve => {
      const look = (timeIsUp = false) => {
        // Hundreds of times a second: what is under way is not over, and need not be asked for.
        if (this.#current?.id === id && !this.paused && !timeIsUp) return;
        const run = this.runs.get(id);
        if (!isOver(run) && !this.paused && !timeIsUp) return;
        unwatch();
        clearTimeout(timer);
        resolve(run);
      };
      const unwatch = this.watch(id, look);
      const timer = msMax === undefined ? undefined : setTimeout(() => look(true), msMax);
      look();
    });
  }

  /** Rejects when the run breaks off because the disk or the database takes nothing: it goes on later, or at the next start. */
  broken(id: number): Promise<never> {
    return new Promise((_, reject) => this.#onBreak.set(id, reject));
  }

  #kick(): void {
    if (this.#working || this.paused) return;
    this.#working = this.#work()
      .then(() => undefined)
      .catch((error: unknown) => {
        this.#deps.log.error({ err: error }, 'the queue of imports broke off and goes on later');
        return goOnLater(error, this.#deps.importFolder, this.#deps.journal);
      })
      .then(later => {
        this.#working = undefined;
        if (later) void later().then(() => this.#kick());
        else if (this.#waiting.length > 0) this.#kick();
      });
  }

  async #work(): Promise<void> {
    // Whoever handed in the file gets its number before the work begins.
    await Promise.resolve();
    for (let id = this.#next(); id !== undefined; id = this.#next()) {
      try {
        await this.#workOn(id);
      } catch (error) {
        // The disk or the database takes nothing at the moment, not even that this one waits.
        this.#noteTaken();
        this.#current = undefined;
        this.#brokenOff.add(id);
        this.#waiting.unshift(id);
        this.#onBreak.get(id)?.(error);
        throw error;
      }
    }
  }

  async #workOn(id: number): Promise<void> {
    const run = this.runs.get(id);
    try {
      await this.turns.take(() => this.#carryOut(run));
    } catch (error) {
      if (isForWantOfRoom(error)) throw error;
      this.#fail(run, error);
    }
    this.#current = undefined;
    if (isDryRun(run)) this.#forget(run);
    this.#onBreak.delete(run.id);
    this.#tell(run.id);
  }

  #next(): number | undefined {
    return this.paused ? undefined : this.#waiting.shift();
  }

  async #carryOut(run: ReportedRun): Promise<void> {
    const isNoStart = this.#brokenOff.delete(run.id) || run.state === 'waiting';
    const resumed = isNoStart ? run.resumed : run.resumed + 1;
    if (resumed > resumedMax) {
      this.#close(run, 'failed', {
        code: 'import-abandoned',
        message: `the process ended ${run.resumed} times while it was under way`,
      });
      return;
    }
    const abort = new AbortController();
    const progress: ImportProgress = { stage: 'reading', done: 0, total: run.size };
    const current: Current = { id: run.id, abort, why: undefined, progress, stageSince: performance.now() };
    this.#current = current;
    this.runs.setRunning(run.id, this.#now(), resumed);
    this.#tell(run.id);
    if (!isDryRun(run)) await this.#forgetProblems(run.id);
    const report = await importFile(
      this.#booksOf(run),
      { ...run, by: run.importedBy, run: run.id },
      { signal: abort.signal, onProgress: to => this.#advance(current, to) },
    );
    if (report.cancelled && current.why === 'interrupted') {
      this.#noteTaken();
      this.#putBack(run);
    } else await this.#finish(run, report);
  }

  /** An attempt that ended with its process may have kept some. */
  async #forgetProblems(id: number): Promise<void> {
    const slices = new Slices();
    while (this.#deps.imports.cutProblems(id, 0, forgottenAtOnce)) await slices.pause();
  }

  /** What the import writes about itself is written here, together with the state it ends in. */
  #booksOf(run: ImportRun): ImportDeps {
    const { imports } = this.#deps;
    const importFolder = this.#folderOf(isDryRun(run));
    if (isDryRun(run)) return { ...this.#deps, ...rehearsedBooks(this.#deps), importFolder };
    const silent = {
      begin: () => run.id,
      finish: () => undefined,
      findFinished: (sha256: string) => imports.findFinished(sha256),
    };
    const problems = {
      keep: (position: number, found: readonly ImportProblem[]) => imports.addProblems(run.id, position, found),
      cut: (position: number) => imports.cutProblems(run.id, position, forgottenAtOnce),
    };
    return { ...this.#deps, imports: silent, importFolder, problems };
  }

  #advance(current: Current, progress: ImportProgress): void {
    if (current.progress.stage !== progress.stage) current.stageSince = performance.now();
    current.progress = progress;
    this.#tell(current.id);
  }

  async #finish(run: ImportRun, report: ImportReport): Promise<void> {
    const now = this.#now();
    if (!isDryRun(run) && report.counts.new + report.counts.revised > 0) await this.#deps.settle?.();
    this.#end(run, () => this.runs.finish({ ...report, run: run.id }, now));
  }

  /** Of a dry run nothing ever is. */
  #noteTaken(): void {
    const { id = 0, progress } = this.#current ?? {};
    if (id > 0 && progress?.stage === 'taking') this.#halfTaken.add(id);
  }

  #putBack(run: ImportRun): void {
    this.runs.setInterrupted(run.id);
    this.#waiting.unshift(run.id);
  }

  #fail(run: ImportRun, error: unknown): void {
    // The process is about to end; the next one takes the run up again.
    if (this.#deps.journal.failed) return;
    if (error instanceof Refusal) {
      this.#close(run, 'failed', { code: error.code, message: error.message });
      return;
    }
    this.#deps.log.error({ err: error, run: run.id, file: run.name }, 'an import failed');
    const why = error instanceof Error ? error.message : String(error);
    this.#close(run, 'failed', { code: 'internal', message: `it broke on our side: ${why}` });
  }

  #close(run: ImportRun, state: 'failed' | 'cancelled', failure?: ImportFailure): void {
    this.#end(run, () => this.runs.close(run.id, state, this.#now(), failure));
    this.#tell(run.id);
  }

  #end(run: ImportRun, end: () => void): void {
    const { imports, alert } = this.#deps;
    if (isDryRun(run)) {
      end();
      return;
    }
    imports.together(() => {
      end();
      alert?.(imports.get(run.id));
    });
    this.#halfTaken.delete(run.id);
  }

  #forget({ sha256 }: ImportRun): void {
    if (!this.runs.isRehearsed(sha256)) rmSync(join(this.#deps.rehearsalFolder, sha256), { force: true });
  }

  #interrupt(why: Current['why']): void {
    if (!this.#current) return;
    this.#current.why ??= why;
    this.#current.abort.abort();
  }

  #tell(id: number): void {
    this.#changes.emit(String(id));
  }

  #tellAll(): void {
    for (const name of this.#changes.eventNames()) this.#changes.emit(name);
  }

  #folderOf(dryRun: boolean): string {
    return dryRun ? this.#deps.rehearsalFolder : this.#deps.importFolder;
  }

  #now(): number {
    return instantOfMs(this.#deps.clock.now());
  }
}

import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { Refusal } from '../kernel/errors.ts';
import { writeAtomic } from '../kernel/files.ts';
import type { Log } from '../kernel/log.ts';
import { fileNameOf } from './file-name.ts';
import type { ImportQueue } from './import-queue.ts';
import { isOver, type ReportedRun } from './import-run.ts';
import type { ImportRunStore } from './import-run-store.ts';
import { reportText } from './report-text.ts';

interface WatchDeps {
  folder: string;
  queue: ImportQueue;
  imports: Pick<ImportRunStore, 'listOpen'>;
  log: Log;
  /** Larger files are set aside unread. */
  bytesMax?: number;
}

/** What tells one content of a path from the next. */
interface Sighting {
  inode: number;
  size: number;
  changedAtMs: number;
}

export interface WaitingFile {
  name: string;
  size: number;
  /** The run that has it, undefined while it is looked at. */
  run: number | undefined;
}

export interface PutAwayFile {
  name: string;
  size: number;
  putAwayAtMs: number;
  /** The text beside it. */
  report: string;
}

interface Entry {
  name: Buffer;
  /** As a map's key: bytes that are no UTF-8 stay apart. */
  key: string;
  path: Buffer;
}

const defaultBytesMax = 1e9;
const chunkBytes = 256 * 1024;
const tailBytes = 4096;
const problemsWrittenMax = 10_000;
const listedMax = 100;
const outcomes = ['processed', 'failed'] as const;
type Outcome = (typeof outcomes)[number];

/**
 * A folder whose files are imported by themselves. It is looked at again and again, because no file system tells reliably. A file is
 * taken when two looks found it the same, when its trailer is there, or when it was renamed from NAME.part; it is then moved to
 * processed/ or failed/ with a report beside it. Links and whatever is no plain file are set aside and never followed. A file that
 * changes while it is read is left for the next look.
 */
export class WatchFolder {
  readonly #deps: WatchDeps;
  readonly #seen = new Map<string, Sighting>();
  readonly #parts = new Set<number>();
  readonly #underWay = new Map<string, { run: number; done: Promise<void> }>();
  #looking: Promise<void> | undefined;

  constructor(deps: WatchDeps) {
    this.#deps = deps;
  }

  get folder(): string {
    return this.#deps.folder;
  }

  /** One look at the folder, never two at once. */
  async look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    await this.#looking;
  }

  /** Resolves when every file that was taken is put away, or the queue does not go on. */
  async quiet(): Promise<void> {
    await Promise.all([...this.#underWay.values()].map(({ done }) => done));
  }

  listWaiting(): WaitingFile[] {
    return this.#entries().flatMap(entry => {
      const found = statOf(entry.path);
      if (!found) return [];
      return [{ name: fileNameOf(entry.name.toString()), size: found.size, run: this.#underWay.get(entry.key)?.run }];
    });
  }

  /** What was put away, newest first. */
  listPutAway(outcome: Outcome): PutAwayFile[] {
    const folder = join(this.folder, outcome);
    return namesIn(folder)
      .filter(name => !isReport(name))
      .flatMap(name => {
        const found = statOf(Buffer.from(join(folder, name)));
        return found ? [{ name, size: found.size, putAwayAtMs: found.ctimeMs, report: `${name}.report.txt` }] : [];
      })
      .sort((a, b) => b.putAwayAtMs - a.putAwayAtMs)
      .slice(0, listedMax);
  }

  /** Puts a failed file back, to be tried once more. Throws 'file-missing'. */
  retry(name: string): void {
    const folder = join(this.folder, 'failed');
    // The name is one that the folder has, never a path that somebody sent.
    const known = namesIn(folder).find(each => each === name && !isReport(each));
    if (known === undefined) throw new Refusal('file-missing', `there is no failed file "${fileNameOf(name)}"`);
    renameSync(join(folder, known), join(this.folder, freeName(this.folder, known)));
    for (const kind of ['txt', 'json']) rmSync(join(folder, `${known}.report.${kind}`), { force: true });
  }

  async #look(): Promise<void> {
    if (this.#deps.queue.paused) return;
    for (const outcome of outcomes) mkdirSync(join(this.folder, outcome), { recursive: true });
    const entries = this.#entries();
    const present = new Set(entries.map(({ key }) => key));
    for (const key of this.#seen.keys()) if (!present.has(key)) this.#seen.delete(key);
    for (const entry of entries) {
      try {
        await this.#consider(entry);
      } catch (error) {
        // Deleted or renamed between two calls, or not to be read: the next look sees what is there then.
        this.#seen.delete(entry.key);
        this.#deps.log.warn(
          { err: error, file: fileNameOf(entry.name.toString()) },
          'a watched file could not be read',
        );
      }
    }
  }

  /** Files that are wholly there, by their names; halves are remembered by their number. */
  #entries(): Entry[] {
    const folder = Buffer.from(`${this.folder}${sep}`);
    const entries = readNames(this.folder).map(name => ({
      name,
      key: name.toString('latin1'),
      path: Buffer.concat([folder, name]),
    }));
    return entries.filter(({ name, path }) => {
      const text = name.toString();
      if (text.startsWith('.') || outcomes.some(outcome => outcome === text)) return false;
      if (/(\.part|\.filepart|\.tmp|~)$/i.test(text)) {
        const found = statOf(path);
        if (found?.isFile()) this.#parts.add(found.ino);
        return false;
      }
      return !statOf(path)?.isDirectory();
    });
  }

  async #consider(entry: Entry): Promise<void> {
    if (this.#underWay.has(entry.key)) return;
    const found = lstatSync(entry.path);
    if (!found.isFile()) return this.#setAside(entry, 'it is a link or no plain file; such are never followed');
    const { bytesMax = defaultBytesMax } = this.#deps;
    if (found.size > bytesMax) return this.#setAside(entry, `it has ${found.size} bytes; at most ${bytesMax} are read`);
    const now = sightingOf(found);
    const before = this.#seen.get(entry.key);
    this.#seen.set(entry.key, now);
    const settled = this.#parts.has(now.inode) || isSame(before, now) || hasTrailer(entry.path, now);
    if (!settled) return;
    if (found.size === 0) return this.#setAside(entry, 'it is empty');
    await this.#take(entry, now);
  }

  async #take(entry: Entry, seen: Sighting): Promise<void> {
    const { queue, imports, bytesMax = defaultBytesMax } = this.#deps;
    // Not through a link that was put there since, and not waiting for somebody to write into a pipe.
    const file = await open(entry.path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    let kept: { sha256: string; size: number };
    try {
      if (!isSame(seen, sightingOf(await file.stat()))) return;
      kept = await queue.keep(partsOf(file, bytesMax), { dryRun: false, maxBytes: bytesMax });
      if (!isSame(seen, sightingOf(await file.stat()))) return;
    } finally {
      await file.close();
    }
    if (!isSame(seen, sightingOf(lstatSync(entry.path)))) return;
    this.#parts.delete(seen.inode);
    const order = { name: fileNameOf(entry.name.toString()), strict: false, importedBy: 'folder' };
    // A restart finds the file still here and its run in the queue.
    const known = imports
      .listOpen()
      .find(run => run.sha256 === kept.sha256 && run.importedBy === 'folder' && run.name === order.name);
    const run = known ?? queue.order({ ...order, ...kept, profile: '', meterPoint: '' });
    const done = queue
      .settled(run.id)
      .then(settled => (isOver(settled) ? this.#putAway(entry, seen, settled) : undefined))
      .catch((error: unknown) => {
        this.#deps.log.error({ err: error, run: run.id }, 'a watched file could not be put away');
      })
      .finally(() => this.#underWay.delete(entry.key));
    this.#underWay.set(entry.key, { run: run.id, done });
  }

  #putAway(entry: Entry, seen: Sighting, run: ReportedRun): void {
    const { queue } = this.#deps;
    const problems = queue.runs.listProblems(run.id, {}, problemsWrittenMax, 0);
    const outcome = hasFailed(run) ? 'failed' : 'processed';
    const folder = join(this.folder, outcome);
    const name = freeName(folder, fileNameOf(entry.name.toString()));
    // Another content under the name, put there meanwhile, is a file of its own.
    if (isSame(seen, sightingOf(statOf(entry.path)))) renameSync(entry.path, join(folder, name));
    this.#seen.delete(entry.key);
    writeAtomic(join(folder, `${name}.report.txt`), reportText(run, queue.runs.countByRule(run.id), problems));
    writeAtomic(join(folder, `${name}.report.json`), `${JSON.stringify({ ...run, problems }, null, 1)}\n`);
    this.#deps.log.info({ run: run.id, file: name, outcome }, 'a watched file was put away');
  }

  #setAside(entry: Entry, why: string): void {
    const folder = join(this.folder, 'failed');
    const name = freeName(folder, fileNameOf(entry.name.toString()));
    renameSync(entry.path, join(folder, name));
    this.#seen.delete(entry.key);
    writeAtomic(join(folder, `${name}.report.txt`), `${name}\nnot imported: ${why}\n`);
    writeAtomic(join(folder, `${name}.report.json`), `${JSON.stringify({ name, state: 'failed', why })}\n`);
    this.#deps.log.warn({ file: name, why }, 'a watched file was set aside');
  }
}

/** Nothing of it entered, or it was not carried out. */
function hasFailed({ state, report }: ReportedRun): boolean {
  if (state !== 'finished' || !report) return true;
  const { rejected, ...taken } = report.counts;
  return rejected > 0 && Object.values(taken).every(count => count === 0);
}

async function* partsOf(file: FileHandle, bytesMax: number): AsyncGenerator<Uint8Array> {
  for (let position = 0; position <= bytesMax; ) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** The end that NEM12 and the UK's flows have; a file that grows after it is seen to have changed. */
function hasTrailer(path: Buffer, { size }: Sighting): boolean {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!fstatSync(file).isFile()) return false;
    const tail = Buffer.alloc(Math.min(tailBytes, size));
    readSync(file, tail, 0, tail.length, size - tail.length);
    return /\n(900[,\s]*|ZPT\|[^\n]*\s*)$/.test(tail.toString('latin1'));
  } finally {
    closeSync(file);
  }
}

function sightingOf(found: Stats): Sighting;
function sightingOf(found: Stats | undefined): Sighting | undefined;
function sightingOf(found: Stats | undefined): Sighting | undefined {
  return found && { inode: found.ino, size: found.size, changedAtMs: found.mtimeMs };
}

function isSame(a: Sighting | undefined, b: Sighting | undefined): boolean {
  return (
    a !== undefined && b !== undefined && a.inode === b.inode && a.size === b.size && a.changedAtMs === b.changedAtMs
  );
}

function statOf(path: Buffer): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

function readNames(folder: string): Buffer[] {
  return statOf(Buffer.from(folder)) ? readdirSync(folder, { encoding: 'buffer' }) : [];
}

function namesIn(folder: string): string[] {
  return readNames(folder).map(name => name.toString());
}

function isReport(name: string): boolean {
  return /\.report\.(txt|json)$/.test(name);
}

/** The name, or with a number behind it when the folder has one already. */
function freeName(folder: string, name: string): string {
  const taken = (each: string) => statOf(Buffer.from(join(folder, each))) !== undefined;
  if (!taken(name)) return name;
  for (let number = 2; ; number += 1) if (!taken(`${name}.${number}`)) return `${name}.${number}`;
}

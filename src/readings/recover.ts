import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { DamageFound } from '../kernel/errors.ts';
import { allAtOnce } from '../kernel/slices.ts';
import type { JournalPosition } from './journal.ts';
import { journalFileName } from './journal-file.ts';
import { endOfGroups, fileHeader, findGroup, readGroup } from './journal-frame.ts';
import { readRecords } from './read-records.ts';
import type { ReadingIndex } from './reading-index.ts';
import { type BesideReadings, Replay } from './replay.ts';

/** How far the journal goes. */
interface JournalEnd {
  /** Where it goes on. */
  position: JournalPosition;
  /** Bytes of a group that was being written when the machine stopped; nobody was told that it was durable. */
  tornBytes: number;
}

export interface Recovery extends JournalEnd {
  readings: number;
  /** The series of these readings. */
  seriesIds: ReadonlySet<number>;
}

const nobody: BesideReadings = { flag: () => undefined, quarantined: () => undefined };

/**
 * Replays the journal in `folder` from where the store stands, into the index. Every group is verified and must follow the one
 * before. A torn tail is reported and cut when the journal opens; damage before it refuses with advice. A step takes a few
 * milliseconds, so that a port that is open already can answer in between.
 */
export function* recoverySteps(
  folder: string,
  flushed: JournalPosition | undefined,
  index: ReadingIndex,
  today: string,
  beside: BesideReadings = nobody,
): Generator<void, Recovery> {
  const end: JournalEnd = { position: flushed ?? { day: today, offset: 0, sequence: 0, checksum: 0 }, tornBytes: 0 };
  const replay = new Replay(index, beside);
  const days = journalDays(folder).filter(day => !flushed || day >= flushed.day);
  if (flushed && days[0] !== flushed.day) {
    throw new DamageFound(
      `the journal file ${journalFileName(flushed.day)} is missing from ${folder}`,
      'Put it back: readings received after the last flush stand only there.',
    );
  }
  for (const day of days) yield* replayFile({ folder, day, isLast: day === days.at(-1) }, end, replay);
  return { ...end, readings: replay.readings, seriesIds: replay.seriesIds };
}

/** All steps at once. */
export function recover(...args: Parameters<typeof recoverySteps>): Recovery {
  return allAtOnce(recoverySteps(...args));
}

/** UTC days that have a journal file, ascending. */
export function journalDays(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map(name => /^readings-(\d{4}-\d\d-\d\d)\.log$/.exec(name)?.[1])
    .filter(day => day !== undefined)
    .sort();
}

function* replayFile(
  { folder, day, isLast }: { folder: string; day: string; isLast: boolean },
  end: JournalEnd,
  replay: Replay,
): Generator<void> {
  const path = join(folder, journalFileName(day));
  const header = fileHeader(day);
  const flushedTo = end.position.day === day ? end.position.offset : 0;
  // Of what the store has the last byte alone: a day of a large house is hundreds of megabytes.
  const start = Math.max(0, flushedTo - 1);
  if (start > 0 && readHead(path, header.length) !== header) damaged(path, 0);
  const bytes = yield* readInSteps(path, start);
  if (start > 0 && bytes.length === 0) damaged(path, (yield* readInSteps(path, 0)).length);
  if (start === 0 && !bytes.subarray(0, header.length).equals(Buffer.from(header))) {
    if (flushedTo > 0 || !isLast || findGroup(bytes, 0) !== undefined) damaged(path, 0);
    // The machine stopped while the file was being made: it is made again.
    end.tornBytes += bytes.length;
    end.position = { ...end.position, day, offset: 0 };
    return;
  }
  let offset = (flushedTo || header.length) - start;
  while (offset < bytes.length) {
    const group = readGroup(bytes, offset);
    if (!group) {
      if (!isLast || findGroup(bytes, offset + 1) !== undefined) damaged(path, start + offset);
      end.tornBytes += bytes.length - offset;
      break;
    }
    const { sequence, checksum } = end.position;
    if (group.sequence !== sequence + 1 || group.previous !== checksum) damaged(path, start + offset);
    for (let from = 0; from < group.body.length; ) {
      const to = group.body.indexOf(newline, from + stepBytes) + 1 || group.body.length;
      readRecords(group.body, replay.reader, from, to);
      from = to;
      yield;
      if (replay.isFull) yield* replay.settle();
    }
    end.position = { day, offset: start + group.end, sequence: group.sequence, checksum: group.checksum };
    offset = group.end;
  }
  yield* replay.settle();
  end.position = { ...end.position, day, offset: start + offset };
}

const newline = 10;
// Two thousand readings, or twenty thousand in runs: a few milliseconds.
const stepBytes = 128 * 1024;
const readBytes = 1024 * 1024;
/** All that was written from `start` on: zeros behind it are the journal's own (a torn group that ends in zeros is still torn). */
function* readInSteps(path: string, start: number): Generator<void, Buffer> {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.allocUnsafe(Math.max(0, fstatSync(file).size - start));
    let read = 0;
    while (read < bytes.length) {
      const more = readSync(file, bytes, read, Math.min(readBytes, bytes.length - read), start + read);
      if (more === 0) break;
      read += more;
      yield;
    }
    return bytes.subarray(0, endOfGroups(bytes.subarray(0, read)));
  } finally {
    closeSync(file);
  }
}

function readHead(path: string, length: number): string {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(length);
    return bytes.toString('utf8', 0, readSync(file, bytes, 0, length, 0));
  } finally {
    closeSync(file);
  }
}

function damaged(path: string, offset: number): never {
  throw new DamageFound(
    `${path} is damaged at byte ${offset}: a group is missing, altered or out of order, and later groups are whole`,
    'Nothing was changed. Restore the file from a backup or from the disk it was copied from, then start again.',
  );
}

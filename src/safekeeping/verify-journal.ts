import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DamageFound } from '../kernel/errors.ts';
import { Slices } from '../kernel/slices.ts';
import type { DecidedReading } from '../readings/decided-reading.ts';
import type { JournalPosition } from '../readings/journal.ts';
import { journalFileName } from '../readings/journal-file.ts';
import { endOfGroups, fileHeader, type Group, readGroup } from '../readings/journal-frame.ts';
import { readRecords } from '../readings/read-records.ts';
import { acceptedReadings } from '../readings/reading-run.ts';
import type { ReadingStore } from '../readings/reading-store.ts';
import { journalDays } from '../readings/recover.ts';
import { formatUtc } from '../units/time.ts';
import { restoreAdvice } from './check.ts';
import type { NotedEnds } from './noted-ends.ts';
import { StoredReadings } from './stored-readings.ts';

/**
 * Walks the journal up to where it is flushed: each group whole and chained to the one before, over all files, and each reading that
 * was ever kept found in the store, as the current value or among the versions. Behind that it is being written. `ends` are those that the
 * store had before it was flushed.
 */
export async function verifyJournal(folder: string, store: ReadingStore, ends: NotedEnds): Promise<string> {
  const end = store.flushes.findPosition();
  if (!end) return 'nothing received yet';
  const stored = new StoredReadings(store);
  const slices = new Slices();
  let last: Link = { sequence: 0, checksum: 0 };
  let [files, groups, readings] = [0, 0, 0];
  for (const day of journalDays(folder).filter(each => each <= end.day)) {
    files += 1;
    for (const group of groupsOf(folder, day, await readFile(join(folder, journalFileName(day))), end, last)) {
      last = group;
      groups += 1;
      for (const decided of readingsOf(group.body, ends)) {
        readings += 1;
        findKept(stored, decided, journalFileName(day));
        await slices.pause();
      }
    }
  }
  if (last.sequence !== end.sequence || last.checksum !== end.checksum) {
    throw new DamageFound(
      `the journal ends at group ${last.sequence} and not at group ${end.sequence}, which the store has`,
      restoreAdvice,
    );
  }
  ends.assertMet();
  return `${files} files, ${groups} groups, ${readings} readings, each found in the store`;
}

/** What the next group continues; nothing is ever taken out of the journal, so it begins with group 1. */
type Link = Pick<Group, 'sequence' | 'checksum'>;

function* groupsOf(folder: string, day: string, bytes: Buffer, end: JournalPosition, before: Link): Generator<Group> {
  const path = join(folder, journalFileName(day));
  const header = Buffer.from(fileHeader(day));
  // A file that was finished by a crash still has its zeros.
  const until = day === end.day ? end.offset : endOfGroups(bytes);
  if (!bytes.subarray(0, header.length).equals(header))
    throw damagedAt(path, 0, 'its first line is not that of a journal');
  let previous = before;
  for (let offset = header.length; offset < until; ) {
    const group = readGroup(bytes, offset);
    if (!group) throw damagedAt(path, offset, 'a group is not what was written');
    const { sequence, checksum } = previous;
    if (group.sequence !== sequence + 1 || group.previous !== checksum) {
      throw damagedAt(path, offset, `group ${group.sequence} does not follow group ${sequence}`);
    }
    yield group;
    previous = group;
    offset = group.end;
  }
}

/** What a group says was kept, one by one; read record by record, for a group may be a large part of an import. */
function* readingsOf(body: Buffer, ends: NotedEnds): Generator<DecidedReading> {
  for (let from = 0; from < body.length; ) {
    const to = body.indexOf(10, from) + 1 || body.length;
    const found: Iterable<DecidedReading>[] = [];
    readRecords(
      body,
      {
        reading: decided => void found.push([decided]),
        run: (run, receivedAt) => void found.push(acceptedReadings(run, receivedAt)),
        // These bring nothing: what they took back or put aside is among the versions, where its own record finds it.
        withdrawal: ({ seriesId, withdrawnAt }) => ends.meet(seriesId, withdrawnAt),
        decision: ({ seriesId, decidedAt }) => ends.meet(seriesId, decidedAt),
        // No readings: notes, and what waits for somebody.
        flag: () => undefined,
        quarantined: () => undefined,
      },
      from,
      to,
    );
    for (const readings of found) {
      for (const decided of readings) {
        ends.meet(decided.seriesId, decided.receivedAt);
        yield decided;
      }
    }
    from = to;
  }
}

function findKept(stored: StoredReadings, decided: DecidedReading, file: string): void {
  const { seriesId, reading, outcome } = decided;
  if (stored.has(decided)) return;
  throw new DamageFound(
    `the reading of series ${seriesId} at ${formatUtc(reading.at)}, ${outcome} in ${file}, is not in the store as it was kept`,
    restoreAdvice,
  );
}

function damagedAt(path: string, offset: number, why: string): DamageFound {
  return new DamageFound(`${path} is damaged at byte ${offset}: ${why}`, restoreAdvice);
}

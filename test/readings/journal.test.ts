import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StoppedClock } from '../../src/kernel/clock.ts';
import { Journal } from '../../src/readings/journal.ts';
import { endOfGroups, fileHeader, readGroup } from '../../src/readings/journal-frame.ts';
import { testFolder } from '../open-house.ts';
import { accepted, contents, midnight, openBooks, readingAt } from './books.ts';

function emptyJournal(clock = new StoppedClock('2026-11-21T12:00:00Z')) {
  const logs = join(testFolder(), 'logs');
  const failures: Error[] = [];
  const day = new Date(clock.now()).toISOString().slice(0, 10);
  const start = { day, offset: 0, sequence: 0, checksum: 0 };
  const journal = new Journal(logs, start, clock, error => void failures.push(error));
  return { journal, logs, clock, failures };
}

/** The records of the groups in a file, in order. */
function groupsIn(logs: string, day: string): string[] {
  const file = readFileSync(join(logs, `readings-${day}.log`));
  const bytes = file.subarray(0, endOfGroups(file));
  const groups: string[] = [];
  for (let offset = fileHeader(day).length; offset < bytes.length; ) {
    const group = readGroup(bytes, offset);
    if (!group) throw new Error(`no group at ${offset}`);
    groups.push(group.body.toString());
    offset = group.end;
  }
  return groups;
}

function filesIn(logs: string): string[] {
  return readdirSync(logs).sort();
}

const file = 'readings-2026-11-21.log';

describe('the journal', () => {
  it.each<[what: string, act: (logs: string) => void]>([
    ['its file is deleted', logs => rmSync(join(logs, file))],
    ['its file is moved away', logs => renameSync(join(logs, file), join(logs, 'old.log'))],
    ['its folder is deleted', logs => rmSync(logs, { recursive: true })],
    ['its folder is moved away', logs => renameSync(logs, join(testFolder(), 'logs'))],
    [
      'its file is replaced',
      logs => {
        rmSync(join(logs, file));
        writeFileSync(join(logs, file), 'of somebody else');
      },
    ],
  ])('stands whole under its name when it answers, also after %s', async (_what, act) => {
    const { journal, logs, failures } = emptyJournal();
    const send = (line: string) => {
      journal.append(line);
      return journal.durable();
    };
    await send('first');
    act(logs);
    await send('second');
    expect(groupsIn(logs, '2026-11-21')).toEqual(['first\n', 'second\n']);
    await send('third');
    act(logs);
    await Promise.all(['fourth', 'fifth'].map(send));
    await journal.close();
    expect(groupsIn(logs, '2026-11-21')).toEqual(['first\n', 'second\n', 'third\n', 'fourth\nfifth\n']);
    expect(filesIn(logs).filter(name => name !== 'old.log')).toEqual([file]);
    expect(failures).toEqual([]);
  });

  it('answers nobody any more when its file was taken away and cannot be put back', async () => {
    const { journal, logs, failures } = emptyJournal();
    journal.append('first');
    await journal.durable();
    rmSync(join(logs, file));
    mkdirSync(join(logs, file));
    journal.append('second');
    await expect(journal.durable()).rejects.toMatchObject({ code: 'storage-failed' });
    expect(failures).toHaveLength(1);
    expect(filesIn(logs)).toEqual([file]);
    await journal.close();
  });

  it('writes the readings of one turn as one group, so that many meters share a sync', async () => {
    const { journal, logs } = emptyJournal();
    const waiting = Array.from({ length: 500 }, (_, meter) => {
      journal.append(`v ${meter}`);
      return journal.durable();
    });
    await Promise.all(waiting);
    expect(groupsIn(logs, '2026-11-21')).toEqual([waiting.map((_, meter) => `v ${meter}\n`).join('')]);
    await journal.close();
  });

  it('gathers what comes during a sync for the next one, and answers nobody before their own', async () => {
    const { journal, logs } = emptyJournal();
    const answered: string[] = [];
    journal.append('first');
    const first = journal.durable().then(() => {
      answered.push('first');
      return groupsIn(logs, '2026-11-21');
    });
    // After setImmediate the first group is written and its sync is under way.
    await new Promise(resolve => setImmediate(resolve));
    const late = ['second', 'third'].map(line => {
      journal.append(line);
      return journal.durable().then(() => answered.push(line));
    });
    expect((await first)[0]).toBe('first\n');
    await Promise.all(late);
    expect(answered[0]).toBe('first');
    expect(groupsIn(logs, '2026-11-21')).toEqual(['first\n', 'second\nthird\n']);
    await journal.close();
  });

  it('is durable at once when nothing was appended', async () => {
    const { journal, logs } = emptyJournal();
    await journal.durable();
    expect(groupsIn(logs, '2026-11-21')).toEqual([]);
    await journal.close();
  });

  it('begins a new file at UTC midnight, chained to the last', async () => {
    const { journal, logs, clock } = emptyJournal(new StoppedClock('2026-11-21T23:59:59.999Z'));
    journal.append('evening');
    await journal.durable();
    clock.advance(1);
    journal.append('morning');
    await journal.durable();
    expect(filesIn(logs)).toEqual(['readings-2026-11-21.log', 'readings-2026-11-22.log']);
    expect(groupsIn(logs, '2026-11-21')).toEqual(['evening\n']);
    expect(groupsIn(logs, '2026-11-22')).toEqual(['morning\n']);
    await journal.close();
    const [last, next] = ['2026-11-21', '2026-11-22'].map(day =>
      readGroup(readFileSync(join(logs, `readings-${day}.log`)), fileHeader(day).length),
    );
    expect(next).toMatchObject({ sequence: 2, previous: last!.checksum });
  });

  it('stays in its file when the clock is set back, and never reopens an older one', async () => {
    const { journal, logs, clock } = emptyJournal();
    for (const [at, line] of [
      ['2026-11-21T12:00:00Z', 'today'],
      ['2026-11-23T12:00:00Z', 'two days on'],
      ['2026-11-20T12:00:00Z', 'set back'],
      ['2026-11-22T12:00:00Z', 'still behind'],
      ['2026-11-24T12:00:00Z', 'ahead again'],
    ] as const) {
      clock.moveTo(at);
      journal.append(line);
      await journal.durable();
    }
    await journal.close();
    expect(filesIn(logs).map(name => [name, groupsIn(logs, name.slice(9, 19))])).toEqual([
      ['readings-2026-11-21.log', ['today\n']],
      ['readings-2026-11-23.log', ['two days on\n', 'set back\n', 'still behind\n']],
      ['readings-2026-11-24.log', ['ahead again\n']],
    ]);
  });

  it('recovers what was written across midnight with a clock that is behind the last file', async () => {
    const home = testFolder();
    const clock = new StoppedClock('2026-11-22T00:00:01Z');
    const before = openBooks(home, clock);
    before.keep(accepted(1, readingAt(midnight, 5)));
    await before.journal.durable();
    await before.close();
    clock.moveTo('2026-11-20T09:00:00Z');
    const behind = openBooks(home, clock);
    behind.keep(accepted(1, readingAt(midnight + 1800, 6)));
    await behind.journal.durable();
    await behind.close();
    const after = openBooks(home, clock);
    expect(contents(after.index, [1])[0]?.readings.map(({ value }) => value)).toEqual([5, 6]);
    await after.close();
  });

  it('runs a barrier when all is durable, with nothing between the position and the act', async () => {
    const { journal } = emptyJournal();
    journal.append('one');
    const position = journal.barrier(at => {
      journal.append('two');
      return { ...at };
    });
    expect(await position).toMatchObject({ sequence: 1 });
    await journal.durable();
    expect(journal.position.sequence).toBe(2);
    await journal.close();
  });

  it('hands the failure of a barrier to whoever asked for it and goes on', async () => {
    const { journal } = emptyJournal();
    const refused = journal.barrier(() => {
      throw new Error('the database is full');
    });
    await expect(refused).rejects.toThrow('the database is full');
    journal.append('goes on');
    await journal.durable();
    expect(journal.position.sequence).toBe(1);
    await journal.close();
  });
});

describe('zeros ahead of the tail', () => {
  const sizeOf = (logs: string, day = '2026-11-21') => statSync(join(logs, `readings-${day}.log`)).size;

  async function append(journal: Journal, record: string) {
    journal.append(record);
    await journal.durable();
  }

  it('are there soon after the first group, are written over by the next ones, and go when the journal is closed', async () => {
    const { journal, logs } = emptyJournal();
    await append(journal, 'first');
    // All of them: a look may meet them half written.
    const filled = journal.position.offset + 64 * 1024;
    await expect.poll(() => sizeOf(logs)).toBe(filled);
    await append(journal, 'second');
    expect(sizeOf(logs)).toBe(filled);
    expect(groupsIn(logs, '2026-11-21')).toEqual(['first\n', 'second\n']);
    await journal.close();
    expect(sizeOf(logs)).toBe(journal.position.offset);
    expect(readFileSync(join(logs, 'readings-2026-11-21.log')).includes(0)).toBe(false);
  });

  it('are cut from the file of a day that is over', async () => {
    const { journal, logs, clock } = emptyJournal();
    await append(journal, 'today');
    const { offset } = journal.position;
    await expect.poll(() => sizeOf(logs)).toBeGreaterThan(offset);
    clock.moveTo('2026-11-22T00:00:00Z');
    await append(journal, 'tomorrow');
    expect(sizeOf(logs)).toBe(offset);
    await expect.poll(() => sizeOf(logs, '2026-11-22')).toBeGreaterThan(journal.position.offset);
    await journal.close();
  });

  it('are never written over a group, whatever the size of groups and however the days go', async () => {
    const { journal, logs, clock } = emptyJournal();
    const sent: string[] = [];
    const waiting: Promise<void>[] = [];
    for (let turn = 0; turn < 600; turn++) {
      const record = `${turn} ${'x'.repeat(turn % 41 === 0 ? 90_000 : (turn * 397) % 3000)}`;
      sent.push(`${record}\n`);
      journal.append(record);
      waiting.push(journal.durable());
      if (turn % 3 === 0) await waiting.at(-1);
      if (turn % 250 === 249) clock.advance(86_400_000);
    }
    await Promise.all(waiting);
    await journal.close();
    const days = filesIn(logs).map(name => name.slice(9, 19));
    expect(days).toHaveLength(3);
    expect(days.flatMap(day => groupsIn(logs, day)).join('')).toBe(sent.join(''));
  });

  it('left by a crash are the clean end, and the journal goes on where its last group ends', async () => {
    const home = testFolder();
    const clock = new StoppedClock('2026-11-21T12:00:00Z');
    const before = openBooks(home, clock);
    before.keep(accepted(1, readingAt(midnight, 5)));
    await before.journal.durable();
    const file = join(home, 'logs', 'readings-2026-11-21.log');
    await expect.poll(() => statSync(file).size).toBeGreaterThan(before.journal.position.offset);
    const left = readFileSync(file);
    await before.close();
    writeFileSync(file, left);
    const after = openBooks(home, clock);
    expect(after.recovery).toMatchObject({ tornBytes: 0, readings: 1, position: before.journal.position });
    after.keep(accepted(1, readingAt(midnight + 1800, 6)));
    await after.close();
    const last = openBooks(home, clock);
    expect(contents(last.index, [1])[0]?.readings.map(({ value }) => value)).toEqual([5, 6]);
    await last.close();
  });
});

/** The open descriptor of this process for `path`. */
function descriptorOf(path: string): number {
  for (const name of readdirSync('/proc/self/fd')) {
    try {
      if (readlinkSync(`/proc/self/fd/${name}`) === path) return Number(name);
    } catch {
      // The descriptor of the listing itself is gone by now.
    }
  }
  throw new Error(`${path} is not open`);
}

describe.skipIf(process.platform !== 'linux')('a journal whose file fails', () => {
  it.each([
    ['closed behind its back', undefined],
    ['on a full disk', '/dev/full'],
  ] as const)('acknowledges nothing more when it is %s', async (_how, replacement) => {
    const { journal, logs, failures } = emptyJournal();
    journal.append('before');
    await journal.durable();
    const descriptor = descriptorOf(join(logs, 'readings-2026-11-21.log'));
    closeSync(descriptor);
    // The lowest free number is the one just closed.
    if (replacement) expect(openSync(replacement, 'r+')).toBe(descriptor);
    try {
      journal.append('lost');
      const waiting = [journal.durable(), journal.durable()];
      const flush = journal.barrier(() => 'flushed');
      for (const promise of [...waiting, flush]) await expect(promise).rejects.toThrow('cannot be written');
      expect(journal.failed).toBe(true);
      expect(failures).toHaveLength(1);
      // Nor later, although the next sync might succeed.
      await expect(journal.durable()).rejects.toThrow('cannot be written');
      await expect(journal.barrier(() => 'flushed')).rejects.toThrow('cannot be written');
      expect(() => journal.append('after')).toThrow('cannot be written');
      expect(failures).toHaveLength(1);
    } finally {
      if (replacement) closeSync(descriptor);
    }
    expect(groupsIn(logs, '2026-11-21')).toEqual(['before\n']);
  });

  it('takes nothing after it was closed, for its descriptor may be somebody else’s by then', async () => {
    const { journal, logs } = emptyJournal();
    await journal.close();
    const other = openSync(join(logs, 'other'), 'w+');
    expect(() => journal.append('late')).toThrow();
    await expect(journal.barrier(() => 'late')).rejects.toThrow();
    closeSync(other);
    expect(readFileSync(join(logs, 'other'), 'utf8')).toBe('');
  });
});

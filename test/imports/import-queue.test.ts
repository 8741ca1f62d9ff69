import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { ImportQueue } from '../../src/imports/import-queue.ts';
import { importToEnd } from '../../src/imports/import-to-end.ts';
import { Refusal } from '../../src/kernel/errors.ts';
import type * as freeRoom from '../../src/kernel/free-room.ts';
import { instant } from '../../src/units/time.ts';
import { type TestHouse, testFolder, testHouse } from '../open-house.ts';
import { nem12 } from './nem12-text.ts';

// Other tests make and remove files on the same disk meanwhile: room that comes by chance would begin a try that nobody counts on.
vi.mock('../../src/kernel/free-room.ts', async original => ({
  ...(await original<typeof freeRoom>()),
  moreRoom: () => new Promise<void>(() => undefined),
}));

const days = Array.from({ length: 20 }, (_, at) => String(20261001 + at));
const meters = Array.from({ length: 250 }, (_, at) => String(6001000100 + at));
/** 250 meters of 20 days: more than is taken with one sync. */
const big = meters.map(nmi => nem12(nmi, days)).join('');
const bigReadings = meters.length * days.length * 48;

async function order({ house: { importQueue: queue } }: TestHouse, name: string, text: string, strict = false) {
  const kept = await queue.keep(bytesOf(text), { dryRun: false });
  return queue.order({ name, ...kept, strict, importedBy: 'test', profile: '', meterPoint: '' }).id;
}

async function* bytesOf(text: string) {
  yield Buffer.from(text);
}

/** Resolves when the run takes its readings in. */
function taking(queue: ImportQueue, id: number): Promise<void> {
  return new Promise(resolve => {
    const unwatch = queue.watch(id, () => {
      if (queue.progressOf(id)?.stage !== 'taking') return;
      unwatch();
      resolve();
    });
  });
}

function stored({ house }: TestHouse): number {
  return house.meterPoints.allSeries
    .list()
    .reduce((sum, { id }) => sum + house.index.list(id, instant(0), instant(1e10)).length, 0);
}

describe('the queue of imports', () => {
  it('goes on after a restart with what ran and what waited, from the kept bytes, and says so', async () => {
    const home = testFolder();
    const first = await testHouse({ home });
    const running = await order(first, 'big.csv', big);
    const waiting = await order(first, 'small.csv', nem12('2001000016', ['20261101']));
    await taking(first.house.importQueue, running);
    await first.close();
    const second = await testHouse({ home });
    expect([running, waiting].map(id => second.house.imports.get(id).state)).toEqual(['interrupted', 'waiting']);
    expect(stored(second)).toBeLessThan(bigReadings);
    second.house.importQueue.start();
    const done = await second.house.importQueue.settled(running);
    expect(done).toMatchObject({ state: 'finished', resumed: 1, report: { counts: { rejected: 0, conflicting: 0 } } });
    const { counts } = done.report!;
    expect(counts.identical).toBeGreaterThan(0);
    expect(counts.new + counts.identical).toBe(bigReadings);
    expect(await second.house.importQueue.settled(waiting)).toMatchObject({ state: 'finished', resumed: 0 });
    expect(stored(second)).toBe(bigReadings + 48);
    const words = await second.app.inject({
      url: `/v1/imports/${running}`,
      headers: { authorization: second.authorization() },
    });
    expect(words.json()).toMatchObject({ takenUpAgain: 1 });
  });

  it('gives up a file that ended the process again and again', async () => {
    const test = await testHouse();
    const { imports, importQueue: queue, database } = test.house;
    queue.pause();
    const id = await order(test, 'a.csv', nem12('2001000016', ['20261101']));
    database.prepare(`UPDATE import_run SET state = 'running', resumed = 5 WHERE id = ?`).run(id);
    queue.resume();
    await queue.settled(id);
    expect(imports.get(id)).toMatchObject({ state: 'failed', failure: { code: 'import-abandoned' } });
    expect(stored(test)).toBe(0);
  });

  it('survives a file whose bytes are gone, and takes the next one', async () => {
    const test = await testHouse();
    const { importQueue: queue, imports, importFolder } = test.house;
    queue.pause();
    const lost = await order(test, 'lost.csv', nem12('2001000016', ['20261101']));
    rmSync(join(importFolder, imports.get(lost).sha256));
    const good = await order(test, 'good.csv', nem12('2001000024', ['20261101']));
    queue.resume();
    expect(await queue.settled(lost)).toMatchObject({ state: 'failed', failure: { code: 'internal' } });
    expect(await queue.settled(good)).toMatchObject({ state: 'finished', report: { counts: { new: 48 } } });
    expect(test.failures).toEqual([]);
  });

  it('does not take the process down when the database takes nothing, and goes on with the next file later', async () => {
    const test = await testHouse();
    const { importQueue: queue, database, imports } = test.house;
    const unhandled: unknown[] = [];
    const note = (error: unknown) => void unhandled.push(error);
    process.on('unhandledRejection', note);
    queue.pause();
    const id = await order(test, 'a.csv', nem12('2001000016', ['20261101']));
    database.pragma('query_only = on');
    queue.resume();
    await new Promise(resolve => setTimeout(resolve, 50));
    database.pragma('query_only = off');
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
    expect(imports.get(id).state).toBe('waiting');
    // As the next start does it.
    queue.start();
    expect(await queue.settled(id)).toMatchObject({ state: 'finished', report: { counts: { new: 48 } } });
  });

  it('fails no file for want of room, tells a command of it, and goes on from the kept bytes', async () => {
    const test = await testHouse();
    const { importQueue: queue, journal, imports } = test.house;
    const append = journal.append.bind(journal);
    let refused = 0;
    journal.append = () => {
      refused += 1;
      throw new Refusal('storage-full', 'The disk has no room left.');
    };
    // As often as a process may end with a file under way, and once more.
    const id = await order(test, 'a.csv', nem12('2001000016', ['20261101']));
    for (let times = 1; times <= 6; times++) {
      await expect(importToEnd(queue, id, () => undefined)).rejects.toMatchObject({ code: 'storage-full' });
      expect(refused).toBe(times);
      expect(imports.get(id).state).toBe('running');
      await new Promise(resolve => setTimeout(resolve, 20));
      if (times === 6) journal.append = append;
      queue.start();
    }
    expect(await queue.settled(id)).toMatchObject({ state: 'finished', resumed: 0, report: { counts: { new: 48 } } });
  });

  it('tells whoever waits for an import to end that the database takes nothing', async () => {
    const test = await testHouse();
    const { importQueue: queue, database } = test.house;
    queue.pause();
    const id = await order(test, 'a.csv', nem12('2001000016', ['20261101']));
    database.pragma('query_only = on');
    queue.resume();
    await expect(importToEnd(queue, id, () => undefined)).rejects.toThrow('readonly');
    database.pragma('query_only = off');
    // As the next start does it.
    queue.start();
    expect(await importToEnd(queue, id, () => undefined)).toMatchObject({ counts: { new: 48 } });
  });

  it('cancels what waits and what runs; what was taken stays and is counted', async () => {
    const test = await testHouse();
    const { importQueue: queue } = test.house;
    const running = await order(test, 'big.csv', big);
    const waiting = await order(test, 'small.csv', nem12('2001000016', ['20261101']));
    await taking(queue, running);
    queue.cancel(waiting);
    queue.cancel(running);
    const cancelled = await queue.settled(running);
    expect(cancelled).toMatchObject({ state: 'cancelled', report: { cancelled: true } });
    expect(cancelled.report!.counts.new).toBeLessThan(bigReadings);
    expect(stored(test)).toBe(cancelled.report!.counts.new);
    expect(await queue.settled(waiting)).toMatchObject({ state: 'cancelled', report: undefined });
    expect(() => queue.cancel(running)).toThrow('is cancelled already');
    const again = await queue.settled(await order(test, 'big.csv', big));
    expect(again.report).toMatchObject({ counts: { conflicting: 0, rejected: 0 } });
    expect(again.report!.importedBefore).toBeUndefined();
    expect(stored(test)).toBe(bigReadings);
  });

  it('does not cancel half of a strict import', async () => {
    const test = await testHouse();
    const { importQueue: queue } = test.house;
    const id = await order(test, 'big.csv', big, true);
    await taking(queue, id);
    expect(() => queue.cancel(id)).toThrow('is strict');
    expect(await queue.settled(id)).toMatchObject({ state: 'finished', report: { counts: { new: bigReadings } } });
  });

  it('does not cancel one of which half was taken when it broke off, which goes on', async () => {
    const test = await testHouse();
    const { importQueue: queue } = test.house;
    const [strict, tolerant] = [await order(test, 'a.csv', big, true), await order(test, 'b.csv', big)];
    await taking(queue, strict);
    queue.pause();
    expect((await queue.settled(strict)).state).not.toBe('finished');
    await expect.poll(() => queue.runs.get(strict).state).toBe('interrupted');
    expect(() => queue.cancel(strict)).toThrow('is strict');
    queue.cancel(tolerant);
    queue.resume();
    expect(await queue.settled(strict)).toMatchObject({ state: 'finished', report: { counts: { rejected: 0 } } });
    expect(stored(test)).toBe(bigReadings);
  });

  it('goes on with what could not be cancelled for want of room', async () => {
    const test = await testHouse();
    const { importQueue: queue, database, imports } = test.house;
    queue.pause();
    const id = await order(test, 'a.csv', nem12('2001000016', ['20261101']));
    database.pragma('query_only = on');
    expect(() => queue.cancel(id)).toThrow('readonly');
    database.pragma('query_only = off');
    expect(imports.get(id).state).toBe('waiting');
    queue.resume();
    expect(await queue.settled(id)).toMatchObject({ state: 'finished', report: { counts: { new: 48 } } });
  });

  it('waits while reception is off, in the middle of a file too, and goes on when it is on again', async () => {
    const test = await testHouse();
    const { importQueue: queue, imports } = test.house;
    const id = await order(test, 'big.csv', big);
    await taking(queue, id);
    const headers = { authorization: test.authorization() };
    expect((await test.app.inject({ method: 'POST', url: '/shutdown', headers })).statusCode).toBe(200);
    expect((await queue.settled(id)).state).not.toBe('finished');
    while (imports.get(id).state === 'running') await new Promise(resolve => setImmediate(resolve));
    expect(imports.get(id).state).toBe('interrupted');
    const later = await order(test, 'small.csv', nem12('2001000016', ['20261101']));
    expect(imports.get(later).state).toBe('waiting');
    expect((await test.app.inject({ method: 'POST', url: '/resume', headers })).statusCode).toBe(200);
    await queue.settled(later);
    expect([id, later].map(each => imports.get(each).state)).toEqual(['finished', 'finished']);
    expect(stored(test)).toBe(bigReadings + 48);
  });
});

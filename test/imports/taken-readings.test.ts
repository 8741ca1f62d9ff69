import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { TakenReadings } from '../../src/imports/taken-readings.ts';
import { Slices } from '../../src/kernel/slices.ts';
import type { ReadingReason } from '../../src/readings/reading-reason-store.ts';

const reason: ReadingReason = {
  seriesId: 1,
  fromAt: 0,
  toAt: 1800,
  versionAt: 0,
  quality: 'substituted',
  method: '14',
  reasonCode: '76',
  reasonText: '',
};

/** What happens in which order, flushes ending when they are told to. */
function setting({ alone }: { alone: boolean }) {
  const events: string[] = [];
  const ends: PromiseWithResolvers<number>[] = [];
  const taker = { unflushed: 0 };
  const deps = {
    alone,
    journal: { durable: async () => undefined },
    reasons: { keepUnsynced: (kept: readonly ReadingReason[]) => void events.push(`${kept.length} words`) },
    flush: () => {
      events.push('flush');
      const end = Promise.withResolvers<number>();
      ends.push(end);
      return end.promise;
    },
  };
  const taken = new TakenReadings(deps, taker, new Slices());
  /** A portion of so many readings; says whether the next may be taken. */
  const portion = async (readings: number): Promise<'goes on' | 'waits'> => {
    taker.unflushed += readings;
    let state: 'goes on' | 'waits' = 'waits';
    const kept = taken.keep().then(() => {
      state = 'goes on';
    });
    kept.catch(() => undefined);
    for (let turn = 0; turn < 5; turn++) await setImmediate();
    return state;
  };
  return { events, ends, taken, portion };
}

describe('what was taken of a file', () => {
  it('is flushed when it is fifty thousand readings, and a command takes as many more meanwhile', async () => {
    const { events, ends, portion } = setting({ alone: true });
    expect(await portion(49_999)).toBe('goes on');
    expect(events).toEqual([]);
    expect(await portion(1)).toBe('goes on');
    expect(events).toEqual(['flush']);
    expect(await portion(60_000)).toBe('goes on');
    expect(await portion(39_999)).toBe('goes on');
    expect(events).toEqual(['flush']);
    expect(await portion(1)).toBe('waits');
    expect(events).toEqual(['flush']);
    ends[0]!.resolve(1);
    for (let turn = 0; turn < 5; turn++) await setImmediate();
    expect(events).toEqual(['flush', 'flush']);
  });

  it('is waited for where somebody is served', async () => {
    const { events, ends, portion } = setting({ alone: false });
    expect(await portion(50_000)).toBe('waits');
    ends[0]!.resolve(1);
    expect(await portion(10)).toBe('goes on');
    expect(events).toEqual(['flush']);
  });

  it('has its words kept before its flush, and none while another is written', async () => {
    const { events, ends, taken, portion } = setting({ alone: true });
    taken.addReasons([reason, reason]);
    await portion(50_000);
    taken.addReasons([reason]);
    await portion(50_000);
    expect(events).toEqual(['2 words', 'flush']);
    const kept = taken.keepReasons();
    await setImmediate();
    expect(events).toEqual(['2 words', 'flush']);
    ends[0]!.resolve(1);
    await kept;
    expect(events).toEqual(['2 words', 'flush', '1 words']);
  });

  it('is told to whoever takes more when its flush fails', async () => {
    const { ends, taken, portion } = setting({ alone: true });
    await portion(50_000);
    ends[0]!.reject(new Error('the disk is gone'));
    await setImmediate();
    await expect(taken.keepReasons()).rejects.toThrow('the disk is gone');
    expect(await portion(50_000)).toBe('waits');
  });
});

import { expect, it } from 'vitest';
import { Overview } from '../../src/admin/overview.ts';
import { decide } from '../../src/readings/decide.ts';
import { microKwh } from '../../src/units/energy.ts';
import { addDays, dayOf, instant, instantOfMs } from '../../src/units/time.ts';
import { type TestHouse, testHouse } from '../open-house.ts';

/** A register read at these times, and nothing else. */
function readAt({ house }: TestHouse, identifier: string, times: string[]) {
  const point = house.meterPoints.addWithSeries(
    { identifier, address: '', zone: house.config.zone, origin: 'registered' },
    [{ kind: 'register', code: '01', flow: 'from-grid', intervalMinutes: 30 }],
    0,
  );
  const [series] = house.meterPoints.listSeries(point.id);
  times.forEach((time, count) => {
    const at = instant(Date.parse(time) / 1000);
    const reading = { at, value: microKwh((count + 1) * 48e6), minutes: 0, quality: 'actual', versionAt: 0 } as const;
    const decided = decide(house, series!, { ...reading, source: 1, line: 0 }, instantOfMs(house.clock.now()));
    expect(decided.outcome).toBe('accepted');
  });
}

function figuresOf({ house, clock }: TestHouse, overview: Overview) {
  const now = instantOfMs(clock.now());
  return overview.figures(now, addDays(dayOf(now, house.config.zone), -1));
}

const open = async (patience?: () => Promise<unknown>) => {
  const test = await testHouse({ at: '2026-11-21T10:10:00Z' });
  const { house } = test;
  return { ...test, overview: new Overview({ ...house, readings: house.index, zone: house.config.zone }, patience) };
};

it('counts what a register read before and after yesterday counted on it, and nothing of one that was read only before', async () => {
  const test = await open();
  readAt(test, 'around', ['2026-11-19T00:00:00Z', '2026-11-21T00:00:00Z']);
  readAt(test, 'before', ['2026-11-01T00:00:00Z', '2026-11-19T23:30:00Z']);
  for (const flushed of [false, true]) {
    if (flushed) await test.house.flush();
    const { energy, sending, readingsToday } = await figuresOf(
      test,
      new Overview({ ...test.house, readings: test.house.index, zone: test.house.config.zone }),
    );
    expect([sending, readingsToday, energy.total('from-grid')]).toEqual([1, 1, 24e6]);
  }
});

it('is as it was half a minute ago at most, where it is worked out quickly', async () => {
  const test = await open(() => new Promise(() => undefined));
  readAt(test, 'first', ['2026-11-21T00:00:00Z']);
  const sending = async () => (await figuresOf(test, test.overview)).sending;
  expect(await sending()).toBe(1);
  readAt(test, 'second', ['2026-11-21T00:30:00Z']);
  expect(await sending()).toBe(1);
  test.clock.advance(30_000);
  expect(await sending()).toBe(2);
});

it('is shown as it was for a while where it takes long, and worked out anew meanwhile', async () => {
  const test = await open(() => Promise.resolve());
  readAt(test, 'first', ['2026-11-21T00:00:00Z']);
  const sending = async () => (await figuresOf(test, test.overview)).sending;
  expect(await sending()).toBe(1);
  readAt(test, 'second', ['2026-11-21T00:30:00Z']);
  expect(await sending()).toBe(1);
  test.clock.advance(40_000);
  // Whoever comes now begins it, and whoever comes when it is done sees it.
  const before = await figuresOf(test, test.overview);
  expect([before.sending, before.asOf]).toEqual([1, Date.parse('2026-11-21T10:10:00Z') / 1000]);
  await expect.poll(sending).toBe(2);
  readAt(test, 'third', ['2026-11-21T01:00:00Z']);
  test.clock.advance(301_000);
  expect(await sending()).toBe(3);
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { postReadings } from '../../src/readings/post-readings.ts';
import { addDays, addMonths, dayOf, instantOfMs, monthOf, parseZone } from '../../src/units/time.ts';
import { testFolder, testHouse } from '../open-house.ts';
import { archiveTexts } from '../readings/archive-texts.ts';

const zone = parseZone('Australia/Adelaide')!;
/** Around these the clock is set: midnights, month ends, the hour that is there twice, the hour that is not there. */
const edges = [
  '2026-03-31T13:30:00Z',
  '2026-04-03T13:30:00Z',
  '2026-04-04T16:30:00Z',
  '2026-04-30T14:30:00Z',
  '2026-09-30T14:30:00Z',
  '2026-10-03T16:30:00Z',
  '2026-10-31T13:30:00Z',
].map(text => Date.parse(text));
const aTime = fc
  .tuple(fc.constantFrom(...edges), fc.integer({ min: -4 * 3600, max: 30 * 3600 }))
  .map(([edge, seconds]) => edge + seconds * 1000);

/** What was closed so far, and the time by the clock when it was. */
type Done = { period: string; at: number }[];

/** By the rule in words: everything over at `now` that was not closed at or before it; of each kind only the last before any was. */
function expected(done: Done, now: number): string[] {
  const known = done.filter(({ at }) => at <= now).map(({ period }) => period);
  const today = dayOf(instantOfMs(now), zone);
  const days = known.filter(period => period.length === 10).sort();
  const months = known.filter(period => period.length === 7).sort();
  const due: string[] = [];
  const first = days[0] ?? addDays(today, -1);
  for (let day = 0; day < 400; day++) {
    const each = addDays(first as typeof today, day);
    if (each < today && !days.includes(each)) due.push(each);
  }
  const thisMonth = monthOf(today);
  for (
    let month = months[0] ?? addMonths(thisMonth, -1);
    month < thisMonth;
    month = addMonths(month as typeof thisMonth, 1)
  )
    if (!months.includes(month)) due.push(month);
  return due;
}

it('P1-23 loses no day and closes none twice, however the clock is set, forwards or back, over midnight, month end and clock changes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(aTime, fc.boolean()), { minLength: 2, maxLength: 7 }), async jumps => {
      const home = testFolder();
      let test = await testHouse({ home, zone, at: new Date(edges[0]! - 86_400_000).toISOString() });
      const done: Done = [];
      const sent: string[] = [];
      const close = async (now: number) => {
        test.clock.moveTo(new Date(now).toISOString());
        const closed = (await test.house.maintenance.catchUp('schedule')).map(({ period }) => String(period));
        expect(closed).toEqual(expected(done, now));
        done.push(...closed.map(period => ({ period, at: now })));
        expect(await test.house.maintenance.catchUp('schedule')).toEqual([]);
      };
      for (const [step, [now, restarts]] of jumps.entries()) {
        await close(now);
        const meterPoint = `m-${step}`;
        test.house.meterPoints.add({ identifier: meterPoint, address: '', zone, origin: 'registered' }, 0);
        const [verdict] = await postReadings(test.house, [{ meterPoint, at: now / 1000, value: '1' }], 1);
        expect(verdict).toEqual({ verdict: 'accepted' });
        sent.push(meterPoint);
        if (!restarts) continue;
        await test.close();
        test = await testHouse({ home, zone, at: new Date(now).toISOString() });
      }
      await close(Math.max(...jumps.map(([now]) => now)) + 40 * 86_400_000);
      const archives = Object.entries(archiveTexts(home));
      for (const meterPoint of sent) {
        const of = (kind: string) =>
          archives
            .filter(([name]) => name.startsWith(kind))
            .flatMap(([, text]) => text.match(new RegExp(`^${meterPoint},`, 'gm')) ?? []);
        expect(of('daily')).toHaveLength(1);
        expect(of('monthly')).toHaveLength(1);
      }
      await test.close();
    }),
    { numRuns: 12 },
  );
});

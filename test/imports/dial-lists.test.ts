import { beforeEach, expect, it } from 'vitest';
import type { DialReading, DialReadingFilter } from '../../src/imports/dial-reading.ts';
import { listDialReadings } from '../../src/imports/list-dial-readings.ts';
import { summarizeDialReadings } from '../../src/imports/summarize-dial-readings.ts';
import { isMpan } from '../../src/units/identifiers.ts';
import { instant } from '../../src/units/time.ts';
import { type TestHouse, testHouse } from '../open-house.ts';

let test: TestHouse;
beforeEach(async () => {
  test = await testHouse({ at: '2026-11-21T10:00:00Z', zone: 'Europe/London' });
});

// More than are looked up one by one (kernel/database.ts).
const meterCount = 700;

/** Every third meter has two registers, and every fifth value is a customer's. */
function flow(name: string, from: number, to: number, day: number): string {
  const lines = [`ZHV|${name}|D0010002|D|UDMS|X|MRCY|20260303153151||||OPER|`];
  for (let at = from; at < to; at++) {
    lines.push(
      `026|${mpan(at)}|V|`,
      `028|${at % 2 === 0 ? 'Ab' : 'cD'}${String(at).padStart(5, '0')}|${at % 5 ? 'D' : 'C'}|`,
    );
    for (const register of at % 3 === 0 ? ['DY', 'NT'] : ['S'])
      lines.push(`030|${register}|202602${String(day + (at % 4)).padStart(2, '0')}000000|${(at * 37) % 500}.5|||T|N|`);
  }
  return [...lines, ''].join('\n');
}

function mpan(at: number): string {
  const core = `120${String(at).padStart(9, '0')}`;
  for (let digit = 0; digit < 10; digit++) if (isMpan(`${core}${digit}`)) return `${core}${digit}`;
  throw new Error(`no check digit fits ${core}`);
}

async function take(name: string, text: string): Promise<void> {
  const { importQueue: queue } = test.house;
  const kept = await queue.keep(
    (async function* () {
      yield Buffer.from(text);
    })(),
    { dryRun: false },
  );
  const run = await queue.settled(
    queue.order({ ...kept, name, strict: false, importedBy: 'test', profile: '', meterPoint: '' }).id,
  );
  expect(run.report?.counts.rejected).toBe(0);
}

const at = (day: number) => instant(Date.parse(`2026-02-${String(day).padStart(2, '0')}T00:00:00Z`) / 1000);
const filters: [DialReadingFilter, (reading: DialReading) => boolean][] = [
  [{}, () => true],
  [{ search: '12' }, () => true],
  [{ search: '0' }, ({ identifier, serial, fileName }) => `${identifier} ${serial} ${fileName}`.includes('0')],
  [{ search: 'AB0' }, ({ serial }) => serial.startsWith('Ab0')],
  [{ search: 'ab00012' }, ({ serial }) => serial === 'Ab00012'],
  [{ search: 'nothing' }, () => false],
  [{ search: 'second' }, ({ fileName }) => fileName === 'second.uff'],
  [{ search: 'd' }, ({ serial, fileName }) => /d/i.test(`${serial} ${fileName}`)],
  [{ search: '%' }, () => false],
  [{ serial: 'cD00007' }, ({ serial }) => serial === 'cD00007'],
  [{ identifier: mpan(9) }, ({ identifier }) => identifier === mpan(9)],
  [{ register: 'S' }, ({ register }) => register === 'S'],
  [{ register: 'NT', search: 'ab' }, ({ register, serial }) => register === 'NT' && serial.startsWith('Ab')],
  [{ readingType: 'C' }, ({ readingType }) => readingType === 'C'],
  [
    { readingType: 'D', register: 'S', from: at(3) },
    each => each.readingType === 'D' && each.register === 'S' && each.at >= at(3),
  ],
  [{ quality: 'deemed' }, ({ quality }) => quality === 'deemed'],
  [{ quality: 'estimated' }, ({ quality }) => quality === 'estimated'],
  [{ runId: 2 }, ({ runId }) => runId === 2],
  [{ fileName: 'first.uff', to: at(4) }, ({ fileName, at: when }) => fileName === 'first.uff' && when < at(4)],
  [{ meterId: 3 }, ({ meterId }) => meterId === 3],
  [{ meterPointId: 4 }, ({ meterPointId }) => meterPointId === 4],
];

it('lists, counts and sums up what fits, whatever is asked, in every order and on every page', async () => {
  await take('first.uff', flow('0000000001', 0, meterCount, 1));
  await take('second.uff', flow('0000000002', 600, meterCount, 8));
  const { dialReadings } = test.house;
  const byAt = { by: 'at', descending: false } as const;
  const all = dialReadings.list({}, [byAt], { limit: 100_000, total: dialReadings.count() });
  expect(all.length).toBe(934 + 134);
  for (const [filter, fits] of filters) {
    const fitting = all.filter(fits);
    const total = dialReadings.count(filter);
    expect([filter, total]).toEqual([filter, fitting.length]);
    expect([filter, await summarizeDialReadings(dialReadings, filter)]).toEqual([filter, summed(fitting)]);
    for (const by of ['at', 'value', 'receivedAt'] as const)
      for (const descending of [false, true]) {
        const wanted = fitting
          .toSorted((a, b) => (a[by] - b[by] || a.id - b.id) * (descending ? -1 : 1))
          .map(({ id }) => id);
        for (const offset of [0, Math.floor(total / 3), Math.floor(total / 2), Math.max(0, total - 20)]) {
          const found = dialReadings.list(filter, [{ by, descending }], { limit: 40, offset, total });
          const page = { filter, by, descending, offset };
          expect({ ...page, ids: found.map(({ id }) => id) }).toEqual({
            ...page,
            ids: wanted.slice(offset, offset + 40),
          });
        }
      }
  }
});

it('P4-17 orders by several columns, from both ends alike', async () => {
  await take('first.uff', flow('0000000001', 0, meterCount, 1));
  await take('second.uff', flow('0000000002', 600, meterCount, 8));
  const { dialReadings } = test.house;
  const columns = ['at', 'value', 'receivedAt'] as const;
  const total = dialReadings.count();
  const all = dialReadings.list({}, [{ by: 'at', descending: false }], { limit: 100_000, total });
  for (const first of columns)
    for (const second of columns)
      for (const signs of [0, 1, 2, 3]) {
        const [one, other] = [(signs & 1) === 1, (signs & 2) === 2];
        const wanted = all.toSorted(
          (a, b) =>
            (a[first] - b[first]) * (one ? -1 : 1) ||
            (a[second] - b[second]) * (other ? -1 : 1) ||
            (a.id - b.id) * (one ? -1 : 1),
        );
        const orders = [
          { by: first, descending: one },
          { by: second, descending: other },
        ] as const;
        for (const offset of [0, 500, total - 30])
          expect(dialReadings.list({}, orders, { limit: 40, offset, total }).map(({ id }) => id)).toEqual(
            wanted.slice(offset, offset + 40).map(({ id }) => id),
          );
      }
});

function summed(rows: DialReading[]) {
  const distinct = (of: (row: DialReading) => number) => new Set(rows.map(of)).size;
  const times = rows.map(row => row.at).sort((a, b) => a - b);
  const qualities = [...new Set(rows.map(({ quality }) => quality))].sort();
  return {
    readings: rows.length,
    meters: distinct(({ meterId }) => meterId),
    meterPoints: distinct(({ meterPointId }) => meterPointId),
    earliest: times[0] ?? null,
    latest: times.at(-1) ?? null,
    qualities: qualities.map(quality => ({ quality, count: rows.filter(row => row.quality === quality).length })),
  };
}

it('counts the readings of each meter, those that are undone too, and lists meters in every order', async () => {
  await take('first.uff', flow('0000000001', 0, meterCount, 1));
  await take('second.uff', flow('0000000002', 600, meterCount, 8));
  const { house } = test;
  const { meters, dialReadings } = house;
  const holds = () => {
    const rows = dialReadings.list({}, [{ by: 'at', descending: true }], {
      limit: 100_000,
      total: dialReadings.count(),
    });
    const all = meters.list({}, [{ by: 'identifier', descending: false }], 10_000);
    const countOf = (id: number) => rows.filter(({ meterId }) => meterId === id).length;
    expect(all.map(({ readingCount }) => readingCount)).toEqual(all.map(({ id }) => countOf(id)));
    expect(dialReadings.count()).toBe(rows.length);
    return all;
  };
  const all = holds();
  expect(all.length).toBe(meterCount);
  const typed = all.filter(({ readingType }) => readingType === 'D');
  const orders = ['serial', 'readingType', 'createdAt', 'readingCount', 'identifier'] as const;
  for (const by of orders)
    for (const descending of [false, true]) {
      const whole = meters.list({ readingType: 'D', search: '0' }, [{ by, descending }], 10_000);
      expect(new Set(whole.map(({ id }) => id))).toEqual(new Set(typed.map(({ id }) => id)));
      const values = whole.map(meter => meter[by]);
      expect(values).toEqual(values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0) * (descending ? -1 : 1)));
      const page = meters.list({ readingType: 'D', search: '0' }, [{ by, descending }], 30, 300, whole.length);
      expect(page).toEqual(whole.slice(300, 330));
    }
  await house.importUndos.undo(2, 'test');
  await house.flush();
  await listDialReadings(house);
  holds();
  expect(dialReadings.count({ runId: 2 })).toBe(0);
});

it('finds meters that came after the last search', async () => {
  await take('first.uff', flow('0000000001', 0, 10, 1));
  const { meters } = test.house;
  expect(meters.count({ search: 'ab00' })).toBe(5);
  await take('second.uff', flow('0000000002', 10, 20, 1));
  expect(meters.count({ search: 'ab00' })).toBe(10);
  expect(
    meters.list({ search: 'cd00019' }, [{ by: 'serial', descending: false }], 10).map(({ serial }) => serial),
  ).toEqual(['cD00019']);
});

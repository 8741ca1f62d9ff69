import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { espi } from '../../src/imports/formats/espi.ts';
import { nem12 } from '../../src/imports/formats/nem12.ts';
import { flush } from '../../src/readings/flush.ts';
import { qualities } from '../../src/readings/reading.ts';
import { formatKwh } from '../../src/units/energy.ts';
import { type Day, dayPeriod, formatUtc, instant, type Zone } from '../../src/units/time.ts';
import { testHouse } from '../open-house.ts';
import { nem12File } from '../trade-files.ts';
import { collectEvents, tolerant } from './collect-events.ts';

/** Rules whose tests speak in sentences and not in ids, and where those tests are. */
const elsewhere: Record<string, string> = {
  'N12-39': 'billing/rebill-candidates.test.ts',
  'N13-3': 'imports/nem13.test.ts',
  'N13-8': 'imports/nem13.test.ts',
  'N13-10': 'imports/nem13.test.ts',
  'GB-2': 'imports/espi.test.ts',
  'GB-12': 'imports/espi.test.ts',
  'CSV-2': 'imports/profile-reader.test.ts',
  'CSV-8': 'imports/profile-reader.test.ts',
  'CSV-9': 'imports/profile-reader.test.ts',
  'X-6': 'imports/portal-conformance.test.ts',
  'X-8': 'tariffs/estimates.test.ts',
  'X-9': 'exports/round-trip.test.ts',
};
const counts = { N12: 41, N13: 10, D10: 21, GB: 12, CSV: 10, X: 10 };

describe('the rules of the formats', () => {
  it('each have a test that names them, or is named for them here', () => {
    const folder = join(import.meta.dirname, '..');
    const tests = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.test.ts'));
    const said = tests.map(name => readFileSync(join(folder, name), 'utf8')).join('\n');
    const ids = Object.entries(counts).flatMap(([family, most]) =>
      Array.from({ length: most }, (_, at) => `${family}-${at + 1}`),
    );
    const named = (id: string) => new RegExp(`(?<![\\w-])${id}(?!\\d)`).test(said.replaceAll(`'${id}': '`, ''));
    expect(ids.filter(id => !named(id) && !(id in elsewhere))).toEqual([]);
    expect(Object.values(elsewhere).filter(file => !existsSync(join(folder, file)))).toEqual([]);
  });
});

const nmi = '6001000017';
interface Row {
  day: string;
  values: number[];
  quality?: string;
  updated?: string;
  suffix?: string;
  unit?: string;
  serial?: string;
  after?: string[];
}

/** Days of one NMI, each under a 200 record of its own; `made` is the DateTime of the file. */
function mdff(rows: Row[], made = '202511010900'): string {
  const lines = rows.flatMap(({ day, values, suffix = 'E1', unit = 'kWh', serial = 'METER1', after = [], ...more }) => {
    const { quality = 'A,,', updated = '20251031010000' } = more;
    return [
      `200,${nmi},E1E2B1Q1C1A1,1,${suffix},N1,${serial},${unit},${1440 / values.length},20261201`,
      `300,${day},${values.join(',')},${quality},${updated},`,
      ...after,
    ];
  });
  return `${[`100,NEM12,${made},MDP1,RETAILR1`, ...lines, '900'].join('\r\n')}\r\n`;
}

const three = (day: string, first: number, more: Partial<Row> = {}): Row => ({ day, values: [first, 1, 1], ...more });

async function house(zone = '+10:00') {
  const test = await testHouse({ zone });
  const headers = { authorization: test.authorization() };
  const take = async (payload: string, query = '') => {
    const octets = { ...headers, 'content-type': 'application/octet-stream' };
    const url = `/v1/imports?wait=true${query}`;
    const { imports } = (await test.app.inject({ method: 'POST', url, headers: octets, payload })).json();
    return (await test.app.inject({ url: `/v1/imports/${imports[0].id}`, headers })).json();
  };
  const series = (code: string, meterPoint = nmi) =>
    test.house.meterPoints.listSeries(test.house.meterPoints.get(meterPoint).id).find(each => each.code === code);
  const readings = (code: string, meterPoint = nmi) =>
    test.house.index.list(series(code, meterPoint)!.id, instant(0), instant(1e10));
  const values = (code = 'E1', meterPoint = nmi) =>
    readings(code, meterPoint).map(({ value }) => (Number.isNaN(value) ? 'gap' : formatKwh(value)));
  return { ...test, headers, take, series, readings, values };
}

describe('NEM12', () => {
  it('is known by its content, and its name gives its reference (N12-2)', () => {
    for (const fileName of ['nem12#000000000000021#MDP1#RETAILR1.ZIP', 'NEM12#000000000000021#a#b.csv'])
      expect(collectEvents(nem12, nem12File([nmi]), { ...tolerant, fileName }).headers).toMatchObject([
        { reference: '000000000000021' },
      ]);
  });

  it('may change the length of its intervals from one day to the next (N12-10), and lacks a suffix without taking it away (N12-11)', async () => {
    const { take, readings } = await house();
    await take(mdff([three('20251001', 1), three('20251001', 2, { suffix: 'B1' })]));
    await take(mdff([{ day: '20251002', values: [1, 2, 3, 4, 5, 6] }]));
    expect(readings('E1').map(({ minutes }) => minutes)).toEqual([480, 480, 480, 240, 240, 240, 240, 240, 240]);
    expect(readings('B1')).toHaveLength(3);
  });

  it.each([
    ['E1', 'kWh', 'from-grid', 'kWh'],
    ['E2', 'Wh', 'from-grid', 'kWh'],
    ['B1', 'kWh', 'to-grid', 'kWh'],
    ['Q1', 'kVArh', 'none', 'kVArh'],
    ['C1', 'kWh', 'none', 'kWh'],
    ['A1', 'kWh', 'none', 'kWh'],
  ])(
    '%s of %s is %s: export is what the customer uses, check and net meters are never billed (N12-15, N12-16)',
    async (suffix, unit, flow, kept) => {
      const { take, series } = await house();
      await take(mdff([three('20251001', 1000, { suffix, unit })]));
      expect(series(suffix)).toMatchObject({ flow, unit: kept });
    },
  );

  it('lets a 400 record change a quality and never a value (N12-27), and a new serial no day (N12-31)', async () => {
    const { take, readings, values } = await house();
    const after = ['400,1,1,A,,', '400,2,3,S14,76,'];
    await take(mdff([three('20251001', 7, { quality: 'V,,', after }), three('20251002', 8, { serial: 'METER2' })]));
    expect(values()).toEqual(['7', '1', '1', '8', '1', '1']);
    expect(readings('E1').map(({ quality }) => quality)).toEqual([
      ...['actual', 'substituted', 'substituted'],
      ...['actual', 'actual', 'actual'],
    ]);
  });

  it('counts from midnight at UTC+10 on every day (N12-32, N12-33), and local days of 46 and 50 half-hours are cut from that (N12-34)', async () => {
    const zone = 'Australia/Melbourne';
    const { take, readings } = await house(zone);
    const half = Array.from({ length: 48 }, (_, slot) => slot / 100);
    const days = ['20260404', '20260405', '20260406', '20261003', '20261004', '20261005'];
    await take(mdff(days.map(day => ({ day, values: half }))));
    const all = readings('E1');
    expect(formatUtc(all[0]!.at)).toBe('2026-04-03T14:00:00Z');
    expect(all).toHaveLength(6 * 48);
    const local = (day: string) => {
      const { from, to } = dayPeriod(day as Day, zone as Zone);
      return all.filter(({ at }) => at >= from && at < to).length;
    };
    expect([local('2026-04-05'), local('2026-10-04')]).toEqual([50, 46]);
  });

  it.each<[title: string, files: [row: Row, made?: string][], value: string, counts: Record<string, number>]>([
    [
      'a newer stamp replaces',
      [[three('20251001', 1)], [three('20251001', 2, { updated: '20251101010000' })]],
      '2',
      { revised: 1 },
    ],
    [
      'an older one does not',
      [[three('20251001', 1)], [three('20251001', 2, { updated: '20251030010000' })]],
      '1',
      { older: 1 },
    ],
    [
      'an actual beats an estimate of the same day',
      [[three('20251001', 1, { quality: 'E52,,', updated: '20251031000001' })], [three('20251001', 2)]],
      '2',
      { revised: 3 },
    ],
    [
      'without a stamp the newer file replaces (N12-37)',
      [[three('20251001', 1, { updated: '' })], [three('20251001', 2, { updated: '' }), '202511020900']],
      '2',
      { revised: 1 },
    ],
    [
      'the same stamp with another value is a conflict (N12-36)',
      [[three('20251001', 1)], [three('20251001', 2)]],
      '1',
      { conflicting: 1 },
    ],
  ])('%s (N12-35)', async (_, files, value, expected) => {
    const { take, values } = await house();
    let counted = {};
    for (const [row, made] of files) counted = (await take(mdff([row], made))).counts;
    expect(values()[0]).toBe(value);
    expect(counted).toMatchObject(expected);
  });
});

const mpan = '1200023305967';
const flowFile = (groups: string[], { made = 2, id = '0000000042' } = {}) => {
  const stamp = `2026030${made}120000`;
  const lines = [`ZHV|${id}|D0010002|D|UDMS|X|RETL|${stamp}||||OPER|`, `026|${mpan}|V|`, ...groups];
  return `${[...lines, `ZPT|${id}|${groups.length + 1}||1|${stamp}|`].join('\r\n')}\r\n`;
};
const dial = (type: string, day: number, value: string, flag = 'T') => [
  `028|F75A 00802|${type}|`,
  `030|S|202602${String(day).padStart(2, '0')}000000|${value}|||${flag}|N|`,
];

describe('D0010', () => {
  it('needs no validation result, even of a reading that is flagged (D10-7)', async () => {
    const { take, values } = await house('Europe/London');
    expect((await take(flowFile(dial('R', 20, '100.0', 'F')))).counts).toMatchObject({ new: 1, rejected: 0 });
    expect(values('S', mpan)).toEqual(['100']);
  });

  it('is itself by its bytes and not by its name: a corrected file is read, and the latest value counts (D10-19, D10-20, X-4)', async () => {
    const { take, values, house: own, series } = await house('Europe/London');
    await take(flowFile(dial('R', 20, '100.0')), '&name=a.uff');
    const again = await take(flowFile(dial('R', 20, '100.0')), '&name=b.uff');
    expect(again).toMatchObject({ counts: { new: 0, identical: 1 } });
    expect((await take(flowFile(dial('R', 20, '101.0'), { made: 3 }), '&name=a.uff')).counts).toMatchObject({
      revised: 1,
    });
    expect(values('S', mpan)).toEqual(['101']);
    // An older file that comes later stays beside.
    expect((await take(flowFile(dial('R', 20, '99.0'), { made: 1 }))).counts).toMatchObject({ older: 1 });
    const history = own.index.listHistory(series('S', mpan)!.id, instant(0), instant(1e10));
    expect(history.map(({ reading, outcome }) => `${formatKwh(reading.value)} ${outcome}`)).toEqual([
      '100 superseded',
      '99 older',
    ]);
  });

  it('keeps what a reading is and shows it: C, D, F, Q and R in the API, in exports and in the history of the day', async () => {
    const { take, app, headers, house: own } = await house('Europe/London');
    const types = { C: 'customer', D: 'deemed', F: 'actual', Q: 'substituted', R: 'actual', M: 'estimated' };
    await take(flowFile(Object.keys(types).flatMap((type, at) => dial(type, 10 + at, `${100 + at}.0`))));
    await flush({ ...own, zone: own.config.zone });
    const days = 'from=2026-02-01&to=2026-03-01';
    const times = days.replaceAll(/(?<=-01)(?=&|$)/g, 'T00:00:00Z');
    const { data } = (
      await app.inject({ url: `/v1/meter-points/${mpan}/readings?register=S&${times}`, headers })
    ).json();
    expect(data.map(({ quality }: { quality: string }) => quality)).toEqual(Object.values(types));
    const { body } = await app.inject({ url: `/v1/readings/export?format=csv&meter_point=${mpan}&${days}`, headers });
    const exported = body.trim().split(/\r?\n/).slice(1);
    expect(exported.map((line: string) => line.split(',')[9])).toEqual(Object.values(types));
  });
});

describe('qualities of NEM12', () => {
  it('E, F, S and N are kept with their reasons, and N is a gap and not zero, in the API and in what is exported (N12-22)', async () => {
    const { take, app, headers, values, house: own } = await house();
    const after = ['400,1,1,E52,,', '400,2,2,F11,51,', '400,3,3,S14,76,', '400,4,4,N,,'];
    await take(mdff([{ day: '20251001', values: [1, 2, 3, 0], quality: 'V,,', after }]));
    await flush({ ...own, zone: own.config.zone });
    expect(values()).toEqual(['1', '2', '3', 'gap']);
    const days = 'from=2025-10-01&to=2025-10-02';
    const times = 'from=2025-10-01T00:00:00%2B10:00&to=2025-10-02T00:00:00%2B10:00';
    const { data } = (
      await app.inject({ url: `/v1/meter-points/${nmi}/readings?channel=E1&${times}`, headers })
    ).json();
    expect(data).toMatchObject([
      { quality: 'estimated', energy: '1' },
      { quality: 'final', energy: '2' },
      { quality: 'substituted', energy: '3' },
      { quality: 'missing', energy: null },
    ]);
    const { body } = await app.inject({ url: `/v1/readings/export?format=nem12&meter_point=${nmi}&${days}`, headers });
    expect(
      body
        .split(/\r?\n/)
        .filter((line: string) => /^[34]00/.test(line))
        .map((line: string) => line.split(',').slice(0, 7).join(',')),
    ).toEqual(['300,20251001,1,2,3,0,V', '400,1,1,E52,,', '400,2,2,F11,51,', '400,3,3,S14,76,', '400,4,4,N,,']);
  });
});

const feed = (rows: [start: number, value: number, quality?: number][], updated = '2026-07-02T00:00:00Z') => {
  const readings = rows.map(
    ([start, value, quality]) =>
      `<IntervalReading>${quality === undefined ? '' : `<ReadingQuality><quality>${quality}</quality></ReadingQuality>`}<timePeriod><duration>900</duration><start>${1_782_000_000 + start * 900}</start></timePeriod><value>${value}</value></IntervalReading>`,
  );
  const contents = [
    '<UsagePoint><ServiceCategory><kind>0</kind></ServiceCategory></UsagePoint>',
    '<MeterReading/>',
    '<ReadingType><accumulationBehaviour>4</accumulationBehaviour><flowDirection>1</flowDirection><uom>72</uom></ReadingType>',
    `<IntervalBlock>${readings.join('')}</IntervalBlock>`,
  ];
  const entries = contents.map(
    content =>
      `<entry><content>${content.replace('>', ' xmlns="http://naesb.org/espi">').replace('/ xmlns="http://naesb.org/espi">', ' xmlns="http://naesb.org/espi"/>')}</content><updated>${updated}</updated></entry>`,
  );
  return `<feed xmlns="http://www.w3.org/2005/Atom"><updated>${updated}</updated>${entries.join('')}</feed>`;
};

describe('Green Button', () => {
  it.each([
    [0, 'actual'],
    [17, 'actual'],
    [18, 'actual'],
    [19, 'actual'],
    [7, 'substituted'],
    [8, 'estimated'],
    [9, 'estimated'],
    [10, 'estimated'],
    [12, 'estimated'],
    [14, 'actual'],
  ])('quality %s counts as %s (GB-9)', (code, quality) => {
    const { runs } = collectEvents(espi, feed([[0, 1, code]]));
    expect([...runs[0]!.qualities].map(each => qualities[each])).toEqual([quality]);
  });

  it('drops a start that is said twice with one value, and shows one said with two (GB-10)', async () => {
    const { take, house: own } = await house('UTC');
    const same = await take(
      feed([
        [0, 1000],
        [0, 1000],
        [1, 2000],
      ]),
    );
    expect(same.counts).toMatchObject({ new: 2, identical: 1, conflicting: 0 });
    const other = await take(
      feed([
        [0, 1500],
        [2, 3000],
      ]),
    );
    expect(other.counts).toMatchObject({ new: 1, conflicting: 1 });
    // What the feed itself says newer counts.
    expect((await take(feed([[1, 2500]], '2026-07-03T00:00:00Z'))).counts).toMatchObject({ revised: 1 });
    const [series] = own.meterPoints.allSeries.list();
    expect(own.index.list(series!.id, instant(0), instant(1e10)).map(({ value }) => formatKwh(value))).toEqual([
      '1',
      '2.5',
      '3',
    ]);
  });
});

describe('every importer', () => {
  it('tells in a dry run what it would do, and does not do it (X-7); what was known earlier can be asked for (X-5)', async () => {
    const { take, house: own, values, app, headers, clock } = await house();
    expect(await take(mdff([three('20251001', 1)]), '&dry_run=true')).toMatchObject({ counts: { new: 3 } });
    expect(own.meterPoints.find(nmi)).toBeUndefined();
    await take(mdff([three('20251001', 1)]));
    const known = formatUtc(instant(Math.floor(clock.now() / 1000)));
    clock.advance(60_000);
    await take(mdff([three('20251001', 2, { updated: '20251101010000' })]));
    expect(values()).toEqual(['2', '1', '1']);
    const url = `/v1/meter-points/${nmi}/readings?channel=E1&from=2025-09-30T14:00:00Z&to=2025-10-01T14:00:00Z&as_known_at=${known}`;
    const { data } = (await app.inject({ url, headers })).json();
    expect(data.map(({ energy }: { energy: string }) => energy)).toEqual(['1', '1', '1']);
  });

  it('never lets a file in that is marked as a test, whatever its flow and however it is asked (D10-1)', async () => {
    const { take, house: own } = await house('Europe/London');
    for (const flag of ['TR01', 'TR06', 'TEST', 'X'])
      for (const query of ['', '&strict=true']) {
        const run = await take(flowFile(dial('R', 20, '100.0')).replace('OPER', flag), query);
        expect(run.counts).toMatchObject({ new: 0 });
      }
    expect(own.meterPoints.find(mpan)).toBeUndefined();
  });
});

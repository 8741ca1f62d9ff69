import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { espi } from '../../src/imports/formats/espi.ts';
import { localOffsetAt, readClockChange } from '../../src/imports/formats/espi-local-time.ts';
import { scale } from '../../src/imports/formats/espi-units.ts';
import { qualities } from '../../src/readings/reading.ts';
import { formatUtc } from '../../src/units/time.ts';
import { collectEvents, cutInto, verdicts } from './collect-events.ts';

const midnight = Date.parse('2026-06-30T14:00:00Z') / 1000;
const stamps = '<published>2026-07-01T00:00:00Z</published><updated>2026-07-02T03:04:05.678Z</updated>';
const point = 'RetailCustomer/9/UsagePoint/01';

function entry(self: string, content: string, links: string[] = []): string {
  const related = links.map(href => `<link rel="related" href="${href}"/>`).join('');
  const up = self.slice(0, self.lastIndexOf('/'));
  return `<entry><id>urn:uuid:1</id><link rel="self" href="${self}"/><link rel="up" href="${up}"/>${related}<title/>
<content>${content}</content>${stamps}</entry>`;
}

const usagePoint = (kind = '0') =>
  entry(
    point,
    `<UsagePoint xmlns="http://naesb.org/espi"><ServiceCategory><kind> ${kind} </kind></ServiceCategory></UsagePoint>`,
    [`${point}/MeterReading`, 'LocalTimeParameters/01'],
  );
const meterReading = (number = '01', type = '07') =>
  entry(`${point}/MeterReading/${number}`, '<MeterReading xmlns="http://naesb.org/espi"/>', [
    `${point}/MeterReading/${number}/IntervalBlock`,
    `ReadingType/${type}`,
  ]);
const readingType = (fields: Record<string, number> = {}, number = '07') =>
  entry(
    `ReadingType/${number}`,
    `<ReadingType xmlns="http://naesb.org/espi">${Object.entries({
      ...{
        accumulationBehaviour: 4,
        flowDirection: 1,
        intervalLength: 900,
        powerOfTenMultiplier: 0,
        uom: 72,
        ...fields,
      },
    })
      .map(([name, value]) => `<${name}>${value}</${name}>`)
      .join('')}</ReadingType>`,
  );
const reading = (value: number | string, at = 0, duration = 900, quality = '') =>
  `<IntervalReading>${quality && `<ReadingQuality><quality>${quality}</quality></ReadingQuality>`}
<timePeriod><duration>${duration}</duration><start>${midnight + at}</start></timePeriod><value>${value}</value></IntervalReading>`;
const block = (readings: string, number = '01', at = 'IntervalBlock/0173') =>
  entry(
    `${point}/MeterReading/${number}/${at}`,
    `<IntervalBlock xmlns="http://naesb.org/espi"><interval><duration>86400</duration><start>${midnight}</start></interval>${readings}</IntervalBlock>`,
  );

function feed(...entries: string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><title>Utility</title><updated>2026-07-03T00:00:00Z</updated>\n${entries.join('\n')}\n</feed>\n`;
}

const whole = (...readings: string[]) => feed(usagePoint(), meterReading(), readingType(), block(readings.join('\n')));
const read = (text: string) => collectEvents(espi, text);
const energies = (text: string) => read(text).runs.flatMap(run => [...run.energies]);

describe('a Green Button feed', () => {
  it('becomes runs of intervals of one length, in micro-kWh, with the version of their entry', () => {
    const { runs, problems, facts, headers } = read(whole(reading(512), reading(7, 900), reading(3600, 3600, 3600)));
    expect(problems).toEqual([]);
    expect(runs.map(({ startsAt, energies: values }) => [formatUtc(startsAt), [...values]])).toEqual([
      ['2026-06-30T14:00:00Z', [512_000, 7000]],
      ['2026-06-30T15:00:00Z', [3_600_000]],
    ]);
    expect(runs[0]!.channel).toMatchObject({
      meterPoint: point,
      suffix: 'E1',
      role: 'from-grid',
      unit: 'kWh',
      lengthMinutes: 15,
    });
    expect(runs[1]!.channel.lengthMinutes).toBe(60);
    expect(formatUtc(runs[0]!.versionAt)).toBe('2026-07-02T03:04:05Z');
    expect(headers[0]).toMatchObject({ flow: 'ESPI', sender: 'Utility' });
    expect(facts).toEqual([expect.objectContaining({ complete: true, records: 2, errors: 0, warnings: 0 })]);
  });

  it('means the same in whatever order its entries stand', () => {
    const entries = [
      usagePoint(),
      meterReading(),
      readingType(),
      block(reading(512)),
      meterReading('02', '08'),
      readingType({ flowDirection: 19 }, '08'),
      block(reading(9), '02'),
    ];
    const told = (text: string) =>
      read(text)
        .runs.map(({ channel, energies: values }) => `${channel.meterPoint} ${channel.suffix} ${[...values]}`)
        .sort();
    const expected = told(feed(...entries));
    expect(expected).toEqual([`${point} B1 9000`, `${point} E1 512000`]);
    fc.assert(
      fc.property(fc.shuffledSubarray(entries, { minLength: entries.length }), shuffled => {
        expect(told(feed(...shuffled))).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('is read by namespace, whatever its prefix', () => {
    const text = feed(
      usagePoint(),
      meterReading(),
      readingType(),
      entry(
        `${point}/MeterReading/01/IntervalBlock/1`,
        `<x:IntervalBlock xmlns:x="http://naesb.org/espi"><x:IntervalReading><x:timePeriod><x:duration>900</x:duration><x:start>${midnight}</x:start></x:timePeriod><x:value>5</x:value></x:IntervalReading></x:IntervalBlock>`,
      ),
    );
    expect(energies(text)).toEqual([5000]);
  });

  it.each<[title: string, text: string, problems: string[], values: number[]]>([
    [
      'a multiplier',
      feed(usagePoint(), meterReading(), readingType({ powerOfTenMultiplier: 3 }), block(reading(9))),
      [],
      [9_000_000],
    ],
    [
      'a fine one',
      feed(usagePoint(), meterReading(), readingType({ powerOfTenMultiplier: -5 }), block(reading(350))),
      ['warning GB-3 L17 repaired'],
      [4],
    ],
    [
      'an absurd one',
      feed(usagePoint(), meterReading(), readingType({ powerOfTenMultiplier: 99 }), block(reading(1))),
      ['error GB-3 L7 rejected'],
      [],
    ],
    [
      'an unknown unit',
      feed(usagePoint(), meterReading(), readingType({ uom: 5 }), block(reading(1))),
      ['error GB-4 L7 rejected'],
      [],
    ],
    [
      'electricity in cubic feet',
      feed(usagePoint(), meterReading(), readingType({ uom: 119 }), block(reading(1))),
      ['error GB-4 L7 rejected'],
      [],
    ],
    [
      'gas in therms',
      feed(usagePoint('1'), meterReading(), readingType({ uom: 169 }), block(reading(1))),
      [],
      [1_000_000],
    ],
    [
      'power at an instant',
      feed(usagePoint(), meterReading(), readingType({ accumulationBehaviour: 12 }), block(reading(1))),
      ['warning GB-5 L7 ignored'],
      [],
    ],
    ['no reading type', feed(usagePoint(), meterReading(), block(reading(1))), ['error GB-1 L5 rejected'], []],
    [
      'reverse below zero',
      feed(usagePoint(), meterReading(), readingType({ flowDirection: 19 }), block(reading(-40))),
      ['warning GB-6 L10 repaired'],
      [40_000],
    ],
    ['forward below zero', whole(reading(-40)), ['error GB-6 L10 rejected'], []],
    [
      'net below zero',
      feed(usagePoint(), meterReading(), readingType({ flowDirection: 4 }), block(reading(-40))),
      [],
      [-40_000],
    ],
    ['a fraction', whole(reading('1.5')), ['error GB-3 L10 rejected'], []],
    ['a fraction of a second', whole(reading(5, 0.5)), ['warning GB-7 L10 repaired'], [5000]],
    ['half a minute', whole(reading(5, 0, 30)), ['error GB-7 L10 rejected'], []],
    ['an hour of no length', whole(reading(324, 0, 0), reading(311)), ['warning GB-8 L10 repaired'], [635_000]],
    [
      'one that nothing follows',
      whole(reading(324, 0, 0)),
      ['warning GB-8 L10 repaired', 'error GB-8 L9 rejected'],
      [],
    ],
  ])('%s', (_, text, expected, values) => {
    const { problems, runs } = read(text);
    expect(verdicts(problems).map(verdict => verdict.replace(/ L\d+/, ''))).toEqual(
      expected.map(verdict => verdict.replace(/ L\d+/, '')),
    );
    expect(runs.flatMap(run => [...run.energies])).toEqual(values);
  });

  it('takes a reading without a value as missing, and its time from the block when it has none', () => {
    const text = whole(
      reading(5).replace('<value>5</value>', ''),
      '<IntervalReading><value>6</value></IntervalReading>',
    );
    const { runs } = read(text);
    expect([...runs[0]!.energies]).toEqual([Number.NaN, 6000]);
    expect([...runs[0]!.qualities].map(code => qualities[code])).toEqual(['missing', 'actual']);
    expect(runs[0]!.spans.map(({ flag }) => flag)).toEqual(['N', 'A']);
  });

  it.each([
    ['', 'actual'],
    ['0', 'actual'],
    ['17', 'actual'],
    ['7', 'substituted'],
    ['8', 'estimated'],
    ['12', 'estimated'],
    ['99', 'estimated'],
  ])('quality %j is %s', (code, quality) => {
    const { runs } = read(whole(reading(1, 0, 900, code)));
    expect(qualities[runs[0]!.qualities[0]!]).toBe(quality);
  });

  it('never adds registers: a summation is a value at an instant', () => {
    const { runs, readings } = read(
      feed(usagePoint(), meterReading(), readingType({ accumulationBehaviour: 9 }), block(reading(123_456, 0, 0))),
    );
    expect(runs).toEqual([]);
    expect(readings).toEqual([
      expect.objectContaining({
        meterPoint: point,
        registerId: 'E1',
        flow: 'from-grid',
        at: midnight,
        value: 123_456_000,
      }),
    ]);
  });

  it('bills one of two meter readings of the same direction, for they may count the same energy', () => {
    const { runs, problems } = read(
      feed(
        usagePoint(),
        meterReading('01'),
        meterReading('02'),
        readingType(),
        block(reading(1)),
        block(reading(2, 0, 3600), '02'),
      ),
    );
    expect(runs.map(({ channel }) => [channel.suffix, channel.role])).toEqual([
      ['E1', 'from-grid'],
      ['E2', 'check'],
    ]);
    expect(verdicts(problems)).toEqual(['warning GB-6 L7 ignored']);
  });

  it('is found out when its clock is a day’s length off', () => {
    const clock = (offset: number) =>
      entry(
        'LocalTimeParameters/01',
        `<LocalTimeParameters xmlns="http://naesb.org/espi"><dstOffset>3600</dstOffset><tzOffset>${offset}</tzOffset></LocalTimeParameters>`,
      );
    const day = (offset: number) =>
      feed(usagePoint(), clock(offset), meterReading(), readingType(), block(reading(1, 0, 86_400)));
    expect(verdicts(read(day(36_000)).problems)).toEqual([]);
    expect(verdicts(read(day(-36_000)).problems)).toEqual(['warning GB-7 L12 ignored']);
  });

  it('knows when the clocks of North America change', () => {
    const [dstStart, dstEnd] = [readClockChange('360E2000'), readClockChange('B40E2000')];
    if (typeof dstStart !== 'object' || typeof dstEnd !== 'object') throw new Error('both are rules');
    const local = { tzOffset: -18_000, dstOffset: 3600, dstStart, dstEnd };
    const offset = (time: string) => localOffsetAt(Date.parse(time) / 1000, local) / 3600;
    expect(
      ['2011-03-13T06:59:59Z', '2011-03-13T07:00:00Z', '2011-11-06T05:59:59Z', '2011-11-06T06:00:00Z'].map(offset),
    ).toEqual([-5, -4, -4, -5]);
    expect(readClockChange('FFFFFFFF')).toBeUndefined();
    expect(readClockChange('XYZ')).toBe('illegible');
  });

  it('scales exactly, half to even', () => {
    expect(scale(15, -1)).toEqual({ value: 2, rounded: true });
    expect(scale(25, -1)).toEqual({ value: 2, rounded: true });
    expect(scale(-35, -1)).toEqual({ value: -4, rounded: true });
    expect(scale(999_999_999_999_999, 3)).toBeUndefined();
  });
});

describe('XML that means harm', () => {
  const readText = (text: string) =>
    read(text).problems.map(({ rule, message, severity }) => `${severity} ${rule} ${message}`);

  it('with entities of its own is refused', () => {
    const bomb = `<?xml version="1.0"?><!DOCTYPE f [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><feed xmlns="http://www.w3.org/2005/Atom"><title>&b;</title></feed>`;
    expect(readText(bomb)).toEqual([
      expect.stringMatching(/^error GB-11 line 1, column \d+: the document defines types or entities/),
    ]);
    expect(readText('<!DOCTYPE f SYSTEM "file:///etc/passwd"><f/>')[0]).toContain('GB-11');
    expect(readText(feed('&unknown;'))[0]).toContain('GB-11');
  });

  it.each([
    ['is too deep', `${'<a>'.repeat(100_000)}`, 'more than 64 deep'],
    ['goes on without a tag', `<a>${' '.repeat(3_000_000)}`, 'without a tag'],
    ['has one endless attribute', `<a b="${'x'.repeat(3_000_000)}`, 'without a tag'],
    ['has one endless comment', `<a><!--${'x'.repeat(3_000_000)}`, 'without a tag'],
    [
      'has too many blocks',
      feed('<IntervalBlock xmlns="http://naesb.org/espi"/>'.repeat(100_001)),
      'more than 100000 entries',
    ],
    ['is in another encoding', '<?xml version="1.0" encoding="ISO-8859-1"?><a/>', 'not in UTF-8'],
  ])('and %s is refused', (_, text, says) => {
    const problems = readText(text);
    expect(problems[0]).toContain(says);
    // What was whole before it may be of no use: that is said of each.
    expect(problems.slice(1).filter(problem => !problem.includes('belongs to no'))).toEqual([]);
  });

  it('breaks off at its line, and what was whole before it is kept', () => {
    const text = whole(reading(5), reading(6, 900));
    const { runs, problems, facts } = read(text.slice(0, text.indexOf('<value>6')));
    expect(runs.flatMap(run => [...run.energies])).toEqual([]);
    expect(facts[0]!.complete).toBe(false);
    expect(verdicts(problems)).toContain('error GB-11 L13 rejected');
    const cut = read(`${whole(reading(5)).replace('</feed>', '')}<entry`);
    expect(cut.runs.flatMap(run => [...run.energies])).toEqual([5000]);
    expect(cut.facts[0]!.complete).toBe(false);
  });

  it('says the same however its bytes are cut', () => {
    const bytes = Buffer.from(whole(reading(5), reading(6, 900), reading('x', 1800)).replace('Utility', 'Énergie 电'));
    const expected = collectEvents(espi, bytes);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 }), lengths => {
        expect(collectEvents(espi, cutInto(bytes, lengths))).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it('never throws, and every value it gives is whole', () => {
    const bytes = Buffer.from(whole(reading(5), reading(6, 900), reading(7, 1800)));
    const damage = fc.record({
      at: fc.nat(bytes.length - 1),
      put: fc.oneof(
        fc.uint8Array({ maxLength: 4 }),
        fc.constantFrom('<', '>', '&lt;', '9', '-', '</entry>', '<entry>', '<![CDATA[').map(text => Buffer.from(text)),
      ),
      drop: fc.nat(30),
    });
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 5 }), damages => {
        let damaged: Buffer = bytes;
        for (const { at, put, drop } of damages) {
          const place = Math.min(at, damaged.length);
          damaged = Buffer.concat([damaged.subarray(0, place), put, damaged.subarray(place + drop)]);
        }
        const { runs, facts } = collectEvents(espi, damaged);
        expect(facts).toHaveLength(1);
        for (const { energies: values, startsAt } of runs) {
          expect(Number.isSafeInteger(startsAt)).toBe(true);
          for (const value of values) expect(Number.isNaN(value) || Number.isSafeInteger(value)).toBe(true);
        }
      }),
      { numRuns: 400 },
    );
  });
});

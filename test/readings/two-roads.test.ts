import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noPremises } from '../../src/accounts/meter-point.ts';
import { StoppedClock } from '../../src/kernel/clock.ts';
import { type BatchItem, type JudgeDeps, postItem } from '../../src/readings/post-readings.ts';
import { ArrayReader, NdjsonReader, readArray } from '../../src/readings/read-batch.ts';
import { CsvReader } from '../../src/readings/read-csv.ts';
import type { PortionReader } from '../../src/readings/read-portions.ts';
import { ReadingNames } from '../../src/readings/reading-names.ts';
import { ObjectScanner } from '../../src/readings/scan-objects.ts';
import { StampScanner, scanMicroKwh, surprise } from '../../src/readings/scan-units.ts';
import { parseEnergy } from '../../src/units/energy.ts';
import { parseInstant, parseZone } from '../../src/units/time.ts';

const zone = parseZone('Australia/Lord_Howe')!;

// What is plain, what is nearly plain, and what is not.
const digits = fc.string({ unit: fc.constantFrom(...'0123456789.'), maxLength: 17 });
const energyText = fc.oneof(
  digits,
  fc.constantFrom(
    '0.5',
    '00.5',
    '.5',
    '5.',
    '0',
    '123456789.123456',
    '1234567890',
    '1e3',
    '-1',
    '+1',
    '0.0000001',
    ' 1',
  ),
);
const stampText = fc.oneof(
  fc
    .tuple(
      fc.integer({ min: 1968, max: 2101 }),
      fc.nat(13),
      fc.nat(32),
      fc.nat(25),
      fc.nat(60),
      fc.nat(60),
      fc.constantFrom('Z', '', 'z', '+10:30', '-05:00', '+1030', '+99:99', '.0Z'),
    )
    .map(
      ([year, month, day, hour, minute, second, suffix]) =>
        `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}${suffix}`,
    ),
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 8, maxLength: 11 }),
  fc.constantFrom(
    '2026-02-29T00:00:00Z',
    '2028-02-29T00:00:00Z',
    '2000-02-29T00:00:00Z',
    '2026-11-21 10:00:00Z',
    'noon',
  ),
);

function two(number: number): string {
  return String(number).padStart(2, '0');
}

// Some names are known by their bytes, and some are not.
const names = new ReadingNames();
for (const meterPoint of ['m-1', 'c-1', 'c 1'])
  for (const kind of ['register', 'channel'] as const)
    for (const code of [undefined, kind === 'register' ? '1' : 'E1']) names.add({ meterPoint, kind, code });

/** A body as it comes: in portions of these lengths, and the rest. */
function read(reader: PortionReader, body: string, cuts: readonly number[] = []) {
  const all = Buffer.from(body);
  let from = 0;
  for (const cut of cuts) {
    const portion = Buffer.from(all.subarray(from, from + cut));
    reader.take(portion);
    // Whoever handed it over uses it again.
    portion.fill(88);
    from += cut;
  }
  reader.take(all.subarray(from));
  return reader.end();
}

const cuts = fc.array(fc.nat(60), { maxLength: 6 });

function placeOf(text: string): [bytes: Uint8Array, from: number, to: number] {
  return [Buffer.from(`x${text}y`), 1, 1 + text.length];
}

describe('what the scanner reads itself', () => {
  it('is the instant that parseInstant reads', () => {
    const stamps = new StampScanner();
    fc.assert(
      fc.property(stampText, text => {
        const scanned = new StampScanner().scan(...placeOf(text));
        if (scanned !== surprise) expect(scanned).toBe(parseInstant(text, zone));
        // The same twice, because the last one is remembered.
        expect([stamps.scan(...placeOf(text)), stamps.scan(...placeOf(text))]).toEqual([scanned, scanned]);
      }),
      { numRuns: 3000 },
    );
  });

  it('is the energy that parseEnergy reads', () => {
    fc.assert(
      fc.property(energyText, text => {
        const scanned = scanMicroKwh(...placeOf(text));
        if (scanned === surprise) return;
        expect(parseEnergy(text)).toEqual({ ok: true, microKwh: scanned, rounded: false });
        expect(parseEnergy(Number(text))).toEqual({ ok: true, microKwh: scanned, rounded: false });
      }),
      { numRuns: 3000 },
    );
  });

  it('is what meters send, so that the fast road is the one taken', () => {
    for (const text of ['2026-11-21T10:30:00Z', '2026-11-21T21:00:00+10:30', '1795257000'])
      expect(new StampScanner().scan(...placeOf(text))).toBe(1_795_257_000);
    expect(scanMicroKwh(...placeOf('123.456'))).toBe(123_456_000);
    const plain =
      '{"meterPoint":"m-1","start":1795257000,"energy":"0.512","channel":"E1","quality":"actual","unit":"kWh"}';
    const scanner = new ObjectScanner(true);
    const body = Buffer.from(`${plain}${plain}${plain.replace('"actual"', '"estimated"')}\0`);
    expect([0, 1, 2].map(at => scanner.scan(body, at === 0 ? 0 : scanner.position))).toEqual([true, true, true]);
    expect(scanner.reading).toMatchObject({ at: 1_795_257_000, value: 512_000, isChannel: true, quality: 3 });
  });
});

const field = fc.constantFrom(
  'meterPoint',
  'at',
  'start',
  'value',
  'energy',
  'register',
  'channel',
  'quality',
  'unit',
  'colour',
);
const anyValue = fc.oneof(
  energyText.map(text => JSON.stringify(text)),
  digits.filter(text => text.length > 0),
  stampText.map(text => JSON.stringify(text)),
  fc.constantFrom(
    '"m-1"',
    '"E1"',
    '"1"',
    '"kWh"',
    '"Wh"',
    '"actual"',
    '"estimated"',
    '"missing"',
    '""',
    'null',
    '1e-3',
    '-0',
    '[]',
  ),
  fc.string({ unit: 'binary', maxLength: 5 }).map(text => JSON.stringify(text)),
);
const space = fc.constantFrom('', ' ', '\t', '\r', '');
const plainObject = fc
  .tuple(
    fc.constantFrom('"m-1"', '"c-1"', '"nobody"', '"m\\u002d1"'),
    stampText,
    energyText,
    fc.boolean(),
    fc.boolean(),
  )
  .map(([meterPoint, stamp, energy, interval, asNumber]) => {
    const value = asNumber && /^\d+(\.\d+)?$/.test(energy) ? energy : JSON.stringify(energy);
    const [at, of] = interval ? ['start', 'energy'] : ['at', 'value'];
    return `{"meterPoint":${meterPoint},"${at}":"${stamp}","${of}":${value}}`;
  });
const oddObject = fc
  .array(fc.tuple(space, field, space, anyValue, space), { maxLength: 7 })
  .map(fields => `{${fields.map(([a, name, b, value, c]) => `${a}"${name}"${b}:${value}${c}`).join(',')}}`);
const object = fc.oneof(plainObject, oddObject);

/** What would be answered, whatever form the item has; no store is behind it. */
function verdictOf(item: BatchItem): unknown {
  const kept: unknown[] = [];
  const deps: JudgeDeps = {
    clock: new StoppedClock('2026-11-21T10:10:00Z'),
    journal: { append: record => void kept.push(record.toString()) },
    index: {
      around: () => ({ existing: undefined, before: undefined, after: undefined }),
      before: () => undefined,
      after: () => undefined,
      apply: () => undefined,
      listVersions: () => [],
      endsBy: () => false,
      isUnheardOf: () => false,
      meetRun: () => 'mixed',
      applyRun: () => undefined,
    },
    meterPoints: {
      find: identifier =>
        identifier === 'nobody'
          ? undefined
          : { ...noPremises, id: 1, identifier, address: '', zone, createdAt: 0, origin: 'registered', version: 1 },
      listSeries: () => [],
      findSeries: () => undefined,
      addSeries: series => ({ ...series, id: 7 }),
    },
  };
  return { verdict: postItem(deps, item, 1), kept };
}

describe('the same bytes through both roads give the same verdicts', () => {
  it('as a JSON array, be it whole, broken or in portions', () => {
    let [scanned, refused] = [0, 0];
    fc.assert(
      fc.property(
        fc.array(object, { maxLength: 4 }),
        fc.constantFrom('', '', ' ', ',', ']', '}', '"', '\0'),
        fc.constantFrom(' ,', ',', '\n,\t', ',,', ''),
        cuts,
        (objects, tail, comma, portions) => {
          const text = `[${objects.join(comma)}]${tail}`;
          const body = () => read(new ArrayReader(names, JSON.parse), text, portions);
          const parsed = safeArray(text);
          if (!parsed) {
            refused += 1;
            expect(body).toThrow('not valid JSON');
            return;
          }
          scanned += parsed.length;
          expect(body().items().map(verdictOf)).toEqual(parsed.map(verdictOf));
        },
      ),
      { numRuns: 3000 },
    );
    expect(scanned).toBeGreaterThan(300);
    expect(refused).toBeGreaterThan(300);
  });

  it('as an array of whatever JSON there is', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 5 }), fc.nat(3), cuts, (values, indent, portions) => {
        const text = JSON.stringify(values, null, indent);
        const batch = read(new ArrayReader(names, JSON.parse), text, portions);
        expect(batch.items()).toEqual(readArray(names, JSON.parse(text)).items());
      }),
      { numRuns: 500 },
    );
  });

  it('as bytes that are nearly an array', () => {
    const noise = fc.string({ unit: fc.constantFrom(...'[]{},:"\\1e-. \n\ufefftrunl'), maxLength: 12 });
    fc.assert(
      fc.property(noise, cuts, (text, portions) => {
        const parsed = safeArray(`[${text}`);
        const body = () => read(new ArrayReader(names, JSON.parse), `[${text}`, portions);
        if (parsed) expect(body().items()).toEqual(parsed);
        else expect(body).toThrow('not valid JSON');
      }),
      { numRuns: 5000 },
    );
  });

  it('as NDJSON', () => {
    fc.assert(
      fc.property(fc.array(object, { minLength: 1, maxLength: 4 }), cuts, (objects, portions) => {
        const batch = read(new NdjsonReader(names), objects.join('\n'), portions);
        for (const [at, text] of objects.entries()) {
          const [parsed] = safeArray(`[${text}]`) ?? [];
          if (parsed) expect(verdictOf(batch.itemAt(at))).toEqual(verdictOf(parsed));
          else expect(batch.itemAt(at)).toMatchObject({ verdict: 'rejected', code: 'body-malformed' });
          expect(batch.line[at]).toBe(at + 1);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('as CSV, where quotation marks lead to the careful road', () => {
    const cell = fc.constantFrom('m-1', 'nobody', 'c 1', 'm-1234567890123456789012345678901234567890');
    const row = fc.tuple(cell, stampText, energyText, fc.constantFrom('', 'actual', 'missing', 'estimated'));
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 4 }),
        fc.constantFrom('at,value', 'start,energy'),
        fc.constantFrom('\n', '\r\n'),
        cuts,
        (rows, columns, lineEnd, portions) => {
          const header = `meterPoint,${columns},quality`;
          const plain = [header, ...rows.map(cells => cells.join(','))].join(lineEnd);
          const quoted = rows.map(cells => cells.map(each => `"${each}"`).join(','));
          const careful = read(new CsvReader(names), [header, ...quoted].join('\r\n'));
          expect(read(new CsvReader(names), plain, portions).items().map(verdictOf)).toEqual(
            careful.items().map(verdictOf),
          );
        },
      ),
      { numRuns: 1000 },
    );
  });
});

function safeArray(text: string): BatchItem[] | undefined {
  try {
    return readArray(names, JSON.parse(text)).items();
  } catch {
    return undefined; // that it is no JSON is what the caller asks
  }
}

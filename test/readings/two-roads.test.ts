import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noPremises } from '../../src/accounts/meter-point.ts';
import { StoppedClock } from '../../src/kernel/clock.ts';
import { scanInstant, scanMicroKwh, surprise } from '../../src/readings/plain-reading.ts';
import { type BatchItem, type JudgeDeps, postItem } from '../../src/readings/post-readings.ts';
import { readArray, readNdjson, readPlainArray } from '../../src/readings/read-batch.ts';
import { readCsv } from '../../src/readings/read-csv.ts';
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

describe('what the scanner reads itself', () => {
  it('is the instant that parseInstant reads', () => {
    fc.assert(
      fc.property(stampText, text => {
        const scanned = scanInstant(`x${text}y`, 1, 1 + text.length);
        if (scanned !== surprise) expect(scanned).toBe(parseInstant(text, zone));
      }),
      { numRuns: 3000 },
    );
  });

  it('is the energy that parseEnergy reads', () => {
    fc.assert(
      fc.property(energyText, text => {
        const scanned = scanMicroKwh(`x${text}y`, 1, 1 + text.length);
        if (scanned === surprise) return;
        expect(parseEnergy(text)).toEqual({ ok: true, microKwh: scanned, rounded: false });
        expect(parseEnergy(Number(text))).toEqual({ ok: true, microKwh: scanned, rounded: false });
      }),
      { numRuns: 3000 },
    );
  });

  it('is what meters send, so that the fast road is the one taken', () => {
    expect(scanInstant('2026-11-21T10:30:00Z', 0, 20)).toBe(1_795_257_000);
    expect(scanInstant('2026-11-21T21:00:00+10:30', 0, 25)).toBe(1_795_257_000);
    expect(scanInstant('1795257000', 0, 10)).toBe(1_795_257_000);
    expect(scanMicroKwh('123.456', 0, 7)).toBe(123_456_000);
    const plain =
      '{"meterPoint":"m-1","start":1795257000,"energy":"0.512","channel":"E1","quality":"actual","unit":"kWh"}';
    expect(readPlainArray(Buffer.from(`[${plain}, ${plain}]`))?.items).toHaveLength(2);
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
      after: () => undefined,
      apply: () => undefined,
      listVersions: () => [],
      endsBy: () => false,
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
  it('as a JSON array', () => {
    fc.assert(
      fc.property(fc.array(object, { maxLength: 4 }), fc.constantFrom('', ' ', ',', ']'), (objects, tail) => {
        const text = `[${objects.join(' ,')}]${tail}`;
        const scanned = readPlainArray(Buffer.from(text));
        if (!scanned) return;
        // Only what JSON.parse understands may be scanned.
        const parsed = readArray(JSON.parse(text));
        expect(scanned.items.map(verdictOf)).toEqual(parsed.items.map(verdictOf));
      }),
      { numRuns: 2000 },
    );
  });

  it('as NDJSON', () => {
    fc.assert(
      fc.property(fc.array(object, { minLength: 1, maxLength: 4 }), objects => {
        const batch = readNdjson(Buffer.from(objects.join('\n')));
        for (const [at, text] of objects.entries()) {
          const [parsed] = safeArray(`[${text}]`) ?? [];
          if (parsed) expect(verdictOf(batch.items[at]!)).toEqual(verdictOf(parsed));
          else expect(batch.items[at]).toMatchObject({ verdict: 'rejected', code: 'body-malformed' });
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
        (rows, names) => {
          const header = `meterPoint,${names},quality`;
          const plain = readCsv(Buffer.from([header, ...rows.map(cells => cells.join(','))].join('\n')));
          const quoted = rows.map(cells => cells.map(each => `"${each}"`).join(','));
          const careful = readCsv(Buffer.from([header, ...quoted].join('\r\n')));
          expect(plain.items.map(verdictOf)).toEqual(careful.items.map(verdictOf));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

function safeArray(text: string): BatchItem[] | undefined {
  try {
    return readArray(JSON.parse(text)).items;
  } catch {
    return undefined; // that it is no JSON is what the caller asks
  }
}

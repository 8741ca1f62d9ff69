import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ImportWatch, importFile } from '../../src/imports/import-file.ts';
import { keepFile } from '../../src/imports/keep-file.ts';
import { LineScanner } from '../../src/imports/line-scanner.ts';
import { flush } from '../../src/readings/flush.ts';
import { instant } from '../../src/units/time.ts';
import { type TestHouse, testHouse } from '../open-house.ts';
import { d0010File, nem12File } from '../trade-files.ts';
import { dtcFile } from './dtc-file.ts';
import { makeZip } from './make-zip.ts';

const nmis = ['6001000017', '6001000025'];

interface TakeOptions {
  strict?: boolean;
  name?: string;
  watch?: ImportWatch;
  alone?: boolean;
}

async function take(
  { house }: TestHouse,
  content: string | Buffer,
  { strict = false, name = 'a file', watch = {}, alone = false }: TakeOptions = {},
) {
  const { sha256 } = await keepFile(house.importFolder, [Buffer.from(content)]);
  const { zone } = house.config;
  const deps = { ...house, zone, alone, flush: () => flush({ ...house, zone }) };
  const report = await importFile(deps, { name, sha256, strict, by: 'test' }, watch);
  return { ...report, meterPointsCreated: [...report.meterPointsCreated], channels: [...report.channels] };
}

function readingsOf({ house }: TestHouse): number {
  return house.meterPoints.allSeries
    .list()
    .reduce((sum, { id }) => sum + house.index.list(id, instant(0), instant(1e10)).length, 0);
}

describe('importing', () => {
  it('reads a file twice, tells how far it is, and changes nothing the second time', async () => {
    const test = await testHouse();
    const told: string[] = [];
    const file = nem12File(nmis, 40);
    const onProgress: ImportWatch['onProgress'] = ({ stage, done, total }) =>
      void told.push(`${stage} ${done}/${total}`);
    const first = await take(test, file, { watch: { onProgress } });
    const count = 2 * 40 * 48;
    expect(first).toMatchObject({ cancelled: false, counts: { new: count, rejected: 0 }, problems: [] });
    expect(first.channels).toMatchObject([{ readings: count / 2, qualities: { actual: count / 2 } }, {}]);
    const size = Buffer.byteLength(file);
    expect(told).toContain(`reading ${size}/${size}`);
    expect(told.at(-1)).toBe(`taking ${size}/${size}`);
    const again = await take(test, file, { name: 'another name' });
    expect(again).toMatchObject({ counts: { new: 0, identical: count }, importedBefore: { run: first.run } });
    expect(again.channels).toEqual(first.channels);
    expect(readingsOf(test)).toBe(count);
  });

  it('uses the run that waits already', async () => {
    const test = await testHouse();
    const { house } = test;
    const { sha256 } = await keepFile(house.importFolder, [Buffer.from(nem12File(nmis))]);
    const run = house.imports.begin({ sha256, name: 'a', format: '', importedBy: 'upload', strict: false }, 0);
    const deps = { ...house, zone: house.config.zone };
    expect(await importFile(deps, { name: 'a', sha256, strict: false, by: 'upload', run })).toMatchObject({ run });
    expect(house.imports.get(run)).toMatchObject({ format: 'nem12', report: { counts: { new: 96 } } });
  });

  it('decides reading by reading where a file meets another: what differs is listed at its line', async () => {
    const test = await testHouse();
    const file = nem12File([nmis[0]!], 3);
    await take(test, file);
    const lines = file.split('\r\n');
    const at = lines.findIndex(line => line.startsWith('300')) + 1;
    lines[at] = lines[at]!.replace(/^(300,\d+),[^,]*/, '$1,7.777');
    const report = await take(test, lines.join('\r\n'));
    expect(report.counts).toMatchObject({ new: 0, identical: 3 * 48 - 1, conflicting: 1 });
    expect(report.problems).toMatchObject([{ rule: 'N12-36', line: at + 1 }]);
  });

  // A mark of byte order within a serial number is a blank to one reader and a letter to another.
  it.each(['F75A 00802', 'F75A\u00a000802', 'F75A\ufeff00802', 'F75A\t00802'])(
    'knows a meter again by whatever blank stands in its number (D10-16): %j',
    async serial => {
      const test = await testHouse();
      const file = (spelled: string, ...values: string[]) => d0010File(...values).replace('F75A 00802', spelled);
      expect((await take(test, file(serial, '100.0', '110.5'))).counts).toMatchObject({ new: 2 });
      const next = file(serial, '100.0', '110.5', '120.0');
      expect((await take(test, next)).counts).toMatchObject({ new: 1, identical: 2 });
      const tight = file('F75A00802', '100.0', '110.5', '120.0');
      expect((await take(test, tight)).counts).toMatchObject({ new: 0, identical: 3 });
      expect(test.house.meterPoints.allSeries.list()).toMatchObject([{ serial }]);
    },
  );

  it('tells of a newer value between two of a register that leaves it counting down, and takes it', async () => {
    const test = await testHouse();
    const value = (day: number, kWh: string) => `030|S|2026010${day}000000|${kWh}|||T|N|`;
    const file = (stamp: string, values: string[]) =>
      dtcFile('D0010002', ['026|1200023305967|V|', '028|S1|R|', ...values]).replace('20260302153151', stamp);
    const first = [value(1, '100.0'), value(2, '200.0'), value(3, '300.0')];
    expect(await take(test, file('20260301000000', first))).toMatchObject({ counts: { new: 3 }, problems: [] });
    const higher = await take(test, file('20260302000000', [value(2, '900.0')]));
    expect(higher.counts).toMatchObject({ revised: 1, rejected: 0 });
    expect(higher.problems).toMatchObject([
      { line: 4, rule: 'revised-backwards', severity: 'warning', raw: '900', action: 'ignored' },
    ]);
    const next = await take(test, file('20260303000000', [value(3, '950.0')]));
    expect(next).toMatchObject({ counts: { revised: 1 }, problems: [] });
    const { data } = (
      await test.app.inject({ url: '/v1/readings/flags', headers: { authorization: test.authorization() } })
    ).json();
    expect(data).toMatchObject([{ rule: 'revised-backwards', at: '2026-01-02T00:00:00Z', value: '900' }]);
  });

  it('that is stopped while it reads takes nothing, and while it takes keeps and lists what it took', async () => {
    const test = await testHouse();
    // More than is taken at once.
    const file = nem12File(
      Array.from({ length: 10 }, (_, at) => String(6_001_000_100 + at)),
      400,
    );
    const stopAt = (wanted: string, share = 0) => {
      const controller = new AbortController();
      const onProgress: ImportWatch['onProgress'] = ({ stage, done, total }) =>
        void (stage === wanted && done >= total * share && controller.abort());
      return { signal: controller.signal, onProgress };
    };
    expect(await take(test, file, { watch: stopAt('reading') })).toMatchObject({ cancelled: true, counts: { new: 0 } });
    expect(readingsOf(test)).toBe(0);
    const report = await take(test, file, { watch: stopAt('taking', 0.7) });
    expect(report.cancelled).toBe(true);
    expect(report.counts.new).toBeGreaterThan(0);
    expect(report.counts.new).toBeLessThan(10 * 400 * 48);
    expect(readingsOf(test)).toBe(report.counts.new);
    expect(test.house.imports.get(report.run).report).toMatchObject({ cancelled: true, counts: report.counts });
    // Going on is importing it again.
    expect((await take(test, file)).counts).toMatchObject({
      new: 10 * 400 * 48 - report.counts.new,
      identical: report.counts.new,
    });
  });

  describe('by a command, which registers channels ahead of their readings,', () => {
    // Three portions of what is taken at once.
    const many = Array.from({ length: 60 }, (_, at) => String(6_001_000_200 + at));
    const days = 40;

    it('makes what another import makes, in the same order', async () => {
      const file = nem12File(many, days);
      const [ahead, other] = [await testHouse(), await testHouse()];
      const report = await take(ahead, file, { alone: true });
      const { meterPointsCreated, counts, channels } = await take(other, file);
      expect(report).toMatchObject({ meterPointsCreated, counts, channels });
      expect(meterPointsCreated).toEqual(many);
      expect(ahead.house.meterPoints.allSeries.list()).toEqual(other.house.meterPoints.allSeries.list());
    });

    it('registers none of them twice when it was interrupted, and none of a file that is refused', async () => {
      const test = await testHouse();
      const file = nem12File(many, days);
      const broken = `${file.replace(/900\r\n$/, '')}300,20261340,1\r\n900\r\n`;
      expect((await take(test, broken, { alone: true, strict: true })).counts).toMatchObject({ new: 0 });
      expect(test.house.meterPoints.allSeries.list()).toEqual([]);
      const controller = new AbortController();
      const onProgress: ImportWatch['onProgress'] = ({ stage, done, total }) =>
        void (stage === 'taking' && done > total * 0.5 && controller.abort());
      const first = await take(test, file, { alone: true, watch: { signal: controller.signal, onProgress } });
      expect(first.cancelled).toBe(true);
      expect(first.counts.new).toBeLessThan(many.length * days * 48);
      const second = await take(test, file, { alone: true });
      expect([...first.meterPointsCreated, ...second.meterPointsCreated]).toEqual(many);
      expect(second.counts).toMatchObject({
        new: many.length * days * 48 - first.counts.new,
        identical: first.counts.new,
      });
      expect(test.house.meterPoints.allSeries.list()).toHaveLength(many.length);
    });
  });

  it('of a strict file takes nothing when a reading does not go with those that are there', async () => {
    const test = await testHouse();
    await take(test, d0010File('100.0', '110.0', '120.0'));
    // The second day counts down from what is known.
    const other = d0010File('100.0', '110.0', '120.0', '90.0').replace('20160302153151', '20160303153151');
    const strict = await take(test, other, { strict: true });
    expect(strict.counts).toMatchObject({ new: 0, identical: 0, rejected: 1 });
    expect(strict.problems).toMatchObject([{ rule: 'D10-18', field: 'value', raw: '90', action: 'rejected' }]);
    expect(readingsOf(test)).toBe(3);
    expect((await take(test, other)).counts).toMatchObject({ new: 0, identical: 3, rejected: 1 });
  });

  it('of a strict file takes all or nothing, and of a test file nothing', async () => {
    const test = await testHouse();
    const bad = `${nem12File([nmis[0]!]).replace(/900\r\n$/, '')}300,20261340,1\r\n900\r\n`;
    const strict = await take(test, bad, { strict: true });
    expect(strict.counts.new).toBe(0);
    expect(strict.counts.rejected).toBeGreaterThan(0);
    expect(readingsOf(test)).toBe(0);
    expect((await take(test, bad)).counts).toMatchObject({ new: 48, rejected: strict.counts.rejected });
    const trial = d0010File('100.0').replace('OPER', 'TR01');
    const refused = await take(test, trial);
    expect(refused.counts).toMatchObject({ new: 0, rejected: 1 });
    expect(refused.problems.at(-1)).toMatchObject({ rule: 'D10-1', action: 'rejected' });
    expect(readingsOf(test)).toBe(48);
  });

  it('reads the members of a zip, and refuses a damaged one before anything is taken', async () => {
    const test = await testHouse();
    const members = nmis.map(nmi => ({ name: `${nmi}.csv`, content: nem12File([nmi], 20) }));
    const odd = { name: 'note.txt', content: 'hello' };
    expect(await take(test, makeZip([...members, odd]))).toMatchObject({
      format: 'nem12',
      counts: { new: 2 * 20 * 48, rejected: 1 },
      problems: [{ rule: 'X-10', member: 'a file!note.txt' }],
    });
    const other = await testHouse();
    const lying = makeZip([members[0]!, { ...members[1]!, claimedCrc: 1 }]);
    await expect(take(other, lying)).rejects.toMatchObject({ code: 'archive-damaged' });
    expect(readingsOf(other)).toBe(0);
  });

  it.each([
    ['an empty zip', makeZip([]), 'N12-3'],
    ['a zip of folders', makeZip([{ name: 'a/', content: '', method: 0 }]), 'N12-3'],
    ['an empty file', '', 'X-10'],
    ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2]), 'X-10'],
  ])('%s is a problem with a name, never a success without a word', async (_what, content, rule) => {
    const report = await take(await testHouse(), content);
    expect(report).toMatchObject({
      format: 'unknown',
      counts: { rejected: 1 },
      problems: [{ rule, action: 'rejected' }],
    });
  });

  it('reads a file whose lines end in CR alone as it reads any other', async () => {
    const test = await testHouse();
    const file = nem12File(nmis, 10).replaceAll('\r\n', '\r');
    expect(await take(test, file)).toMatchObject({ counts: { new: 2 * 10 * 48, rejected: 0 } });
  });
});

describe('lines', () => {
  const cut = (text: string, sizes: number[]) => {
    const lines: string[] = [];
    const scanner = new LineScanner({
      line: (bytes, start, end, number, ending) =>
        void lines.push(`${number} ${ending} ${bytes.toString('latin1', start, end)}`),
      lineTooLong: (beginning, number) => void lines.push(`${number} too long ${beginning}`),
      byteOrderMark: () => undefined,
    });
    const bytes = Buffer.from(text, 'latin1');
    for (let at = 0, turn = 0; at < bytes.length; turn++) {
      const size = sizes[turn % sizes.length]!;
      scanner.push(bytes.subarray(at, at + size));
      at += size;
    }
    scanner.end();
    return lines;
  };

  it('are the same however the bytes are cut, whatever they end in', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '\r', '\n', '\r\n', ','), maxLength: 40 });
    const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 });
    // What a line may hold is a megabyte.
    const filler = fc.constantFrom(0, 0, 0, 0, (1 << 20) - 2, (1 << 20) + 5);
    fc.assert(
      fc.property(text, filler, text, sizes, (before, fill, after, cuts) => {
        const all = before + 'x'.repeat(fill) + after;
        const lines = cut(all, fill > 0 ? cuts.map(size => size ** 5 + 5000) : cuts);
        expect(lines.join('\n') === cut(all, [1e9]).join('\n')).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('end in CR alone only where there is no LF', () => {
    expect(cut('a\rb\rc', [1])).toEqual(['1 lf a', '2 lf b', '3 none c']);
    expect(cut('a\rb\nc\r\n', [2])).toEqual(['1 lf a\rb', '2 crlf c']);
    expect(cut('a\r', [1])).toEqual(['1 none a']);
  });
});

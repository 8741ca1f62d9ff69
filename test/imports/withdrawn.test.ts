import { describe, expect, it } from 'vitest';
import type { UndoReport } from '../../src/imports/import-undo.ts';
import { undoImport } from '../../src/imports/undo-import.ts';
import { AsKnown } from '../../src/readings/as-known.ts';
import { flush } from '../../src/readings/flush.ts';
import { formatKwh } from '../../src/units/energy.ts';
import { instant, instantOfMs } from '../../src/units/time.ts';
import { type TestHouse, testHouse } from '../open-house.ts';

const mpan = '1200023305967';
/** The groups of the two flows of such readings. */
const flows = { D0010002: ['026', '028', '030'], D0086002: ['196', '197', '198'] } as const;

interface Said {
  type?: string;
  value: string;
  day?: string;
}

/** A flow of readings of register S, a meter group each. `made` is the ZHV's day of March 2026. */
function flowFile(said: Said[], made: number, flow: keyof typeof flows = 'D0010002', flag = 'OPER'): string {
  const [point, meter, register] = flows[flow];
  const groups = said.flatMap(({ type = 'R', value, day = '20260222' }) => [
    `${meter}|F75A 00802|${type}|`,
    `${register}|S|${day}000000|${value}|||T|N|`,
  ]);
  const stamp = `202603${String(made).padStart(2, '0')}120000`;
  const lines = [`ZHV|00000000${made}|${flow}|D|UDMS|X|RETL|${stamp}||||${flag}|`, `${point}|${mpan}|V|`, ...groups];
  return `${lines.join('\r\n')}\r\nZPT|00000000${made}|${groups.length + 1}||1|${stamp}|\r\n`;
}

async function withFiles() {
  const test = await testHouse({ zone: 'Europe/London' });
  return { test, take: (content: string, query = '') => takeInto(test, content, query) };
}

async function takeInto({ app, authorization, clock }: TestHouse, content: string, query = '') {
  const headers = { authorization: authorization(), 'content-type': 'application/octet-stream' };
  const url = `/v1/imports?wait=true${query}`;
  const { imports } = (await app.inject({ method: 'POST', url, headers, payload: content })).json();
  const { id } = imports[0] as { id: number };
  const asked = async (of: string) =>
    (await app.inject({ method: 'GET', url: `/v1/imports/${id}${of}`, headers })).json();
  const [run, { data }] = [await asked(''), await asked('/problems')];
  clock.advance(60_000);
  const problems = (data as { rule: string; message: string }[]).map(({ rule, message }) => `${rule} ${message}`);
  return { id, counts: run.counts as Record<string, number>, problems };
}

function seriesOf({ house }: TestHouse) {
  return house.meterPoints.listSeries(house.meterPoints.get(mpan).id)[0]!;
}

/** "100 actual", by time. */
function current(test: TestHouse, index: Pick<TestHouse['house']['index'], 'list'> = test.house.index): string[] {
  return index
    .list(seriesOf(test).id, instant(0), instant(1e10))
    .map(({ value, quality }) => `${formatKwh(value)} ${quality}`);
}

function history(test: TestHouse): string[] {
  return test.house.index
    .listHistory(seriesOf(test).id, instant(0), instant(1e10))
    .map(({ reading, outcome }) => `${formatKwh(reading.value)} ${outcome}`);
}

describe('a reading of type W takes an earlier one back (D10-10)', () => {
  it.each(Object.keys(flows) as (keyof typeof flows)[])(
    'in %s: it is no longer current, what it replaced is, and the history shows both',
    async flow => {
      const { test, take } = await withFiles();
      await take(flowFile([{ type: 'D', value: '90.0' }], 1, flow));
      await take(flowFile([{ value: '100.0' }], 2, flow));
      expect(current(test)).toEqual(['100 actual']);
      const before = instantOfMs(test.clock.now());
      test.clock.advance(60_000);
      const { counts, problems } = await take(flowFile([{ type: 'W', value: '100.0' }], 3, flow));
      expect(current(test)).toEqual(['90 deemed']);
      expect(counts).toMatchObject({ new: 0, revised: 1, rejected: 0 });
      expect(problems).toEqual([expect.stringMatching(/^D10-10 .*withdrew 100 of .* at .*: 90 is current$/)]);
      expect(history(test)).toEqual(expect.arrayContaining(['90 superseded', '100 withdrawn']));
      expect(current(test, new AsKnown(test.house.index, before) as never)).toEqual(['100 actual']);
    },
  );

  it('leaves nothing where nothing was before it, also after a flush and another start', async () => {
    const { test, take } = await withFiles();
    await take(flowFile([{ value: '100.0' }, { value: '120.0', day: '20260301' }], 2));
    await flush({ ...test.house, zone: test.house.config.zone });
    const { problems } = await take(flowFile([{ type: 'W', value: '100.0' }], 3));
    expect(problems).toEqual([expect.stringContaining('nothing stands there any more')]);
    expect(current(test)).toEqual(['120 actual']);
    await test.close();
    const again = await testHouse({ zone: 'Europe/London', home: test.home });
    expect(current(again)).toEqual(['120 actual']);
    expect(history(again)).toEqual(['100 withdrawn']);
    // What was withdrawn is known after the restart, too.
    const { counts } = await takeInto(again, flowFile([{ value: '100.0' }], 1));
    expect([counts, current(again)]).toMatchObject([{ new: 0, older: 1 }, ['120 actual']]);
  });

  it.each<[title: string, files: [Said[], made: number][], left: string[]]>([
    [
      'before the reading it is of',
      [
        [
          [
            { type: 'W', value: '100.0' },
            { value: '120.0', day: '20260301' },
          ],
          3,
        ],
        [[{ value: '100.0' }], 2],
      ],
      ['120 actual'],
    ],
    [
      'and the correction in one file',
      [
        [[{ value: '100.0' }], 2],
        [[{ type: 'W', value: '100.0' }, { value: '110.0' }], 3],
      ],
      ['110 actual'],
    ],
    [
      'after the correction in one file',
      [
        [[{ value: '100.0' }], 2],
        [[{ value: '110.0' }, { type: 'W', value: '100.0' }], 3],
      ],
      ['110 actual'],
    ],
    [
      'and a newer file that says it again',
      [
        [[{ value: '100.0' }], 2],
        [[{ type: 'W', value: '100.0' }], 3],
        [[{ value: '100.0' }], 4],
      ],
      ['100 actual'],
    ],
    [
      'older than the reading',
      [
        [[{ value: '100.0' }], 4],
        [[{ type: 'W', value: '100.0' }], 3],
      ],
      ['100 actual'],
    ],
    [
      'of another value than what stands there',
      [
        [[{ value: '100.0' }], 2],
        [[{ type: 'W', value: '101.0' }], 3],
      ],
      ['100 actual'],
    ],
    [
      'of another day',
      [
        [[{ value: '100.0' }], 2],
        [[{ type: 'W', value: '100.0', day: '20260223' }], 3],
      ],
      ['100 actual'],
    ],
    [
      'with its reading in one file',
      [[[{ value: '120.0', day: '20260301' }, { value: '100.0' }, { type: 'W', value: '100.0' }], 2]],
      ['120 actual'],
    ],
  ])('%s', async (_, files, left) => {
    const { test, take } = await withFiles();
    for (const [said, made] of files) await take(flowFile(said, made));
    expect(current(test)).toEqual(left);
    // The same files once more, in either order, change nothing.
    for (const [said, made] of [...files, ...files.toReversed()]) await take(flowFile(said, made));
    expect(current(test)).toEqual(left);
  });

  it('of a meter that nobody knows is told and makes none', async () => {
    const { test, take } = await withFiles();
    const { problems, counts } = await take(flowFile([{ type: 'W', value: '100.0' }], 3));
    expect(problems).toEqual([expect.stringContaining('which nobody knows')]);
    expect(counts).toMatchObject({ new: 0, rejected: 0 });
    expect(test.house.meterPoints.find(mpan)).toBeUndefined();
  });

  it('takes nothing back in a dry run or from a test file, and a strict file sees what it did itself', async () => {
    const { test, take } = await withFiles();
    await take(flowFile([{ type: 'D', value: '90.0' }], 1));
    await take(flowFile([{ value: '100.0' }], 2));
    const dry = await take(flowFile([{ type: 'W', value: '100.0' }], 3), '&dry_run=true');
    expect(dry.counts).toMatchObject({ revised: 1 });
    await take(flowFile([{ type: 'W', value: '100.0' }], 4, 'D0010002', 'TR01'));
    expect(current(test)).toEqual(['100 actual']);
    // Below the reading that goes, so that only a rehearsal that has withdrawn it lets it pass.
    const strict = [
      { type: 'W', value: '100.0' },
      { value: '95.0', day: '20260301' },
    ];
    expect((await take(flowFile(strict, 5), '&strict=true')).counts).toMatchObject({ new: 1, revised: 1, rejected: 0 });
    expect(current(test)).toEqual(['90 deemed', '95 actual']);
  });

  it('is undone with its import, also when the process ends before what it took back is read again', async () => {
    const { test, take } = await withFiles();
    await take(flowFile([{ value: '100.0' }], 2));
    const { id } = await take(flowFile([{ type: 'W', value: '100.0' }], 3));
    const deps = { ...test.house, zone: test.house.config.zone, listBilled: () => [] };
    const run = test.house.imports.get(id);
    const abort = new AbortController();
    const found: { withdrawn: UndoReport | undefined } = { withdrawn: undefined };
    const onWithdrawn = (report: UndoReport) => {
      found.withdrawn = report;
      abort.abort();
    };
    await undoImport(deps, run, { dryRun: false, signal: abort.signal, onWithdrawn });
    expect(current(test)).toEqual([]);
    await undoImport(deps, run, { dryRun: false, before: { orderedAt: 0, ...found } });
    expect(current(test)).toEqual(['100 actual']);
  });

  it('is undone with its import: what it took back is there again', async () => {
    const { test, take } = await withFiles();
    await take(flowFile([{ value: '100.0' }], 2));
    const { id } = await take(flowFile([{ type: 'W', value: '100.0' }], 3));
    expect(current(test)).toEqual([]);
    await test.house.importUndos.undo(id, 'test');
    expect(current(test)).toEqual(['100 actual']);
  });

  it('stands until each of two withdrawals is undone, in whatever order, the reading before, between or behind them', async () => {
    for (const place of [0, 1, 2])
      for (const undone of [
        [0, 1],
        [1, 0],
      ]) {
        const { test, take } = await withFiles();
        await take(flowFile([{ value: '80.0', day: '20260201' }], 1));
        const files = [3, 4].map(made =>
          flowFile(
            [
              { type: 'W', value: '100.0' },
              { value: '81.0', day: '20260202' },
            ],
            made,
          ),
        );
        files.splice(place, 0, flowFile([{ value: '100.0' }], 2));
        const ids: number[] = [];
        for (const file of files) ids.push((await take(file)).id);
        ids.splice(place, 1);
        await test.house.importUndos.undo(ids[undone[0]!]!, 'test');
        expect(current(test)).not.toContain('100 actual');
        test.clock.advance(60_000);
        await test.house.importUndos.undo(ids[undone[1]!]!, 'test');
        expect(current(test)).toEqual(['80 actual', '100 actual']);
      }
  });

  it('raises a rebill when an invoice rests on it', async () => {
    const { test, take } = await withFiles();
    const { app, house } = test;
    const headers = { authorization: test.authorization() };
    const send = async (method: 'GET' | 'POST', url: string, payload?: object) =>
      (await app.inject({ method, url, headers, ...(payload && { payload }) })).json();
    const flushed = () => flush({ ...house, zone: house.config.zone });
    await take(
      flowFile(
        [
          { value: '100.0', day: '20260201' },
          { value: '180.0', day: '20260301' },
        ],
        2,
      ),
    );
    await flushed();
    await send('POST', '/v1/plans', {
      ...{ planCode: 'FLAT', displayName: 'Flat', currency: house.config.currency, taxBasis: 'EXCLUSIVE' },
      ...{ effectiveFrom: '2026-01-01', taxes: { VAT: { name: 'VAT', percent: '5' } } },
      components: [
        { kind: 'energy', code: 'USE', register: 'S', rates: [{ code: 'ALL', unitPrice: '0.30' }], tax: 'VAT' },
      ],
    });
    await send('POST', '/v1/accounts', { number: 'A-1', name: 'Bakery' });
    await send('POST', '/v1/accounts/A-1/supplies', { meterPoint: mpan, plan: 'FLAT', from: '2026-02-01' });
    const { bills } = await send('POST', '/v1/bill-runs', { month: '2026-02' });
    expect(bills).toMatchObject([{ verdict: 'issued' }]);
    await take(flowFile([{ type: 'W', value: '180.0', day: '20260301' }], 3));
    await flushed();
    const { data } = await send('GET', '/v1/rebill-candidates');
    expect(data).toMatchObject([{ invoice: bills[0].number, why: ['gone'] }]);
  });
});

import { describe, expect, it } from 'vitest';
import type { Flow } from '../../src/accounts/meter-point.ts';
import { barChart, type ChartSpec, niceTicks } from '../../src/admin/chart.ts';
import { describeQuality, EnergyBuckets } from '../../src/admin/energy-buckets.ts';
import { type ListSpec, listView, pageOfRows, readListState } from '../../src/admin/list.ts';
import { qualityCode } from '../../src/readings/reading.ts';
import { instant } from '../../src/units/time.ts';

interface Dog {
  name: string;
  age: number;
}
const spec: ListSpec<Dog> = {
  url: '/admin/dogs',
  caption: 'Dogs',
  searchLabel: 'Name',
  filters: [{ name: 'size', label: 'Size', options: [{ value: 'big', label: 'Big' }] }],
  emptyText: 'No dogs.',
  columns: [
    { key: 'name', title: 'Name', cell: dog => dog.name },
    { key: 'age', title: 'Age', cell: dog => String(dog.age), sortBy: dog => dog.age, number: true },
  ],
};
const dogs = Array.from({ length: 120 }, (_, index) => ({ name: `dog ${index}`, age: index % 7 }));
const stateOf = (search: string) => readListState(new URLSearchParams(search), spec);

describe('a list', () => {
  it('takes its whole state from the URL and gives it back in its links', () => {
    const state = stateOf('q=a%26b&size=big&sort=-age&page=2');
    const view = listView(spec, state, pageOfRows(dogs, spec, state), dogs.length);
    expect([view.first, view.last, view.total]).toEqual([51, 100, 120]);
    expect(view.previousUrl).toBe('/admin/dogs?q=a%26b&size=big&sort=-age');
    expect(view.nextUrl).toBe('/admin/dogs?q=a%26b&size=big&sort=-age&page=3');
    expect(view.columns[1]).toMatchObject({ sorted: 'descending', sortUrl: '/admin/dogs?q=a%26b&size=big&sort=age' });
    expect(view.columns[0]?.sortUrl).toBeUndefined();
  });

  it.each(['sort=name', 'sort=__proto__', 'page=-1', 'page=1e99', 'page=x', 'size=huge', 'q=%20'])(
    'takes %s as if it were not there',
    search => expect(stateOf(search)).toEqual(stateOf('')),
  );

  it('sorts, and a page beyond the end is empty with a way back', () => {
    const sorted = pageOfRows(dogs, spec, stateOf('sort=-age'));
    expect(sorted.map(dog => dog.age)).toEqual(sorted.map(dog => dog.age).toSorted((a, b) => b - a));
    const state = stateOf('page=9');
    const view = listView(spec, state, pageOfRows(dogs, spec, state), dogs.length);
    expect([view.rows.length, view.first, view.previousUrl, view.nextUrl]).toEqual([
      0,
      0,
      '/admin/dogs?page=3',
      undefined,
    ]);
  });
});

describe('the ticks of an axis', () => {
  it.each([
    [0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [0, 0.03, [0, 0.005, 0.01, 0.015, 0.02, 0.025, 0.03]],
    [0, 48.2, [0, 10, 20, 30, 40, 50]],
    [-3, 7, [-4, -2, 0, 2, 4, 6, 8]],
    [0, 0, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [0, 1_234_567, [0, 200_000, 400_000, 600_000, 800_000, 1_000_000, 1_200_000, 1_400_000]],
  ])('from %d to %d are %j', (low, high, ticks) => expect(niceTicks(low, high, 8)).toEqual(ticks));
});

describe('a chart', () => {
  const value = (kWh: number, estimated = false) => ({ value: kWh, text: `${kWh} kWh`, estimated });
  const chart: ChartSpec = {
    id: 'c',
    title: 'Energy <b>',
    description: 'Three days.',
    unit: 'kWh',
    series: [
      { name: 'From grid', tone: 'from-grid', below: false, total: '3 kWh' },
      { name: 'From solar', tone: 'from-solar', below: false, total: '1 kWh' },
      { name: 'To grid', tone: 'to-grid', below: true, total: '1 kWh' },
    ],
    points: [
      { label: '1', tick: '1', values: [value(2), value(1), value(1)], missing: false },
      { label: '2', tick: '', values: [undefined, undefined, undefined], missing: true },
      { label: '"3"', tick: '', values: [value(1, true), undefined, undefined], missing: true },
      { label: '4', tick: '', values: [undefined, undefined, undefined], missing: false },
    ],
  };
  const bars = (svg: string) =>
    [...svg.matchAll(/<rect class="bar ([^"]+)" x="[\d.]+" y="([\d.]+)" width="[\d.]+" height="([\d.]+)"/g)].map(
      ([, tone, y, height]) => ({ tone, top: Number(y), bottom: Number(y) + Number(height) }),
    );

  it('has a title and a description that are read aloud, and no style of its own', () => {
    const { svg, narrowSvg } = barChart(chart);
    expect(svg).toContain('role="img" aria-labelledby="c-wide-title c-wide-text"');
    expect(svg).toContain('<title id="c-wide-title">Energy &lt;b&gt;</title><desc id="c-wide-text">Three days.</desc>');
    expect(svg + narrowSvg).not.toMatch(/style=|<b>|NaN|undefined/);
    expect(svg).toContain('<title>1: From grid 2 kWh, From solar 1 kWh, To grid 1 kWh</title>');
  });

  it('puts what is used on each other and what is sent away below the axis, on one scale', () => {
    const [grid, solar, back] = bars(barChart(chart).svg);
    expect(solar!.bottom).toBeCloseTo(grid!.top, 1);
    expect(back!.top).toBeCloseTo(grid!.bottom, 1);
    expect(grid!.bottom - grid!.top).toBeCloseTo(2 * (back!.bottom - back!.top), 0);
  });

  it('shows a gap as a gap, an estimate hatched, and nothing where nothing is due yet', () => {
    const { svg, estimated, missing } = barChart(chart);
    expect([bars(svg).length, estimated, missing]).toEqual([4, true, true]);
    expect(svg.match(/class="gap"/g)).toHaveLength(1);
    expect(svg.match(/class="gap-mark"/g)).toHaveLength(2);
    expect(svg.match(/url\(#c-wide-hatch\)/g)).toHaveLength(1);
    expect(svg).toContain('<title>2: no value</title>');
    expect(svg).toContain('<title>&quot;3&quot;: From grid 1 kWh (estimated), some missing</title>');
  });

  it('writes no label over another', () => {
    const points = Array.from({ length: 48 }, (_, at) => ({ ...chart.points[0]!, tick: `${at}:00` }));
    const labels = barChart({ ...chart, points }).narrowSvg.matchAll(/<text x="([\d.]+)" y="232"/g);
    const places = [...labels].map(([, x]) => Number(x));
    expect(places.length).toBeGreaterThan(4);
    for (const [index, place] of places.entries()) expect(place - (places[index - 1] ?? -100)).toBeGreaterThan(30);
  });

  it('draws nothing wrong of nothing', () => {
    expect(barChart({ ...chart, series: [], points: [] }).svg).not.toMatch(/NaN|Infinity/);
  });
});

describe('buckets of energy', () => {
  const from = instant(1_800_000_000);
  const bounds = [0, 1800, 3600, 5400].map(offset => instant(from + offset));
  const series = { id: 1, meterPointId: 1, serial: '', kind: 'channel', code: 'E1', unit: 'kWh' } as const;
  const add = (buckets: EnergyBuckets, stepSeconds: number, energies: number[], flow: Flow = 'from-grid') =>
    buckets.add({
      series: { ...series, flow, intervalMinutes: stepSeconds / 60 },
      energy: {
        from,
        stepSeconds,
        energy: Float64Array.from(energies),
        quality: Uint8Array.from(energies, () => qualityCode('actual')),
      },
      startReading: undefined,
      endReading: undefined,
    });

  it('add shorter intervals up and spread longer ones, to the last micro-kWh', () => {
    const buckets = new EnergyBuckets(bounds, instant(from + 9000));
    add(buckets, 900, [1, 2, 3, 4, 5, Number.NaN]);
    expect(buckets.of('from-grid').map(({ energy }) => energy)).toEqual([3, 7, 5]);
    expect(describeQuality([buckets.of('from-grid')[2]!])).toBe('1 actual, 1 missing');
    add(buckets, 5400, [10], 'to-grid');
    expect(buckets.of('to-grid').map(({ energy }) => energy)).toEqual([4, 3, 3]);
    expect([buckets.total('to-grid'), buckets.flows()]).toEqual([10, ['from-grid', 'to-grid']]);
  });

  it('know what is missing from what is still to come', () => {
    const buckets = new EnergyBuckets(bounds, instant(from + 4000));
    add(buckets, 1800, [5, Number.NaN, Number.NaN]);
    expect(buckets.of('from-grid').map(bucket => describeQuality([bucket]))).toEqual(['actual', 'missing', 'to come']);
  });
});

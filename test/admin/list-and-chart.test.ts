import { describe, expect, it } from 'vitest';
import { barChart, type ChartSpec, lineChart, niceTicks } from '../../src/admin/chart.ts';
import { type ListSpec, listView, pageOfRows, readListState } from '../../src/admin/list.ts';

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
  const chart: ChartSpec = {
    id: 'c',
    title: 'Energy <b>',
    description: 'Three days.',
    unit: 'kWh',
    axis: 'Day',
    names: ['From grid'],
    points: [
      { label: '1', value: 2, text: '2 kWh' },
      { label: '2', value: undefined, text: '' },
      { label: '"3"', value: 1, text: '1 kWh', estimated: true },
    ],
  };

  it('has a title and a description that are read aloud, and no style of its own', () => {
    const { svg } = barChart(chart);
    expect(svg).toContain('role="img" aria-labelledby="c-title c-text"');
    expect(svg).toContain('<title id="c-title">Energy &lt;b&gt;</title><desc id="c-text">Three days.</desc>');
    expect(svg).not.toMatch(/style=|<b>|NaN|undefined/);
  });

  it('shows a gap as a gap, never as zero', () => {
    expect(barChart(chart).svg.match(/<rect class="bar/g)).toHaveLength(2);
    expect(barChart(chart).svg).toContain('<title>2: no value</title>');
    expect(lineChart(chart).svg).toMatch(/class="line" d="M[\d. ]+M[\d. ]+"/);
  });

  it('draws nothing wrong of nothing', () => {
    expect(barChart({ ...chart, points: [] }).svg).not.toMatch(/NaN|Infinity/);
  });
});

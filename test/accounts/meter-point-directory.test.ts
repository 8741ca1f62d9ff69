import { expect, it } from 'vitest';
import { testHouse } from '../open-house.ts';

it('gives each page of what fits, and how many there are, over more meter points than are looked at at once', async () => {
  const { house } = await testHouse();
  const { meterPoints } = house;
  const all = Array.from({ length: 6000 }, (_, at) => `M${String(at * 7).padStart(6, '0')}`);
  meterPoints.addTogether(() => {
    for (const [at, identifier] of all.entries())
      meterPoints.add(
        {
          identifier,
          address: at % 3 === 0 ? 'High Street' : '',
          zone: house.config.zone,
          origin: 'import',
          region: at % 2 ? 'N' : '',
        },
        0,
      );
  });
  const filters = [
    [{}, () => true],
    [{ search: 'm0' }, () => true],
    [{ search: '77' }, (identifier: string) => identifier.includes('77')],
    [{ search: 'high' }, (_: string, at: number) => at % 3 === 0],
    [{ search: 'HIGH', region: 'N' }, (_: string, at: number) => at % 3 === 0 && at % 2 === 1],
    [{ search: 'nothing of the kind' }, () => false],
  ] as const;
  for (const [filter, fits] of filters) {
    const fitting = all.filter(fits);
    for (const offset of [
      0,
      30,
      Math.floor(fitting.length / 2),
      Math.max(0, fitting.length - 20),
      fitting.length + 10,
    ]) {
      const { rows, total } = await meterPoints.directory.page(filter, { limit: 50, offset });
      expect({ filter, offset, total }).toEqual({ filter, offset, total: fitting.length });
      expect(rows.map(({ identifier }) => identifier)).toEqual(fitting.slice(offset, offset + 50));
    }
  }
});

it('finds what was added or changed since the last search, in memory as in SQL', async () => {
  const { house } = await testHouse();
  const { meterPoints } = house;
  const add = (identifier: string, address: string) =>
    meterPoints.add({ identifier, address, zone: house.config.zone, origin: 'registered' }, 0);
  const found = async (search: string) => {
    const { rows, total } = await meterPoints.directory.page({ search }, { limit: 50, offset: 0 });
    expect(rows).toEqual(meterPoints.directory.list({ search }));
    expect(total).toBe(meterPoints.directory.count({ search }));
    return rows.map(({ identifier }) => identifier);
  };
  const first = add('M-2', 'Ñandú Road 7\nFlat 3');
  expect(await found('road')).toEqual(['M-2']);
  add('M-1', 'Long Road');
  expect(await found('road')).toEqual(['M-1', 'M-2']);
  meterPoints.change(first, { ...first, address: 'High Street', region: 'north' });
  expect(await found('road')).toEqual(['M-1']);
  // Nothing is found across two meter points, and letters beyond ASCII are what they are.
  for (const search of ['M', 'ROAD', 'North', '%', '_', 'street north', 'road\nm-2', 'ñ', 'Ñ']) await found(search);
});

import { expect, it } from 'vitest';
import { pageOfMeterPoints } from '../../src/accounts/page-of-meter-points.ts';
import { testHouse } from '../open-house.ts';

it('gives each page of what fits, and how many there are, over more meter points than are walked at once', async () => {
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
      const { rows, total } = await pageOfMeterPoints(meterPoints, filter, { limit: 50, offset });
      expect({ filter, offset, total }).toEqual({ filter, offset, total: fitting.length });
      expect(rows.map(({ identifier }) => identifier)).toEqual(fitting.slice(offset, offset + 50));
    }
  }
}, 60_000);

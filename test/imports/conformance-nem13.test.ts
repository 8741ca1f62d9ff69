import { describe, expect, it } from 'vitest';
import { detect } from '../../src/imports/detect.ts';
import { nem13 } from '../../src/imports/formats/nem13.ts';
import { readZip } from '../../src/imports/zip.ts';
import { formatWallClock, type Zone } from '../../src/units/time.ts';
import { collectEvents, type Events, tolerant, verdicts } from './collect-events.ts';
import { isAbsent, micro, readTradeFile, rowsOf, sorted, tally } from './trade-data.ts';

const absent = isAbsent('nem13');
const aest = '+10:00' as Zone;

async function eventsOf(file: string): Promise<Events> {
  const all: Events[] = [];
  for await (const { member, chunks } of readZip(readTradeFile(`nem13/${file}`), file, problem =>
    expect(problem).toBeUndefined(),
  )) {
    const parts: Uint8Array[] = [];
    for await (const chunk of chunks) parts.push(chunk);
    expect(detect(Buffer.concat(parts))).toMatchObject({ format: { name: 'nem13' } });
    all.push(collectEvents(nem13, parts, { ...tolerant, member }));
  }
  expect(all).toHaveLength(1);
  return all[0]!;
}

describe.skipIf(absent)('NEM13 files of the trade', () => {
  const expected = absent ? [] : rowsOf('nem13/expected.csv');
  const files = [...new Set(expected.map(({ file }) => file!))];

  it.each(files)('%s gives what it gave others, register by register', async file => {
    const { advances, indexReads } = await eventsOf(file);
    const rows = expected.filter(row => row.file === file);
    const keyOf = ({ meterPoint, registerId }: { meterPoint: string; registerId: string }) =>
      `${meterPoint} ${registerId}`;
    expect([...new Set(advances.map(({ current }) => keyOf(current)))].sort()).toEqual(
      rows.map(({ nmi, suffix }) => `${nmi} ${suffix}`).sort(),
    );
    for (const row of rows) {
      const own = advances.filter(({ current }) => keyOf(current) === `${row.nmi} ${row.suffix}`);
      // The reference counts no reasons for NEM13.
      const quantity = own.reduce((sum, each) => sum + BigInt(each.quantity), 0n);
      expect(
        {
          unit: own[0]!.unit.toUpperCase(),
          meterSerial: own[0]!.current.meterSerial,
          intervals: own.length,
          first: formatWallClock(own.map(({ from }) => from).sort((a, b) => a - b)[0]!, aest),
          last: formatWallClock(own.map(({ current }) => current.at).sort((a, b) => b - a)[0]!, aest),
          sum: quantity,
          qualities: tally(own.map(({ current: { span } }) => span!.flag + span!.method)),
          minutes: tally(own.map(({ from, current }) => String(Math.floor((current.at - from) / 60)))),
          transactions: indexReads.filter(
            ({ channel }) => keyOf({ ...channel, registerId: channel.suffix }) === keyOf(own[0]!.current),
          ).length,
          periodsTwice: own.length - new Set(own.map(({ from, current }) => `${from} ${current.at}`)).size,
          energySum: own[0]!.isEnergy ? quantity : undefined,
        },
        `${row.nmi} ${row.suffix}`,
      ).toEqual({
        unit: row.uom!.toUpperCase(),
        meterSerial: row.meter_serial,
        intervals: Number(row.intervals),
        first: row.first_start_aest!.replace(' ', 'T'),
        last: row.last_end_aest!.replace(' ', 'T'),
        sum: micro(row.sum!),
        qualities: sorted(row.quality_counts!),
        minutes: sorted(row.interval_minutes_counts!),
        transactions: Number(row.b2b_records),
        periodsTwice: Number(row.duplicate_intervals),
        energySum: row.kwh_sum === '' ? undefined : micro(row.kwh_sum!),
      });
    }
  });

  it('has every row of expected.csv', () => {
    expect(expected.length).toBeGreaterThanOrEqual(65);
  });

  it('does not take in reads that would bill another energy than was counted', async () => {
    const rejected: string[] = [];
    for (const file of files) {
      const { problems } = await eventsOf(file);
      const errors = problems.filter(({ severity }) => severity === 'error');
      rejected.push(...verdicts(errors).map(verdict => `${file.split('#')[1]} ${verdict}`));
    }
    expect(rejected).toEqual(['000000000000011 error N13-2 L2 rejected', 'SCENARIO13 error N13-2 L2 rejected']);
  });
});

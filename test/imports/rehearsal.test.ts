import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type TestHouse, testHouse } from '../open-house.ts';
import { makeZip } from './make-zip.ts';

const header =
  'meter_point,kind,code,meter,flow,unit,at,minutes,value,quality,version,method,reason_code,reason_text,status';

interface Row {
  minutes: number;
  /** In intervals of its own length. */
  slot: number;
  value: number;
  version: number;
  waits: boolean;
}

/** What a file of our own says of one channel, intervals of lengths that reach into each other. */
function file(rows: Row[]): string {
  const lines = rows.map(({ minutes, slot, value, version, waits }) => {
    const at = new Date(Date.UTC(2026, 10, 20, 0, slot * minutes)).toISOString();
    const stamp = version > 0 ? `2026-11-20T12:00:0${version}Z` : '';
    return `m-1,channel,E1,,from-grid,kWh,${at},${minutes},${value},actual,${stamp},,,,${waits ? 'conflict' : ''}`;
  });
  return [header, ...lines, ''].join('\r\n');
}

async function take({ house }: TestHouse, content: string | Uint8Array, dryRun = false) {
  const bytes = (async function* () {
    yield Buffer.from(content);
  })();
  const kept = await house.importQueue.keep(bytes, { dryRun });
  const order = { ...kept, name: 'a file', strict: false, importedBy: 'test', profile: '', meterPoint: '' };
  const { report } = await house.importQueue.settled(house.importQueue.order(order, { dryRun }).id);
  return report?.counts;
}

describe('a dry run', () => {
  it('counts what the import counts, whatever reaches into what', async () => {
    const row = fc.record({
      minutes: fc.constantFrom(15, 30, 30, 60),
      slot: fc.nat(3),
      value: fc.integer({ min: 1, max: 3 }),
      version: fc.nat(2),
      waits: fc.nat(9).map(drawn => drawn === 0),
    });
    const files = fc.array(fc.array(row, { minLength: 1, maxLength: 8 }).map(file), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(files, async all => {
        const test = await testHouse();
        for (const each of all) {
          const dry = await take(test, each, true);
          expect(dry).toEqual(await take(test, each));
        }
        await test.close();
      }),
      { numRuns: 15, interruptAfterTimeLimit: 60_000 },
    );
  });

  // Found by drawing histories.
  it('knows what is current because an interval that covered it gives way', async () => {
    const test = await testHouse();
    const row = { value: 1, version: 0, waits: false };
    const hour = { ...row, minutes: 60, slot: 0 };
    const half = { ...row, minutes: 30, slot: 1 };
    expect(await take(test, file([hour, half]))).toMatchObject({ new: 1, conflicting: 1 });
    // The first half-hour takes the place of the hour; the second, which waited, stands beside it then.
    const next = file([
      { ...half, slot: 0, version: 1 },
      { ...half, value: 2 },
    ]);
    const dry = await take(test, next, true);
    expect(dry).toMatchObject({ new: 0, revised: 1, conflicting: 1 });
    expect(dry).toEqual(await take(test, next));
  });

  it('tells the members of an archive apart, of which one withdraws what another said', async () => {
    const test = await testHouse({ zone: 'Europe/London' });
    const flow = (made: number, ...said: string[]) =>
      [
        `ZHV|000000000${made}|D0010002|D|UDMS|X|RETL|2026030${made}120000||||OPER|`,
        '026|1200023305967|V|',
        ...said,
        `ZPT|000000000${made}|${said.length + 1}||1|2026030${made}120000|`,
        '',
      ].join('\r\n');
    const reading = (type: string, value: string) => [
      `028|F75A 00802|${type}|`,
      `030|S|20260222000000|${value}|||T|N|`,
    ];
    const archive = makeZip([
      { name: 'a.uff', content: flow(1, ...reading('R', '100.0')) },
      { name: 'b.uff', content: flow(1, ...reading('R', '105.0')) },
      { name: 'c.uff', content: flow(2, ...reading('W', '100.0')) },
    ]);
    const dry = await take(test, archive, true);
    expect(dry).toMatchObject({ new: 1, conflicting: 1, revised: 1, rejected: 0 });
    expect(dry).toEqual(await take(test, archive));
  });
});

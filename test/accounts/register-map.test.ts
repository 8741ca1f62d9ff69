import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MeterPointStore } from '../../src/accounts/meter-point-store.ts';
import { factsThatTell, one, type RegisterFacts, registerAt } from '../../src/accounts/register-map.ts';
import { openDatabase } from '../../src/kernel/database.ts';
import { instant, type Zone } from '../../src/units/time.ts';
import { facts, kWh } from '../consumption/register-map-fixture.ts';

function store() {
  const database = openDatabase(join(mkdtempSync(join(tmpdir(), 'register-map-')), 'w.db'));
  const meterPoints = new MeterPointStore(database);
  const { id } = meterPoints.add({ identifier: 'p', address: '', zone: 'UTC' as Zone, origin: 'registered' }, 0);
  const none = { intervalMinutes: 30, kind: 'register', flow: 'from-grid', unit: 'kWh', serial: 'M1' } as const;
  const register = meterPoints.addSeries({ ...none, meterPointId: id, code: '01' }, 0);
  return { database, meterPoints, register, mapped: () => meterPoints.listSeries(id)[0]! };
}

describe('what is told of a register', () => {
  it('holds item by item from its day on, in whatever order it was told', () => {
    const told: RegisterFacts[] = [
      facts(200, { multiplierMicro: 80_000_000 }),
      facts(100, { multiplierMicro: 40_000_000, digits: 5, quantity: 'AI' }),
      facts(150, { timePattern: '00001', configuration: '0393' }),
      facts(300, { digits: 6 }),
    ];
    const { meterPoints, register, mapped } = store();
    for (const each of told) expect(meterPoints.addRegisterFacts(register, each, 1)).toBe('new');
    const at = (seconds: number) => {
      const { multiplierMicro, digits, timePattern } = registerAt(mapped().map, instant(seconds));
      return [multiplierMicro / 1e6, digits, timePattern];
    };
    // Before anything was told, what was told first holds.
    expect(at(50)).toEqual([40, 5, '00001']);
    expect(at(100)).toEqual([40, 5, '00001']);
    expect(at(250)).toEqual([80, 5, '00001']);
    expect(at(300)).toEqual([80, 6, '00001']);
  });

  it('holds before its first day as that day was corrected to', () => {
    const { meterPoints, register, mapped } = store();
    const told = facts(100, { multiplierMicro: 40_000_000, digits: 5, versionAt: instant(5) });
    const corrected = facts(100, { multiplierMicro: 20_000_000, versionAt: instant(6) });
    for (const each of [told, corrected, facts(200, { multiplierMicro: one })])
      meterPoints.addRegisterFacts(register, each, 1);
    const { map } = mapped();
    expect([50, 100, 200].map(at => registerAt(map, instant(at)).multiplierMicro)).toEqual([20e6, 20e6, 1e6]);
    expect([50, 100].map(at => factsThatTell(map, instant(at), 'multiplierMicro')?.versionAt)).toEqual([6, 6]);
    expect([50, 100].map(at => factsThatTell(map, instant(at), 'digits')?.versionAt)).toEqual([5, 5]);
  });

  it('is kept once, and of two for a day the newer stands', () => {
    const { meterPoints, register, mapped } = store();
    const told = facts(100, { multiplierMicro: 40_000_000, versionAt: instant(5) });
    const pattern = facts(100, { timePattern: '00001', versionAt: instant(5) });
    const corrected = { ...told, multiplierMicro: 20_000_000, versionAt: instant(6) };
    const outcomes = [told, pattern, told, pattern, corrected, told, corrected].map(each =>
      meterPoints.addRegisterFacts(register, each, 1),
    );
    expect(outcomes).toEqual(['new', 'new', 'identical', 'identical', 'new', 'identical', 'identical']);
    expect(registerAt(mapped().map, instant(100))).toMatchObject({ multiplierMicro: 20_000_000, timePattern: '00001' });
    expect(mapped().map).toHaveLength(3);
  });

  it('holds the same in whatever order it was told: what was said in between does not hold when the newest said the first again', () => {
    const said = [40, 20, 40].map((times, at) =>
      facts(100, { multiplierMicro: times * one, versionAt: instant(at + 1) }),
    );
    for (const order of [
      [0, 1, 2],
      [0, 2, 1],
      [2, 0, 1],
    ]) {
      const { meterPoints, register, mapped } = store();
      for (const at of order) meterPoints.addRegisterFacts(register, said[at]!, 1);
      expect(registerAt(mapped().map, instant(100)).multiplierMicro).toBe(40 * one);
    }
  });

  it.each([
    [{ quantity: 'AI' }, 'from-grid', 'kWh'],
    [{ quantity: 'AE' }, 'to-grid', 'kWh'],
    [{ quantity: 'RI' }, 'none', 'kVArh'],
    [{ quantity: 'AI', kind: 'maximum-demand' as const }, 'none', 'kW'],
    [{ digits: 5 }, 'from-grid', 'kWh'],
  ])('%j makes its flow %s, in %s', (told, flow, unit) => {
    const { meterPoints, register, mapped } = store();
    meterPoints.addRegisterFacts(register, facts(0, told), 1);
    expect(mapped()).toMatchObject({ flow, unit });
  });

  it('is forgotten with the transaction that told it', () => {
    const { database, meterPoints, register, mapped } = store();
    expect(mapped().map).toBeUndefined();
    const told = facts(0, { exchange: { finalValue: kWh(9), firstValue: kWh(0) } });
    expect(() =>
      database.transaction(() => {
        meterPoints.addRegisterFacts(register, told, 1);
        expect(mapped().map).toEqual([told]);
        throw new Error('the file was cut off');
      })(),
    ).toThrow('cut off');
    expect(mapped().map).toBeUndefined();
    expect(meterPoints.addRegisterFacts(register, told, 1)).toBe('new');
    expect(mapped().map).toEqual([told]);
  });
});

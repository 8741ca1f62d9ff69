import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { type Remembered, readConfig } from '../../src/config.ts';
import { openDatabase } from '../../src/kernel/database.ts';
import { HomeSettingStore } from '../../src/settings/home-setting-store.ts';
import { type Opening, settleHome } from '../../src/settings/settle-home.ts';
import { instant } from '../../src/units/time.ts';
import { testFolder } from '../open-house.ts';

import { before } from './older-home.ts';

const server: Opening = { now: instant(1_790_000_000), alone: false };
const command: Opening = { ...server, alone: true };
const made = {
  TIME_ZONE: "INSERT INTO meter_point (identifier, zone, created_at, origin) VALUES ('m-1', 'UTC', 0, 'import')",
  CURRENCY:
    "INSERT INTO plan_version (plan_code, version, effective_from, document, sha256, created_at) VALUES ('P', 1, '2026-01-01', '{}', '', 0)",
};

/** What each opening of one home settles on, or the refusal's code. */
function openings(variable: keyof typeof made, says: [said: string | undefined, Opening, makes?: boolean][]): string[] {
  const database = openDatabase(join(testFolder(), 'a.db'));
  const read = { TIME_ZONE: 'zone', CURRENCY: 'currency' } as const;
  return says.map(([said, opening, makes]) => {
    const config = readConfig({ WATTLEDGER_HOME: '/nowhere', ...(said !== undefined && { [variable]: said }) });
    try {
      const settled = settleHome(config, database, opening);
      if (makes) database.exec(made[variable]);
      return settled[read[variable]];
    } catch (error) {
      return error instanceof Error && 'code' in error ? String(error.code) : String(error);
    }
  });
}

describe('what a home remembers of its settings', () => {
  const differs = 'home-setting-differs';
  const [sydney, london] = ['Australia/Sydney', 'Europe/London'];

  it.each<[string, [string | undefined, Opening, boolean?][], string[]]>([
    [
      'is what was said first',
      [
        [sydney, server, true],
        [undefined, command],
        [sydney, command],
      ],
      [sydney, sydney, sydney],
    ],
    [
      'is not said otherwise, by servers or commands',
      [
        [sydney, server, true],
        [london, server],
        [london, command],
        [undefined, server],
      ],
      [sydney, differs, differs, sydney],
    ],
    [
      'is the default, where nobody said it',
      [
        [undefined, server, true],
        [undefined, command],
        [sydney, server],
      ],
      ['UTC', 'UTC', differs],
    ],
    [
      'is the default of a command, too, when that made what is in it',
      [
        [undefined, command, true],
        [sydney, server],
      ],
      ['UTC', differs],
    ],
    [
      'may be said anew until something was made by it',
      [
        [undefined, server],
        [sydney, command],
        [london, server, true],
        [sydney, server],
      ],
      ['UTC', sydney, london, differs],
    ],
    [
      'knows a zone by its other name',
      [
        ['Asia/Kolkata', server, true],
        ['Asia/Calcutta', command],
      ],
      ['Asia/Kolkata', 'Asia/Kolkata'],
    ],
  ])('%s', (_what, says, expected) => {
    expect(openings('TIME_ZONE', says)).toEqual(expected);
  });

  it('holds for the currency of the books in the same way', () => {
    expect(
      openings('CURRENCY', [
        ['GBP', server],
        ['EUR', server, true],
        [undefined, command],
        ['GBP', command],
      ]),
    ).toEqual(['GBP', 'EUR', 'EUR', differs]);
  });

  it('of a home that is older than this is what it is next opened with; a command that says nothing tells it nothing', () => {
    const path = before('034', testFolder());
    const older = new Sqlite(path);
    older.exec(made.TIME_ZONE);
    older.close();
    const database = openDatabase(path);
    const remembered = () => new HomeSettingStore(database).find('TIME_ZONE')?.value;
    const open = (said: Partial<Remembered>, opening: Opening) =>
      settleHome({ ...readConfig({ WATTLEDGER_HOME: '/nowhere' }), said }, database, opening).zone;
    expect([open({}, command), remembered()]).toEqual(['UTC', undefined]);
    expect([open({ TIME_ZONE: sydney }, command), remembered()]).toEqual([sydney, sydney]);
    expect([open({}, server), remembered()]).toEqual([sydney, sydney]);
  });

  it('is never edited', () => {
    const database = openDatabase(join(testFolder(), 'a.db'));
    settleHome(readConfig({}), database, server);
    expect(() => database.exec("UPDATE home_setting SET value = 'Europe/London'")).toThrow('never edited');
    expect(() => database.exec('DELETE FROM home_setting')).toThrow('never edited');
  });
});

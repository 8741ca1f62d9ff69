import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type Profile, profileSchema } from '../../src/imports/profiles/profile.ts';
import { instant } from '../../src/units/time.ts';
import { testHouse } from '../open-house.ts';

const profile = profileSchema.parse({
  name: 'corner-shop',
  title: 'Corner shop portal',
  tables: [{ header: ['When', 'Used'], values: [{ column: 'Used', channel: { code: 'E1', flow: 'from-grid' } }] }],
  meterPoint: { from: 'caller' },
  stamp: { column: 'When', pattern: 'dd/MM/yyyy HH:mm' },
  zone: 'Australia/Adelaide',
  interval: { minutes: 30 },
});
const file = 'When,Used\n13/10/2026 00:00,1.5\n13/10/2026 00:30,2\n';

async function importing(options: { profile?: string; meterPoint?: string }, ...others: Profile[]) {
  const { house } = await testHouse();
  house.importProfiles.add(profile, 'test', instant(0));
  for (const other of others) house.importProfiles.add(other, 'test', instant(0));
  const queue = house.importQueue;
  const kept = await queue.keep(Readable.from([Buffer.from(file)]), { dryRun: false });
  const order = { name: 'a.csv', strict: false, importedBy: 'test', profile: '', meterPoint: '', ...kept, ...options };
  const { id } = queue.order(order, { dryRun: false });
  await queue.settled(id, 10_000);
  return { house, run: queue.runs.get(id) };
}

describe('a file imported by a profile', () => {
  it.each([{ profile: 'corner-shop' }, {}])('enters by its name or by its headings: %j', async named => {
    const { house, run } = await importing({ ...named, meterPoint: '2001000016' });
    expect(run).toMatchObject({
      state: 'finished',
      format: 'corner-shop',
      report: { counts: { new: 2, rejected: 0 } },
    });
    expect(run.report?.channels).toMatchObject([{ meterPoint: '2001000016', code: 'E1', sum: '3.5' }]);
    const meterPoint = house.meterPoints.get('2001000016');
    expect(house.meterPoints.findSeries(meterPoint.id, 'channel', 'E1')).toMatchObject({
      flow: 'from-grid',
      intervalMinutes: 30,
    });
  });

  it('is of nobody when nobody says of whom', async () => {
    const { run, house } = await importing({ profile: 'corner-shop' });
    expect(run.report?.counts).toMatchObject({ new: 0, rejected: 1 });
    expect(house.imports.listProblems(run.id)[0]!.message).toContain('names no meter point');
  });

  it('that two saved profiles know equally well is read by neither until somebody says by which', async () => {
    const { house, run } = await importing({ meterPoint: '2001000016' }, { ...profile, name: 'other-shop' });
    expect(run).toMatchObject({ state: 'finished', format: 'unknown' });
    const says = house.imports.listProblems(run.id)[0]!.message;
    expect(says).toContain('the headings fit corner-shop and other-shop alike: say by which profile it is read');
    expect(house.meterPoints.find('2001000016')).toBeUndefined();
    const named = await importing(
      { profile: 'other-shop', meterPoint: '2001000016' },
      { ...profile, name: 'other-shop' },
    );
    expect(named.run).toMatchObject({ format: 'other-shop', report: { counts: { new: 2 } } });
  });

  it('fails by name when there is no such profile', async () => {
    const { run } = await importing({ profile: 'nobody', meterPoint: '2001000016' });
    expect(run).toMatchObject({ state: 'failed', failure: { code: 'import-profile-unknown' } });
  });
});

import { readFileSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PlanStore } from '../../src/tariffs/plan-store.ts';
import { day, embeddedNetwork, flat, planDocument, refusalOf } from './fixtures.ts';

describe('plan versions in the database', () => {
  let database: Sqlite.Database;
  let store: PlanStore;
  beforeEach(() => {
    database = new Sqlite(':memory:');
    database.exec(readFileSync(new URL('../../migrations/005-tariffs.sql', import.meta.url), 'utf8'));
    store = new PlanStore(database);
  });
  afterEach(() => database.close());

  const from = (effectiveFrom: string, effectiveTo: string | null = null) =>
    planDocument({ effectiveFrom, effectiveTo, components: [flat('0.30')] });

  it('number themselves per plan, and come back as they were saved', () => {
    const [first, second, other] = [from('2024-07-01'), from('2025-07-01'), embeddedNetwork].map(document =>
      store.addVersion(document, 1_750_000_000),
    );
    expect([first, second, other].map(added => `${added?.plan.planCode} ${added?.version}`)).toEqual([
      'TEST-1 1',
      'TEST-1 2',
      'IO_CI_01 1',
    ]);
    const again = new PlanStore(database);
    expect(again.find('TEST-1', 2)).toMatchObject({ id: second?.id, sha256: second?.sha256, createdAt: 1_750_000_000 });
    expect(again.find('IO_CI_01', 1)?.plan.document).toEqual(embeddedNetwork);
    expect(again.find('TEST-1', 3)).toBeUndefined();
    expect(again.list().map(({ plan, version }) => `${plan.planCode} ${version}`)).toEqual([
      'IO_CI_01 1',
      'TEST-1 1',
      'TEST-1 2',
    ]);
  });

  it('are one object per version, so that their windows are compiled once', () => {
    const added = store.addVersion(from('2024-07-01'), 0);
    expect(store.find('TEST-1', 1)).toBe(added);
    expect(store.versionsFor('TEST-1', day('2025-01-01'), day('2025-02-01'))[0]).toBe(added);
  });

  it('are not kept when the proof refuses them', () => {
    const gap = planDocument({
      components: [{ ...flat('1'), rates: [{ code: 'A', unitPrice: '1', windows: [{ from: '00:00', to: '23:00' }] }] }],
    });
    expect(refusalOf(() => store.addVersion(gap, 0)).code).toBe('plan-invalid');
    expect(store.list()).toEqual([]);
  });

  it('can be neither edited nor deleted, not even by SQL', () => {
    store.addVersion(from('2024-07-01'), 0);
    expect(() => database.exec(`UPDATE plan_version SET effective_to = '2025-01-01'`)).toThrow('never edited');
    expect(() => database.exec('DELETE FROM plan_version')).toThrow('never deleted');
    expect(store.list()).toHaveLength(1);
  });

  it('are listed for a period: the version before it, ended or not, and those that start in it', () => {
    for (const [start, end] of [['2023-07-01'], ['2024-07-01', '2025-01-01'], ['2025-02-15'], ['2025-03-01']])
      store.addVersion(from(start!, end), 0);
    store.addVersion(from('2024-07-01'), 0);
    const versions = (start: string, end: string) =>
      store.versionsFor('TEST-1', day(start), day(end)).map(({ version }) => version);
    expect(versions('2025-02-01', '2025-03-01')).toEqual([2, 3, 5]);
    expect(versions('2025-03-01', '2025-04-01')).toEqual([4]);
    expect(versions('2023-06-01', '2023-08-01')).toEqual([1]);
    expect(versions('2022-06-01', '2022-08-01')).toEqual([]);
    expect(refusalOf(() => store.versionsFor('NOPE', day('2025-01-01'), day('2025-02-01'))).code).toBe('plan-unknown');
  });
});

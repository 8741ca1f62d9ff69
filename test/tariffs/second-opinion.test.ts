import { readdirSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rate } from '../../src/tariffs/rate.ts';
import { secondOpinion } from '../../src/tariffs/second-opinion.ts';
import { day, embeddedNetwork, planDocument, requestOf, seriesOf, versionOf } from './fixtures.ts';

const folder = join(import.meta.dirname, '../../src/tariffs/second-opinion');

describe('independence', () => {
  // Types say what is compared; a value would be a rule that both share, and its mistake would be agreed upon.
  it.each(readdirSync(folder))('%s takes no rule from what it checks', file => {
    const text = readFileSync(join(folder, file), 'utf8');
    const values = [...text.matchAll(/import (type )?[^;]*?from '(\.[^']+)'/g)]
      .filter(([statement, isType]) => !isType && !/import \{( type \w+,?)+ \}/.test(statement))
      .map(([, , from]) => normalize(join('tariffs/second-opinion', from!)));
    expect(values.filter(each => !/^(tariffs\/second-opinion|units)\//.test(each))).toEqual([]);
  });
});

describe('what is remembered from one bill to the next', () => {
  const month = { zone: 'Australia/Adelaide', from: '2025-04-01', to: '2025-05-01' };
  const series = seriesOf(month.from, month.to, month.zone, ({ slot }) => 100_000 + slot);
  const holidayPlan = planDocument({
    planCode: 'HOLIDAYS',
    holidayCalendar: 'AU-SA',
    dayTypes: { WORK: ['MON', 'TUE', 'WED', 'THU', 'FRI'], FREE: ['SAT', 'SUN', 'PUBLIC_HOLIDAY'] },
    components: [
      {
        ...{ kind: 'energy', code: 'USE', register: 'IMPORT', tax: 'GST' },
        rates: [
          { code: 'WORK', unitPrice: '0.4', windows: [{ days: 'WORK', from: '00:00', to: '24:00' }] },
          { code: 'FREE', unitPrice: '0.2', windows: [{ days: 'FREE', from: '00:00', to: '24:00' }] },
        ],
      },
    ],
  });
  const versions = [versionOf(holidayPlan)];
  const withHolidays = (days: string[]) => {
    const calendar = { name: 'AU-SA', from: day('2025-01-01'), to: day('2026-01-01'), days: days.map(day) };
    return requestOf({ plan: versions, ...month, registers: { IMPORT: series }, holidays: [calendar] });
  };

  it('is not the holidays of yesterday: a day told since is a holiday to both', () => {
    const [before, after] = [withHolidays([]), withHolidays(['2025-04-18', '2025-04-25'])];
    for (const request of [before, after, before]) expect(secondOpinion(request, rate(request))).toEqual([]);
    expect(secondOpinion(after, rate(before))).not.toEqual([]);
  });

  it('is not another site’s clock, nor another length of interval', () => {
    const plan = [versionOf(embeddedNetwork)];
    for (const zone of ['Australia/Adelaide', 'Australia/Lord_Howe', 'America/St_Johns'])
      for (const step of [1800, 300]) {
        const registers = { IMPORT: seriesOf(month.from, month.to, zone, ({ slot }) => 100_000 + slot, step) };
        const request = requestOf({ plan, ...month, zone, registers });
        expect(secondOpinion(request, rate(request))).toEqual([]);
      }
  });
});

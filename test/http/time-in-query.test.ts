import { describe, expect, it } from 'vitest';
import { periodInQuery, timeInQuery } from '../../src/http/time-in-query.ts';
import { parseZone } from '../../src/units/time.ts';

const adelaide = parseZone('Australia/Adelaide')!;
const santiago = parseZone('America/Santiago')!;

describe('a time of a query', () => {
  it.each([
    ['2026-11-21T10:30:00Z', adelaide, '2026-11-21T10:30:00Z'],
    ['2026-11-21T10:30:00+01:00', adelaide, '2026-11-21T09:30:00Z'],
    ['2026-11-21T10:30:00', adelaide, '2026-11-21T00:00:00Z'],
    ['2026-11-21', adelaide, '2026-11-20T13:30:00Z'],
    // The clock of Chile goes from 23:59 to 01:00 there.
    ['2026-09-06', santiago, '2026-09-06T04:00:00Z'],
  ])('%s in %s is %s', (text, zone, is) => {
    expect(timeInQuery('from', text, zone)! * 1000).toBe(Date.parse(is));
  });

  it.each(['', 'yesterday', '2026-02-30', '2026-13-01T00:00:00'])('%j is none', text => {
    expect(() => timeInQuery('from', text, adelaide)).toThrow(
      expect.objectContaining({ code: 'timestamp-invalid', fields: [expect.objectContaining({ pointer: 'from' })] }),
    );
  });

  it('that the clock skips is told so', () => {
    expect(() => timeInQuery('from', '2026-10-04T02:30:00', adelaide)).toThrow(
      '"2026-10-04T02:30:00" is skipped by the clock of Australia/Adelaide: write it with its offset',
    );
  });

  it('that is not given is all there is', () => {
    expect(timeInQuery('from', undefined, adelaide)).toBeUndefined();
    expect(periodInQuery({}, adelaide)).toEqual({ from: 0, to: 1e10 });
  });
});

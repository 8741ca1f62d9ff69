import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDate8, parseDateTime } from '../../src/imports/formats/mdff.ts';
import { civilSeconds } from '../../src/imports/formats/mdff-stamp.ts';
import { nem12 } from '../../src/imports/formats/nem12.ts';
import { collectEvents } from './collect-events.ts';

describe('dates and stamps of MDFF', () => {
  it('are days of the calendar and no others', () => {
    const part = (max: number) => fc.integer({ min: 0, max });
    fc.assert(
      fc.property(fc.integer({ min: 1960, max: 9999 }), part(13), part(32), (year, month, day) => {
        const date = new Date(Date.UTC(year, month - 1, day));
        const isDay = year >= 1970 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
        expect(civilSeconds(year, month, day)).toBe(isDay ? date.getTime() / 1000 : Number.NaN);
      }),
      { numRuns: 2000 },
    );
  });

  it.each<[sent: string, seconds: number | undefined]>([
    ['20240229', Date.UTC(2024, 1, 29) / 1000],
    ['20230229', undefined],
    ['2024022', undefined],
    ['2024 229', undefined],
    ['2024-2-9', undefined],
    ['', undefined],
  ])('the day %j is %s', (sent, seconds) => {
    expect(parseDate8(sent)).toBe(seconds);
  });

  it.each<[sent: string, seconds: number | undefined]>([
    ['20240229235959', Date.UTC(2024, 1, 29, 23, 59, 59) / 1000],
    ['202402292359', Date.UTC(2024, 1, 29, 23, 59) / 1000],
    ['2024022923595', undefined],
    ['20240229245959', undefined],
    ['20240229236000', undefined],
    ['20240229235960', undefined],
    ['20240230000000', undefined],
    ['200312200000001', undefined],
  ])('the stamp %j is %s', (sent, seconds) => {
    expect(parseDateTime(sent)).toBe(seconds);
  });
});

// Three intervals of eight hours, which are unusual and say so (N12-21).
describe('the end of a day', () => {
  const day = (tail: string) =>
    collectEvents(
      nem12,
      `100,NEM12,202402010000,MDP,RETAILER\r\n200,6001000017,E1,1,E1,,METER1,KWH,480,\r\n300,20240131,1,2,3,${tail}\r\n900\r\n`,
    );
  const plain = day('A,,,20240201093000,');

  // Read at once where nothing is wrong with it, field by field where something is: the same day comes of it.
  it.each<[tail: string, rules: string[]]>([
    ['A,,,20240201093000', []],
    ['A,,,20240201093000,20240202000000', []],
    ['A,,,202402010930,', []],
    ['A,,, 20240201093000,', ['N12-5']],
    ['A,,,20240201093000,2024020200000', ['N12-29']],
    ['A,,,20240201093000,,', ['N12-6']],
    ['A,,,20240201093000,20240202000000,x', ['N12-6']],
  ])('%s', (tail, rules) => {
    const { runs, problems } = day(tail);
    expect(problems.map(({ rule }) => rule)).toEqual(['N12-21', ...rules]);
    expect(runs).toEqual(plain.runs);
  });

  it('without a stamp has that of the file', () => {
    const { runs, problems } = day('A,,,,');
    expect(problems.map(({ rule }) => rule)).toEqual(['N12-21', 'N12-30']);
    expect(runs[0]?.versionAt).toBe(Date.UTC(2024, 0, 31, 14) / 1000);
  });
});

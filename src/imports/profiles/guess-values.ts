import type { Quality } from '../../readings/reading.ts';
import { plainHeading } from './cells.ts';
import type { GuessSample } from './guess-sample.ts';
import { type GuessedStamp, wallsOf } from './guess-stamp.ts';
import { flowOf, missingWords, names, nextCode, qualityWords } from './guess-words.ts';
import type { ProfileInput } from './profile.ts';
import { nearlyAll } from './sample-table.ts';

const channelWordsMax = 12;

export function guessDecimal(sample: GuessSample, taken: ReadonlySet<number>): '.' | ',' {
  const cells = sample.table.rows.flatMap(row => row.filter((_, at) => !taken.has(at)));
  const commas = cells.filter(cell => /^-?\d+,\d+$/.test(cell)).length;
  const points = cells.filter(cell => /^-?\d+\.\d+$/.test(cell)).length;
  if (commas > points) sample.because('decimal', 'Numbers have a decimal comma.');
  return commas > points ? ',' : '.';
}

export function numberColumns(sample: GuessSample, decimal: '.' | ',', taken: ReadonlySet<number>): number[] {
  const number = decimal === ',' ? /^-?[\d.]*\d(,\d*)?$/ : /^-?\d*\.?\d+$/;
  return sample.columnsWhere(at => {
    const cells = sample.cellsOf(at).filter(cell => !missingWords.test(cell));
    return !taken.has(at) && nearlyAll(cells, cell => number.test(cell));
  });
}

export function guessValues(
  sample: GuessSample,
  numbers: number[],
  decimal: '.' | ',',
  isDay: boolean,
  stamp: GuessedStamp,
  meterPointAt: number,
  isTold: boolean,
): ProfileInput['tables'][number]['values'] {
  if (isDay) {
    if (isTold) return [{ column: sample.ref(numbers[0]!) }];
    sample.askDirection('from-grid', 'the values');
    return [{ column: sample.ref(numbers[0]!), channel: { code: 'E1', flow: 'from-grid' } }];
  }
  const energies = numbers.filter(at => !names.other.test(plainHeading(sample.label(at))));
  const told = energies.filter(at => names.energy.test(plainHeading(sample.label(at))));
  const taken = told.length > 0 ? told : energies.slice(-1);
  const counters = taken.filter(at => countsUp(sample, at, decimal, stamp, meterPointAt));
  // What a counter shows and its differences are the same energy twice (CSV-7).
  if (counters.length > 0 && counters.length < taken.length)
    sample.because('values', 'Columns that count up are taken; the others may be their differences, and are left out.');
  const used = new Map<string, number>();
  return (counters.length > 0 ? counters : taken).map(at => {
    const heading = plainHeading(sample.label(at));
    const unit = unitOf(sample, at);
    sample.because('unit', `“${sample.label(at)}” is taken as ${unit}.`);
    const kind = counters.length > 0 ? ('register' as const) : ('interval' as const);
    if (isTold) return { column: sample.ref(at), kind, unit };
    const flow = flowOf(heading);
    sample.askDirection(flow, `“${sample.label(at)}”`);
    return { column: sample.ref(at), channel: { code: nextCode(used, flow), flow }, kind, unit };
  });
}

function unitOf(sample: GuessSample, at: number): 'kWh' | 'Wh' | 'MWh' | 'kW' {
  const heading = plainHeading(sample.label(at));
  if (/(^|[^km])wh\b/.test(heading)) return 'Wh';
  if (/\bmwh\b/.test(heading)) return 'MWh';
  return /\bkw\b/.test(heading) ? 'kW' : 'kWh';
}

/** CSV-4: columns alone cannot tell interval energy from a counter; one that never falls over more than a day may be a counter. */
function countsUp(
  sample: GuessSample,
  at: number,
  decimal: '.' | ',',
  stamp: GuessedStamp,
  meterPointAt: number,
): boolean {
  const last = new Map<string, number>();
  let [risen, fallen] = [0, 0];
  for (const row of sample.table.rows) {
    const text = row[at] ?? '';
    if (text === '' || missingWords.test(text)) continue;
    const value = Number(decimal === ',' ? text.replaceAll('.', '').replace(',', '.') : text);
    const owner = meterPointAt < 0 ? '' : (row[meterPointAt] ?? '');
    const before = last.get(owner);
    last.set(owner, value);
    if (before !== undefined && value > before) risen += 1;
    if (before !== undefined && value < before) fallen += 1;
  }
  const walls = wallsOf(sample, stamp).filter(wall => !Number.isNaN(wall));
  const span = Math.max(...walls) - Math.min(...walls);
  const counts = (risen > 3 && fallen === 0) || (fallen > 3 && risen === 0);
  if (counts)
    sample.ask({
      part: 'kind',
      asks: `“${sample.label(at)}” only ever rises${span < 86_400 ? ', in less than a day' : ''}: is it what a counter shows, or the energy of each interval?`,
      chosen: 'register',
      choices: ['register', 'interval'],
    });
  return counts;
}

/** A column of few words beside the numbers: which channel a row is of. */
export function guessChannelBy(sample: GuessSample, at: number): NonNullable<ProfileInput['channelBy']> | undefined {
  const words = [...new Set(sample.cellsOf(at))];
  if (words.length === 0 || words.length > channelWordsMax) return undefined;
  const used = new Map<string, number>();
  const channels = words.map(word => {
    const flow = flowOf(plainHeading(word));
    sample.askDirection(flow, `“${word}”`);
    return { word, code: nextCode(used, flow), flow };
  });
  sample.because('channel', `“${sample.label(at)}” says which channel a row is of.`);
  return { column: sample.ref(at), channels };
}

export function guessQuality(sample: GuessSample, at: number): NonNullable<ProfileInput['quality']> {
  const words = [...new Set(sample.cellsOf(at))].slice(0, 50);
  const isYesNo = /estimat/.test(plainHeading(sample.label(at)));
  const of = (word: string): Quality => {
    if (isYesNo && /^(y|yes|true|1)$/i.test(word)) return 'estimated';
    return qualityWords[word.toLowerCase()] ?? 'actual';
  };
  const unknown = words.filter(
    word => !(word.toLowerCase() in qualityWords) && !(isYesNo && /^(y|yes|n|no|true|false|[01])$/i.test(word)),
  );
  if (unknown.length > 0)
    sample.ask({
      part: 'quality',
      asks: `What do ${unknown.map(word => `“${word}”`).join(', ')} say of a value?`,
      chosen: 'actual',
      choices: ['actual', 'estimated', 'substituted', 'missing'],
    });
  return {
    column: sample.ref(at),
    words: words.map(word => ({ word, quality: isYesNo && /^n(o)?$/i.test(word) ? 'actual' : of(word) })),
  };
}

export function missingIn(sample: GuessSample, numbers: number[]): string[] {
  const words = numbers.flatMap(at => sample.cellsOf(at).filter(cell => missingWords.test(cell)));
  return [...new Set(words)].slice(0, 20);
}

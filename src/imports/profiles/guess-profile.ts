import { GuessSample, type Question, type Reason } from './guess-sample.ts';
import { guessEdge, guessInterval, guessStamp } from './guess-stamp.ts';
import { guessChannelBy, guessDecimal, guessQuality, guessValues, missingIn, numberColumns } from './guess-values.ts';
import { names } from './guess-words.ts';
import { portals } from './portals.ts';
import { type Profile, type ProfileInput, profileSchema } from './profile.ts';
import { profileFormat } from './profile-format.ts';
import { sampleTable } from './sample-table.ts';

/** What a sample seems to be, why, and what it cannot say of itself. */
export interface Guess {
  /** undefined: the sample is no table with dates in it. */
  profile: Profile | undefined;
  reasons: Reason[];
  questions: Question[];
}

/**
 * Proposes a profile for a file from its first kilobytes: a saved one that knows the header, or one worked out from the columns (CSV-1 to
 * CSV-5).
 */
export function guessProfile(head: Uint8Array, known: readonly Profile[] = []): Guess {
  const [fitting, ...others] = bestKnown(head, known);
  if (fitting) {
    const titles = [fitting, ...others].map(({ title }) => `“${title}”`);
    const alike = others.length > 0 ? ' alike; the first is shown, and an import asks which one is meant' : '';
    return {
      profile: fitting,
      reasons: [{ part: 'header', says: `The headings are those of ${titles.join(' and ')}${alike}.` }],
      questions: askedOf(fitting),
    };
  }
  const table = sampleTable(head);
  return table ? guessFrom(new GuessSample(table)) : { profile: undefined, reasons: [], questions: [] };
}

/** As a file is detected: those that name most of its headings, people's own before those that come with the house. */
function bestKnown(head: Uint8Array, known: readonly Profile[]): Profile[] {
  const isReady = (profile: Profile) => portals().includes(profile);
  for (const among of [known.filter(profile => !isReady(profile)), known.filter(isReady)]) {
    const fits = among.map(profile => profileFormat(profile).fits?.(head) ?? 0);
    const most = Math.max(0, ...fits);
    if (most > 0) return among.filter((_, at) => fits[at] === most);
  }
  return [];
}

/** What a ready profile leaves to whoever imports. */
function askedOf({ zone, meterPoint }: Profile): Question[] {
  const questions: Question[] = [];
  if (zone === 'site') questions.push(zoneQuestion);
  if (meterPoint.from === 'caller') questions.push(meterPointQuestion);
  return questions;
}

const zoneQuestion: Question = {
  part: 'zone',
  asks: 'On which clock are the times? The file does not say.',
  chosen: 'site',
  choices: ['site', 'UTC', 'a zone such as Europe/Brussels', 'a fixed offset such as +10:00'],
};
const meterPointQuestion: Question = {
  part: 'meterPoint',
  asks: 'Which meter point is the file of? It names none.',
  chosen: '',
  choices: [],
};

function guessFrom(sample: GuessSample): Guess {
  const { encoding, delimiter, columns, header, firstRow } = sample.table;
  sample.because(
    'delimiter',
    `Most lines have ${columns} cells when cut at ${{ ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'bars' }[delimiter]}.`,
  );
  sample.because(
    'header',
    header < 0
      ? 'No line above the first date has words.'
      : `Line ${header + 1} has the headings; rows begin in line ${firstRow + 1}.`,
  );
  const stamp = guessStamp(sample);
  if (!stamp) return { profile: undefined, reasons: sample.reasons, questions: [] };
  const taken = new Set<number>(stamp.columns);
  const meterPointAt = sample.named(names.meterPoint, taken);
  const serialAt = sample.named(names.serial, taken);
  const qualityAt = sample.named(names.quality, taken);
  for (const at of [meterPointAt, serialAt, qualityAt]) if (at >= 0) taken.add(at);
  const decimal = guessDecimal(sample, taken);
  const numbers = numberColumns(sample, decimal, taken);
  const isDay = !stamp.hasTime && numbers.length >= 24;
  const interval = guessInterval(sample, stamp, meterPointAt, isDay, numbers);
  const channelAt = sample.named(names.channel, taken);
  const channelBy = channelAt < 0 ? undefined : guessChannelBy(sample, channelAt);
  const values = guessValues(sample, numbers, decimal, isDay, stamp, meterPointAt, channelBy !== undefined);
  if (values.length === 0) return { profile: undefined, reasons: sample.reasons, questions: [] };
  if (stamp.pattern.endsWith('XXX')) sample.because('zone', 'Every stamp has its offset.');
  else sample.ask(zoneQuestion);
  if (meterPointAt < 0) sample.ask(meterPointQuestion);
  else sample.because('meterPoint', `“${sample.headings[meterPointAt]}” names it in every row.`);
  const input: ProfileInput = {
    name: 'new-profile',
    title: 'New profile',
    encoding,
    delimiter,
    decimal,
    skipLines: header < 0 ? firstRow : 0,
    skipAfterHeader: header < 0 ? 0 : Math.min(20, firstRow - header - 1),
    tables: [{ header: recognisable(sample), values }],
    meterPoint: meterPointAt < 0 ? { from: 'caller' } : { from: 'column', column: sample.ref(meterPointAt) },
    ...(serialAt >= 0 && { serial: sample.ref(serialAt) }),
    ...(channelBy && { channelBy }),
    stamp: stamp.moment,
    edge: guessEdge(sample, stamp, interval),
    zone: stamp.pattern.endsWith('XXX') ? 'offset' : 'site',
    ...(isDay
      ? { day: { columns: 1440 / interval, minutes: interval } }
      : interval > 0 && { interval: { minutes: interval } }),
    ...(qualityAt >= 0 && { quality: guessQuality(sample, qualityAt) }),
    missing: missingIn(sample, numbers),
  };
  const parsed = profileSchema.safeParse(input);
  return { profile: parsed.data, reasons: sample.reasons, questions: sample.questions };
}

/** The headings by which the next file is known: at most twelve, so that a column more or less at the end does not matter. */
function recognisable({ headings }: GuessSample): string[] {
  const named = headings.filter(heading => heading !== '');
  return [...new Set(named)].slice(0, 12);
}

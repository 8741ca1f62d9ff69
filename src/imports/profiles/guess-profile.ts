import type { Quality } from '../../readings/reading.ts';
import { plainHeading } from './cells.ts';
import type { Column, Profile, ProfileInput } from './profile.ts';
import { profileSchema } from './profile.ts';
import { profileFormat } from './profile-format.ts';
import { dateTimesOf, nearlyAll, type SampleTable, sampleTable, timesOf } from './sample-table.ts';
import { StampReader } from './stamp-pattern.ts';

/** What a sample seems to be, why, and what it cannot say of itself. */
export interface Guess {
  /** undefined: the sample is no table with dates in it. */
  profile: Profile | undefined;
  reasons: { part: string; says: string }[];
  questions: Question[];
}

export interface Question {
  /** Part of the profile: "zone". */
  part: 'zone' | 'meterPoint' | 'direction' | 'dateOrder' | 'edge' | 'kind' | 'interval' | 'quality';
  asks: string;
  /** What the profile has until it is answered. */
  chosen: string;
  choices: string[];
}

type Flow = 'from-grid' | 'to-grid' | 'from-solar';

/** Proposes a profile for a file from its first kilobytes: a saved one that knows the header, or one worked out from the columns (CSV-1 to CSV-5). */
export function guessProfile(head: Uint8Array, known: readonly Profile[] = []): Guess {
  const fitting = known.find(profile => profileFormat(profile).looksLike(head));
  if (fitting)
    return {
      profile: fitting,
      reasons: [{ part: 'header', says: `The headings are those of “${fitting.title}”.` }],
      questions: askedOf(fitting),
    };
  const table = sampleTable(head);
  return table ? new Guesser(table).guess() : { profile: undefined, reasons: [], questions: [] };
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

const dayColumns = [24, 48, 96, 144, 288];
const names = {
  meterPoint: /^(nmi|ean|eancode\w*|mpan|mprn|pod|zählpunkt|meter[ _-]?point|meter[ _-]?id|identifier|id)$/,
  serial: /(serial|meternumm|meter[ _-]?n|zählernummer|^meter$|^device)/,
  quality: /(quality|status|estimated|validat)/,
  energy:
    /(k?wh|kw\b|usage|consum|energy|energie|verbruik|volume|import|export|generat|produc|deliver|receiv|afname|injectie|return|value|reading|electricity)/,
  channel: /(register|channel|direction|suffix|con\/gen|stream|^flow)/,
  other: /(gas|m3|m³|cost|price|temp|°|eur\b|usd\b|aud\b)/,
  toGrid: /(export|return|feed.?in|injectie|inject|received|teruglever|to grid)/,
  solar: /(solar|produc|pv\b|generat)/,
  end: /^(end|to|until|tot)\b|\bend\b|tot /,
};
const qualityWords: Record<string, Quality> = {
  a: 'actual',
  actual: 'actual',
  ok: 'actual',
  valid: 'actual',
  validated: 'actual',
  measured: 'actual',
  e: 'estimated',
  estimated: 'estimated',
  estimate: 'estimated',
  gemeten: 'actual',
  gevalideerd: 'actual',
  gemessen: 'actual',
  geschat: 'estimated',
  geschätzt: 'estimated',
  s: 'substituted',
  substituted: 'substituted',
  f: 'final',
  final: 'final',
  n: 'missing',
  missing: 'missing',
};
const missingWords = /^(nan|null|n\/a|na|-|--)$/i;

const channelWordsMax = 12;

function flowOf(words: string): Flow {
  if (names.toGrid.test(words)) return 'to-grid';
  return names.solar.test(words) ? 'from-solar' : 'from-grid';
}

/** "E1", "E2", "B1": the letters of NEM12, and S for solar. */
function nextCode(used: Map<string, number>, flow: Flow): string {
  const letter = { 'from-grid': 'E', 'to-grid': 'B', 'from-solar': 'S' }[flow];
  const count = (used.get(letter) ?? 0) + 1;
  used.set(letter, count);
  return `${letter}${count}`;
}

interface GuessedStamp {
  at: number;
  pattern: string;
  hasTime: boolean;
  /** -1 when the time stands beside the date or there is none. */
  timeAt: number;
  /** Every column of dates or times. */
  columns: number[];
  moment: ProfileInput['stamp'];
}

class Guesser {
  readonly #table: SampleTable;
  readonly #headings: string[];
  readonly #reasons: Guess['reasons'] = [];
  readonly #questions: Question[] = [];

  constructor(table: SampleTable) {
    this.#table = table;
    this.#headings = table.header < 0 ? [] : table.lines[table.header]!;
  }

  guess(): Guess {
    const { encoding, delimiter, columns, header, firstRow } = this.#table;
    this.#because(
      'delimiter',
      `Most lines have ${columns} cells when cut at ${{ ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'bars' }[delimiter]}.`,
    );
    this.#because(
      'header',
      header < 0
        ? 'No line above the first date has words.'
        : `Line ${header + 1} has the headings; rows begin in line ${firstRow + 1}.`,
    );
    const stamp = this.#stamp();
    if (!stamp) return { profile: undefined, reasons: this.#reasons, questions: [] };
    const taken = new Set<number>(stamp.columns);
    const meterPointAt = this.#named(names.meterPoint, taken);
    const serialAt = this.#named(names.serial, taken);
    const qualityAt = this.#wordColumn(taken);
    for (const at of [meterPointAt, serialAt, qualityAt]) if (at >= 0) taken.add(at);
    const decimal = this.#decimal(taken);
    const numbers = this.#numberColumns(decimal, taken);
    const isDay = !stamp.hasTime && numbers.length >= 24;
    const interval = this.#intervalOf(stamp, meterPointAt, isDay, numbers);
    const channelAt = this.#named(names.channel, taken);
    const channelBy = channelAt < 0 ? undefined : this.#channelBy(channelAt);
    const values = this.#values(numbers, decimal, isDay, stamp, meterPointAt, channelBy !== undefined);
    if (values.length === 0) return { profile: undefined, reasons: this.#reasons, questions: [] };
    if (stamp.pattern.endsWith('XXX')) this.#because('zone', 'Every stamp has its offset.');
    else this.#questions.push(zoneQuestion);
    if (meterPointAt < 0) this.#questions.push(meterPointQuestion);
    else this.#because('meterPoint', `“${this.#headings[meterPointAt]}” names it in every row.`);
    const input: ProfileInput = {
      name: 'new-profile',
      title: 'New profile',
      encoding,
      delimiter,
      decimal,
      skipLines: header < 0 ? firstRow : 0,
      skipAfterHeader: header < 0 ? 0 : Math.min(20, firstRow - header - 1),
      tables: [{ header: this.#recognisable(), values }],
      meterPoint: meterPointAt < 0 ? { from: 'caller' } : { from: 'column', column: this.#ref(meterPointAt) },
      ...(serialAt >= 0 && { serial: this.#ref(serialAt) }),
      ...(channelBy && { channelBy }),
      stamp: stamp.moment,
      edge: this.#edge(stamp, interval),
      zone: stamp.pattern.endsWith('XXX') ? 'offset' : 'site',
      ...(isDay
        ? { day: { columns: 1440 / interval, minutes: interval } }
        : interval > 0 && { interval: { minutes: interval } }),
      ...(qualityAt >= 0 && { quality: this.#quality(qualityAt) }),
      missing: this.#missing(numbers),
    };
    const parsed = profileSchema.safeParse(input);
    return { profile: parsed.data, reasons: this.#reasons, questions: this.#questions };
  }

  #stamp(): GuessedStamp | undefined {
    const { columns } = this.#table;
    for (let at = 0; at < columns; at++) {
      const cells = this.#cellsOf(at);
      const fitting = dateTimesOf(cells);
      const pattern = fitting[0];
      if (pattern === undefined) continue;
      const swapped = fitting.find(
        each => each !== pattern && each.slice(0, 2) !== pattern.slice(0, 2) && each.length === pattern.length,
      );
      if (swapped)
        this.#questions.push({
          part: 'dateOrder',
          asks: `Is ${cells[0]} written ${pattern.slice(0, 10)} or ${swapped.slice(0, 10)}? Every date fits both.`,
          chosen: pattern,
          choices: [pattern, swapped],
        });
      const hasTime = /H|h/.test(pattern);
      const timeAt = hasTime
        ? -1
        : this.#columnsWhere(index => index !== at && timesOf(this.#cellsOf(index)).length > 0)[0];
      const time =
        timeAt === undefined || timeAt < 0
          ? undefined
          : { column: this.#ref(timeAt), pattern: timesOf(this.#cellsOf(timeAt))[0]! };
      this.#because(
        'stamp',
        `“${this.#label(at)}” reads as ${pattern}${time ? `, with the time in “${this.#label(timeAt!)}”` : ''}.`,
      );
      const others = this.#columnsWhere(
        index =>
          index !== at && (dateTimesOf(this.#cellsOf(index)).length > 0 || timesOf(this.#cellsOf(index)).length > 0),
      );
      return {
        at,
        pattern,
        hasTime: hasTime || time !== undefined,
        timeAt: timeAt ?? -1,
        columns: [at, ...others],
        moment: { column: this.#ref(at), pattern, ...(time && { time }) },
      };
    }
    return undefined;
  }

  /** Minutes between the stamps that follow one another most often; 0 for counters read once a day. */
  #intervalOf(stamp: GuessedStamp, meterPointAt: number, isDay: boolean, numbers: number[]): number {
    if (isDay) {
      const columns = dayColumns.findLast(each => each <= numbers.length) ?? 24;
      this.#because(
        'interval',
        `A row has ${numbers.length} numbers and its date no time: it is a day of ${1440 / columns}-minute intervals.`,
      );
      return 1440 / columns;
    }
    const counts = new Map<number, number>();
    const last = new Map<string, number>();
    for (const [row, wall] of this.#walls(stamp).entries()) {
      const owner = meterPointAt < 0 ? '' : (this.#table.rows[row]?.[meterPointAt] ?? '');
      const before = last.get(owner);
      last.set(owner, wall);
      const minutes = before === undefined ? 0 : Math.abs(wall - before) / 60;
      if (minutes > 0 && Number.isInteger(minutes)) counts.set(minutes, (counts.get(minutes) ?? 0) + 1);
    }
    const [minutes = 0] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [];
    if (minutes > 0 && minutes <= 1440) {
      this.#because('interval', `Most stamps are ${minutes} minutes apart.`);
      return minutes;
    }
    this.#questions.push({
      part: 'interval',
      asks: 'How many minutes is an interval long?',
      chosen: '30',
      choices: ['5', '15', '30', '60'],
    });
    return 30;
  }

  #walls({ moment, at, timeAt }: GuessedStamp): number[] {
    const [date, time] = [new StampReader(moment.pattern), moment.time && new StampReader(moment.time.pattern)];
    return this.#table.rows.map(cells => {
      const bytes = Buffer.from(cells[at] ?? '', 'utf8');
      if (!date.read(bytes, 0, bytes.length)) return Number.NaN;
      const wall = Number.isNaN(date.offset) ? date.wall : date.wall - date.offset;
      if (!time) return wall;
      const clock = Buffer.from(cells[timeAt] ?? '', 'utf8');
      return time.read(clock, 0, clock.length) ? wall + time.wall : Number.NaN;
    });
  }

  #edge(stamp: GuessedStamp, minutes: number): 'start' | 'end' {
    if (!stamp.hasTime) return 'start';
    const first = this.#walls(stamp)[0] ?? 0;
    const byHeading = names.end.test(plainHeading(this.#label(stamp.at)));
    const seconds = ((first % 86_400) + 86_400) % 86_400;
    const edge = byHeading || seconds === minutes * 60 ? 'end' : 'start';
    this.#questions.push({
      part: 'edge',
      asks: `Is ${this.#table.rows[0]?.[stamp.at]} where its interval begins or where it ends?`,
      chosen: edge,
      choices: ['start', 'end'],
    });
    return edge;
  }

  #decimal(taken: ReadonlySet<number>): '.' | ',' {
    const cells = this.#table.rows.flatMap(row => row.filter((_, at) => !taken.has(at)));
    const commas = cells.filter(cell => /^-?\d+,\d+$/.test(cell)).length;
    const points = cells.filter(cell => /^-?\d+\.\d+$/.test(cell)).length;
    if (commas > points) this.#because('decimal', 'Numbers have a decimal comma.');
    return commas > points ? ',' : '.';
  }

  #numberColumns(decimal: '.' | ',', taken: ReadonlySet<number>): number[] {
    const number = decimal === ',' ? /^-?[\d.]*\d(,\d*)?$/ : /^-?\d*\.?\d+$/;
    return this.#columnsWhere(at => {
      const cells = this.#cellsOf(at).filter(cell => !missingWords.test(cell));
      return !taken.has(at) && nearlyAll(cells, cell => number.test(cell));
    });
  }

  #values(
    numbers: number[],
    decimal: '.' | ',',
    isDay: boolean,
    stamp: GuessedStamp,
    meterPointAt: number,
    isTold: boolean,
  ): ProfileInput['tables'][number]['values'] {
    if (isDay) {
      if (isTold) return [{ column: this.#ref(numbers[0]!) }];
      this.#askDirection('from-grid', 'the values');
      return [{ column: this.#ref(numbers[0]!), channel: { code: 'E1', flow: 'from-grid' } }];
    }
    const energies = numbers.filter(at => !names.other.test(plainHeading(this.#label(at))));
    const told = energies.filter(at => names.energy.test(plainHeading(this.#label(at))));
    const taken = told.length > 0 ? told : energies.slice(-1);
    const counters = taken.filter(at => this.#counts(at, decimal, stamp, meterPointAt));
    // What a counter shows and its differences are the same energy twice (CSV-7).
    if (counters.length > 0 && counters.length < taken.length)
      this.#because(
        'values',
        'Columns that count up are taken; the others may be their differences, and are left out.',
      );
    const used = new Map<string, number>();
    return (counters.length > 0 ? counters : taken).map(at => {
      const heading = plainHeading(this.#label(at));
      const unit = this.#unitOf(at);
      this.#because('unit', `“${this.#label(at)}” is taken as ${unit}.`);
      const kind = counters.length > 0 ? ('register' as const) : ('interval' as const);
      if (isTold) return { column: this.#ref(at), kind, unit };
      const flow = flowOf(heading);
      this.#askDirection(flow, `“${this.#label(at)}”`);
      return { column: this.#ref(at), channel: { code: nextCode(used, flow), flow }, kind, unit };
    });
  }

  #unitOf(at: number): 'kWh' | 'Wh' | 'MWh' | 'kW' {
    const heading = plainHeading(this.#label(at));
    if (/(^|[^km])wh\b/.test(heading)) return 'Wh';
    if (/\bmwh\b/.test(heading)) return 'MWh';
    return /\bkw\b/.test(heading) ? 'kW' : 'kWh';
  }

  /** A column of few words beside the numbers: which channel a row is of. */
  #channelBy(at: number): NonNullable<ProfileInput['channelBy']> | undefined {
    const words = [...new Set(this.#cellsOf(at))];
    if (words.length === 0 || words.length > channelWordsMax) return undefined;
    const used = new Map<string, number>();
    const channels = words.map(word => {
      const flow = flowOf(plainHeading(word));
      this.#askDirection(flow, `“${word}”`);
      return { word, code: nextCode(used, flow), flow };
    });
    this.#because('channel', `“${this.#label(at)}” says which channel a row is of.`);
    return { column: this.#ref(at), channels };
  }

  /** CSV-4: columns alone cannot tell interval energy from a counter; one that never falls over more than a day may be a counter. */
  #counts(at: number, decimal: '.' | ',', stamp: GuessedStamp, meterPointAt: number): boolean {
    const last = new Map<string, number>();
    let [risen, fallen] = [0, 0];
    for (const row of this.#table.rows) {
      const text = row[at] ?? '';
      if (text === '' || missingWords.test(text)) continue;
      const value = Number(decimal === ',' ? text.replaceAll('.', '').replace(',', '.') : text);
      const owner = meterPointAt < 0 ? '' : (row[meterPointAt] ?? '');
      const before = last.get(owner);
      last.set(owner, value);
      if (before !== undefined && value > before) risen += 1;
      if (before !== undefined && value < before) fallen += 1;
    }
    const walls = this.#walls(stamp).filter(wall => !Number.isNaN(wall));
    const span = Math.max(...walls) - Math.min(...walls);
    const counts = (risen > 3 && fallen === 0) || (fallen > 3 && risen === 0);
    if (counts)
      this.#questions.push({
        part: 'kind',
        asks: `“${this.#label(at)}” only ever rises${span < 86_400 ? ', in less than a day' : ''}: is it what a counter shows, or the energy of each interval?`,
        chosen: 'register',
        choices: ['register', 'interval'],
      });
    return counts;
  }

  #askDirection(flow: Flow, what: string): void {
    this.#questions.push({
      part: 'direction',
      asks: `Which way does ${what} flow?`,
      chosen: flow,
      choices: ['from-grid', 'to-grid', 'from-solar', 'none'],
    });
  }

  #wordColumn(taken: ReadonlySet<number>): number {
    return this.#named(names.quality, taken);
  }

  #quality(at: number): NonNullable<ProfileInput['quality']> {
    const words = [...new Set(this.#cellsOf(at))].slice(0, 50);
    const isYesNo = /estimat/.test(plainHeading(this.#label(at)));
    const of = (word: string): Quality => {
      if (isYesNo && /^(y|yes|true|1)$/i.test(word)) return 'estimated';
      return qualityWords[word.toLowerCase()] ?? 'actual';
    };
    const unknown = words.filter(
      word => !(word.toLowerCase() in qualityWords) && !(isYesNo && /^(y|yes|n|no|true|false|[01])$/i.test(word)),
    );
    if (unknown.length > 0)
      this.#questions.push({
        part: 'quality',
        asks: `What do ${unknown.map(word => `“${word}”`).join(', ')} say of a value?`,
        chosen: 'actual',
        choices: ['actual', 'estimated', 'substituted', 'missing'],
      });
    return {
      column: this.#ref(at),
      words: words.map(word => ({ word, quality: isYesNo && /^n(o)?$/i.test(word) ? 'actual' : of(word) })),
    };
  }

  #missing(numbers: number[]): string[] {
    const words = numbers.flatMap(at => this.#cellsOf(at).filter(cell => missingWords.test(cell)));
    return [...new Set(words)].slice(0, 20);
  }

  /** The headings by which the next file is known: at most twelve, so that a column more or less at the end does not matter. */
  #recognisable(): string[] {
    const named = this.#headings.filter(heading => heading !== '');
    return [...new Set(named)].slice(0, 12);
  }

  #named(pattern: RegExp, taken: ReadonlySet<number>): number {
    return this.#headings.findIndex(
      (heading, at) => !taken.has(at) && pattern.test(plainHeading(heading)) && this.#cellsOf(at).length > 0,
    );
  }

  #columnsWhere(test: (at: number) => boolean): number[] {
    return Array.from({ length: this.#table.columns }, (_, at) => at).filter(test);
  }

  /** What stands in the column, empty cells left out. */
  #cellsOf(at: number): string[] {
    return this.#table.rows.map(row => row[at] ?? '').filter(cell => cell !== '');
  }

  /** By heading where it has one of its own, else by number. */
  #ref(at: number): Column {
    const heading = this.#headings[at] ?? '';
    const same = this.#headings.filter(each => plainHeading(each) === plainHeading(heading));
    return heading === '' || same.length > 1 ? at + 1 : heading;
  }

  #label(at: number): string {
    return this.#headings[at] || `column ${at + 1}`;
  }

  #because(part: string, says: string): void {
    this.#reasons.push({ part, says });
  }
}

import type {
  CustomerRecord,
  FileFacts,
  FileHeader,
  Format,
  FormatContext,
  FormatSink,
  IndexRead,
  IntervalRun,
  RegisterAdvance,
  RegisterMapping,
  RegisterReading,
  SeriesTotals,
} from '../../src/imports/format.ts';
import type { ImportProblem } from '../../src/imports/problem.ts';

/** Everything a reader said about a file, in order of saying. */
export interface Events {
  headers: FileHeader[];
  runs: IntervalRun[];
  readings: RegisterReading[];
  withdrawals: RegisterReading[];
  indexReads: IndexRead[];
  customers: CustomerRecord[];
  mappings: RegisterMapping[];
  advances: RegisterAdvance[];
  seriesTotals: SeriesTotals[];
  problems: ImportProblem[];
  facts: FileFacts[];
  /** The kinds of all events in the order they came. */
  order: string[];
}

export const tolerant: FormatContext = { strict: false, fileName: '', member: '' };
export const strict: FormatContext = { strict: true, fileName: '', member: '' };

/** Reads a file given in one or more portions. */
export function collectEvents(
  format: Format,
  file: string | Uint8Array | Iterable<Uint8Array>,
  context: FormatContext = tolerant,
): Events {
  const events: Events = {
    headers: [],
    runs: [],
    readings: [],
    withdrawals: [],
    indexReads: [],
    customers: [],
    mappings: [],
    advances: [],
    seriesTotals: [],
    problems: [],
    facts: [],
    order: [],
  };
  const keep =
    <T>(kind: string, list: T[]) =>
    (event: T): void => {
      list.push(event);
      events.order.push(kind);
    };
  const sink: FormatSink = {
    opened: keep('opened', events.headers),
    intervals: keep('intervals', events.runs),
    registerReading: keep('reading', events.readings),
    withdrawal: keep('withdrawal', events.withdrawals),
    indexRead: keep('index', events.indexReads),
    customer: keep('customer', events.customers),
    registerMapping: keep('mapping', events.mappings),
    advance: keep('advance', events.advances),
    seriesTotals: keep('series totals', events.seriesTotals),
    problem: keep('problem', events.problems),
    closed: keep('closed', events.facts),
  };
  const reader = format.reader(sink, context);
  for (const chunk of portionsOf(file)) reader.push(chunk);
  reader.end();
  return events;
}

function portionsOf(file: string | Uint8Array | Iterable<Uint8Array>): Iterable<Uint8Array> {
  if (typeof file === 'string') return [Buffer.from(file, 'utf8')];
  return file instanceof Uint8Array ? [file] : file;
}

/** Cuts bytes into portions of these lengths, over and over; each portion is its own memory, overwritten after use. */
export function* cutInto(bytes: Uint8Array, lengths: number[]): Generator<Uint8Array> {
  for (let from = 0, turn = 0; from < bytes.length; turn++) {
    const portion = Uint8Array.from(bytes.subarray(from, from + lengths[turn % lengths.length]!));
    from += portion.length;
    yield portion;
    portion.fill(0x58);
  }
}

/** "error N12-20 L3 rejected", one per problem: what happened and where, without the words. */
export function verdicts(problems: ImportProblem[]): string[] {
  return problems.map(({ severity, rule, line, action }) => `${severity} ${rule} L${line} ${action}`);
}

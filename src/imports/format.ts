import type { Flow, MeterPointFacts } from '../accounts/meter-point.ts';
import type { Quality } from '../readings/reading.ts';
import type { MicroKwh } from '../units/energy.ts';
import type { Day, Instant, Zone } from '../units/time.ts';
import type { ImportProblem } from './problem.ts';

/**
 * A format declares itself: one object in formats/NAME.ts, one line in formats/index.ts. Its reader is a synchronous push parser in
 * constant memory: bytes go in in any portions, events come out in file order, and the same bytes give the same events however
 * they were cut. A reader never throws on what a file contains; everything wrong becomes a problem.
 */
export interface Format {
  /** Stable, stored with each import run: "nem12". */
  name: string;
  title: string;
  /** Decided on content, never on the file's name (N12-2); `head` is the beginning of the file, a few kilobytes. */
  looksLike(head: Uint8Array): boolean;
  /** How much of such a file it names, where formats may have that in common (headings of tables): the most wins. */
  fits?(head: Uint8Array): number;
  reader(sink: FormatSink, context: FormatContext): FormatReader;
}

export interface FormatContext {
  /** true: what the specification forbids rejects the record. false: what can be read safely is read, with a warning. */
  strict: boolean;
  /** The clock the file is written in; each format has its market's default ("+10:00" for NEM12, "Europe/London" for D0010). */
  marketZone?: Zone;
  /** The clock of files that people make on the site itself and that say nothing of a zone. */
  siteZone?: Zone;
  /** Name under which the file came, '' when unknown: NEM12 carries its unique id there. */
  fileName: string;
  /** "archive.zip!member", '' unless the file came out of a zip; stands in every problem. */
  member: string;
  /** What the person who imports the file says it is of, for files that name no meter point. */
  meterPoint?: string;
}

export interface FormatReader {
  /** The bytes belong to the caller again when this returns. */
  push(chunk: Uint8Array): void;
  /** After the last byte, of readers that hold much back: emits it in portions, so that memory does not grow with the file. `end` follows. */
  rest?(): Iterable<void>;
  /** After the last byte: emits what was held back, then `closed`. */
  end(): void;
}

/** Where a reader's events go. Calls are synchronous, in file order: opened, then records, closed once at the end. */
export interface FormatSink {
  /** A file's header: before its first record, so that a test file (D10-1) is known in time. Once per 100…900 block in NEM12. */
  opened(header: FileHeader): void;
  intervals(run: IntervalRun): void;
  registerReading(reading: RegisterReading): void;
  /** A reading that its sender takes back (D10-10), in the order of the readings; whoever keeps none leaves it out. */
  withdrawal?(reading: RegisterReading): void;
  indexRead(read: IndexRead): void;
  customer(customer: CustomerRecord): void;
  /** What the sender counted between two reads of a register, for whoever holds it against them; the reads come by themselves. */
  advance?(advance: RegisterAdvance): void;
  /** What a feed tells of a series besides its readings, for whoever holds it against them; nothing is billed by it. */
  seriesTotals?(totals: SeriesTotals): void;
  /** How a register counts, from flows that carry no readings. */
  registerMapping?(mapping: RegisterMapping): void;
  problem(problem: ImportProblem): void;
  closed(facts: FileFacts): void;
}

export interface FileHeader {
  /** The sender's identification of the file: UFF FileId, NEM12 UniqueID from the file name; '' when there is none. */
  reference: string;
  /** "NEM12", "D0010002". */
  flow: string;
  /** Market participant ids, with the role before a colon where the wrapper names one: "D:UDMS". */
  sender: string;
  receiver: string;
  /** When the sender made the file, 0 when it does not say or says it illegibly. */
  createdAt: Instant;
  /** As sent: "OPER", "TR01"; '' when the format has none. */
  testFlag: string;
  /** A test file must never enter live data (D10-1). */
  isTest: boolean;
}

/** The whole file, known at its end. */
export interface FileFacts extends FileHeader {
  /** The trailer was seen (900, ZPT): without it the file may be cut off and is at best incomplete (N12-7). */
  complete: boolean;
  /** The trailer's, as sent and not computed (D10-2); left out when it is empty or the format has none. */
  checksum?: string;
  lines: number;
  /** Interval runs, register readings and register mappings emitted. */
  records: number;
  errors: number;
  warnings: number;
}

/** The stream of interval data a 200 record opens: one object shared by all its runs, so it can be compared by identity. */
export interface IntervalChannel {
  /** NMI without its check digit. */
  meterPoint: string;
  /** The NMI's suffixes as sent, "E1B1Q1". */
  nmiConfiguration: string;
  /** NMI suffix: "E1". */
  suffix: string;
  role: ChannelRole;
  /** '' when not sent: attributes, not part of the channel's key (N12-38). */
  registerId: string;
  meterSerial: string;
  /** Normalised: kWh, kVArh, kVAh, kW, kVAr, kVA, V, A, pf; otherwise as sent, '' when it was empty. */
  unit: string;
  /** Only kWh is energy; everything else may be stored but is never summed or billed (N12-17). */
  isEnergy: boolean;
  lengthMinutes: number;
  /** Line of the 200 record. */
  line: number;
}

/** What the first letter of a suffix says (N12-15, N12-16), or the profile of a CSV. Check and net channels are never added to billing. */
export type ChannelRole = 'from-grid' | 'to-grid' | 'from-solar' | 'reactive' | 'check' | 'net' | 'other';

/** One day of one channel: a 300 record with its 400 records applied. Arrays and spans are the receiver's to keep, and nobody's to change. */
export interface IntervalRun {
  channel: IntervalChannel;
  /** Start of interval 0: midnight of the market's clock in NEM12 (N12-32), any instant elsewhere. Interval i begins i·lengthMinutes later. */
  startsAt: Instant;
  /** Integer 1e-6 of the channel's unit (micro-kWh when isEnergy); NaN is a gap, never zero (N12-22). */
  energies: Float64Array;
  /** Codes of readings/reading.ts `qualities`, one per interval; days that have the same may share them. */
  qualities: Uint8Array;
  /** Ascending, together exactly 0 to energies.length; days that have the same may share them. */
  spans: readonly QualitySpan[];
  /** The sender's version stamp, UpdateDateTime; without it the file's DateTime (N12-30); 0 when neither was sent. */
  versionAt: Instant;
  /** Line of the 300 record, or of the first interval's row. */
  line: number;
  /** Lines from one interval's row to the next, where each has a row of its own; absent when all stand in one line. */
  lineStep?: number;
  /** Where the file comes from they contradict what is current and nobody has decided yet: whatever their version, they replace nothing. */
  waits?: boolean;
}

/** Consecutive intervals [from, to) with one quality, method and reason. */
export interface QualitySpan {
  from: number;
  to: number;
  /** A, E, F, N or S as sent. */
  flag: string;
  /** Two digits of the metrology procedure, '' when none. */
  method: string;
  reasonCode: string;
  reasonText: string;
}

/**
 * A NEM12 500 record, an index read beside the intervals, or a NEM13 550 record, why a register was read; kept as text because leading
 * zeros say how many dials there are (N12-28).
 */
export interface IndexRead {
  channel: IntervalChannel;
  transactionCode: string;
  serviceOrder: string;
  /** 0 when not sent or illegible. */
  readAt: Instant;
  indexRead: string;
  line: number;
}

/** How a feed brings a series, and what its sender charges for it. */
export interface SeriesTotals {
  meterPoint: string;
  code: string;
  blocks: number;
  /** In 1e-5 of the feed's currency (GB-9); undefined when no reading has a cost. */
  cost: number | undefined;
}

/** What flowed between two reads of a register as its sender counts it: multiplier and rollover are in it (N13-2). */
export interface RegisterAdvance {
  /** The current read; its register is the advance's. */
  current: RegisterReading;
  registerId: string;
  from: Instant;
  /** Integer 1e-6 of the unit; negative in exceptions that somebody must look at (N13-4). */
  quantity: MicroKwh;
  unit: string;
  isEnergy: boolean;
}

/** What a register showed at an instant (D0010 group 030 with its 026, 028 and 032; either read of a NEM13 250 record). */
export interface RegisterReading {
  /** MPAN core, thirteen digits; NMI without its check digit; the usage point of a Green Button feed. */
  meterPoint: string;
  /** As printed, inner blanks kept; compare by `isSameMeter` (D10-16). */
  meterSerial: string;
  /** NEM13: the NMI suffix, which stays when a meter is exchanged (N13-8). */
  registerId: string;
  /** Which way the register counts; from the grid when not said. */
  flow?: Flow;
  /** kWh when not said; energy in any other unit is never billed. */
  unit?: string;
  at: Instant;
  /** What the dial shows, before any multiplier (D10-14). */
  value: MicroKwh;
  quality: Quality;
  /** J0171 as sent; the quality flag of NEM13. */
  readingType: string;
  /** J0022: V validated, U not validated, F failed: stored, never billed (D10-11). */
  bscStatus: 'V' | 'U' | 'F';
  /** J0045 meter reading flag, T or F; '' when not sent. */
  flag: string;
  /** J1888: N not viewed by an agent, P viewed; '' when not sent. */
  method: string;
  /** Why a read is substituted, final or estimated, in the words of MDFF; absent where the format has none. */
  span?: QualitySpan;
  /** J0332 of group 032, '' when absent. */
  validationReason: string;
  /** J0047 of group 032, T or F, '' when absent: flag F with status T was accepted after a check (D10-12). */
  validationStatus: string;
  /** ZHV time, UpdateDateTime, atom:updated; 0 when illegible. */
  versionAt: Instant;
  /** Line of the 030 group, the 250 record, the IntervalReading. */
  line: number;
  /** As of an IntervalRun. */
  waits?: boolean;
}

/** What a register reading says of itself where its format, unlike the D0010 family, has no word for it. */
export const plainRegisterReading = {
  readingType: '',
  bscStatus: 'V',
  flag: '',
  method: '',
  validationReason: '',
  validationStatus: '',
} as const satisfies Partial<RegisterReading>;

/** What the readings of a register mean, from a day on: only what the flow says, the rest stays as it was (D10-17). */
export interface RegisterMapping {
  meterPoint: string;
  meterSerial: string;
  registerId: string;
  /** Where the register is not known yet; as in RegisterReading. */
  flow?: Flow;
  unit?: string;
  /**
   * Nobody told it, it was worked out of a reading at this instant, and holds from that day of the meter point on: it gives way to what
   * somebody told.
   */
  derivedAt?: Instant;
  /** First day it holds, on the clock of the market. */
  from: Day;
  /** When that day begins there; absent where it was worked out. */
  fromAt?: Instant;
  /** The meter was exchanged at that moment, and went on under the same serial. */
  exchange?: { at: Instant; finalValue: MicroKwh; firstValue: MicroKwh };
  /** J0475 as an integer of 1e-6: 80 is 80,000,000. */
  multiplierMicro?: number;
  /** J0478: how many digits the register has before its decimal point. */
  digits?: number;
  /** J0474. */
  kind?: 'cumulative' | 'maximum-demand' | 'other';
  /** J0103: AI, AE, RI, RE; '' when the flow does not say. */
  quantity: string;
  /** Standard settlement configuration and time pattern regime, '' when the flow does not say. */
  configuration: string;
  timePattern: string;
  /** ZHV time, 0 when illegible. */
  versionAt: Instant;
  /** Line of the register's group. */
  line: number;
}

/** A line of a customer list: who is billed at a meter whose id is also the number of the account. */
export interface CustomerRecord {
  name: string;
  /** Where its mail goes. */
  address: string;
  meterPoint: string;
  /** What the list tells of the place of the meter, when it tells more than the address. */
  premises?: MeterPointFacts;
  line: number;
}

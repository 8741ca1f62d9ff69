import type { Flow } from '../../accounts/meter-point.ts';
import { type MicroKwh, microKwh, parseEnergy } from '../../units/energy.ts';
import { type Instant, instant } from '../../units/time.ts';
import type { Findings } from '../findings.ts';
import type { RegisterAdvance, RegisterReading } from '../format.ts';
import { quote } from '../problem.ts';
import type { RecordFields } from '../record-fields.ts';
import { findUnit, flagQualities, parseDate8, parseDateTime, type UnitDecimals, type UnitOfMeasure } from './mdff.ts';
import { readNmi } from './nem12-channel.ts';
import { type QualityFields, readQuality } from './nem12-quality.ts';

/** What a 250 record says: two reads of one register, and what flowed between them. */
export interface Accumulation {
  previous: RegisterReading;
  current: RegisterReading;
  advance: RegisterAdvance;
  dial: Dial;
  /** The current read had not happened when the record was made: provisional, replaced by the read itself (N13-6). */
  isForward: boolean;
}

/** What the quantity says of the register's dial (N13-2). */
export interface Dial {
  /**
   * What the difference of the reads is multiplied with to give the quantity: 1 mostly; any where nothing flowed, or of a demand; none
   * when nothing does, so that energy taken from the reads would not be what the sender counted.
   */
  multiplier: number | 'any' | 'none';
  /** Of a dial that began again at zero between the reads. */
  digits?: number;
}

export interface RecordPlace {
  offsetSeconds: number;
  /** By `versionOfFile`. */
  fileVersionAt: Instant | undefined;
  line: number;
}

interface Read {
  at: Instant;
  value: MicroKwh;
  text: string;
  quality: QualityFields;
}

/**
 * 250,NMI,NMIConfiguration,RegisterID,NMISuffix,MDMDataStreamIdentifier,MeterSerialNumber,DirectionIndicator, then the previous and
 * the current read (RegisterRead,DateTime,QualityMethod,ReasonCode,ReasonDescription), Quantity,UOM,NextScheduledReadDate,
 * UpdateDateTime,MSATSLoadDateTime. undefined when the record is rejected, and every reason is reported.
 */
export function readAccumulation(
  fields: RecordFields,
  place: RecordPlace,
  findings: Findings,
): Accumulation | undefined {
  const errorsBefore = findings.errors;
  const { line } = place;
  const meterPoint = readNmi(fields, line, findings);
  const registerId = readRegisterId(fields, line, findings);
  const flow = readDirection(fields, line, findings);
  const unit = readUnit(fields, line, findings);
  const previous = readRead(fields, previousAt, 'Previous', unit, place, findings);
  const current = readRead(fields, currentAt, 'Current', unit, place, findings);
  const quantity = readNumber(fields, 18, 'Quantity', unit, line, findings);
  const versionAt = readVersion(fields, place, findings);
  checkDates(fields, line, findings);
  if (!unit || !previous || !current || quantity === undefined || findings.errors > errorsBefore) return undefined;
  if (current.at < previous.at) {
    add(
      findings,
      line,
      fields,
      currentAt + 1,
      'N13-7',
      'CurrentRegisterReadDateTime',
      'the current read is earlier than the previous one',
    );
    return undefined;
  }
  const meterSerial = fields.at(6);
  const asReading = ({ at, value, quality }: Read): RegisterReading => ({
    meterPoint,
    meterSerial,
    registerId,
    flow: unit.isEnergy ? flow : 'none',
    unit: unit.unit,
    at,
    value,
    quality: flagQualities[quality.flag]!,
    readingType: quality.flag,
    bscStatus: 'V',
    flag: '',
    method: '',
    span: { from: 0, to: 1, ...quality },
    validationReason: '',
    validationStatus: '',
    versionAt,
    line,
  });
  const reading = asReading(current);
  return {
    previous: asReading(previous),
    current: reading,
    advance: {
      current: reading,
      registerId: fields.at(3),
      from: previous.at,
      quantity,
      unit: unit.unit,
      isEnergy: unit.isEnergy,
    },
    dial: dialOf(fields, previous, current, quantity, unit, flow, line, findings),
    isForward: isForward(fields, current, versionAt, line, findings),
  };
}

const previousAt = 8;
const currentAt = 13;

function readRegisterId(fields: RecordFields, line: number, findings: Findings): string {
  const id = fields.at(4) || fields.at(3);
  if (id === '') add(findings, line, fields, 4, 'N13-8', 'NMISuffix', 'neither a suffix nor a register id is named');
  return id;
}

/** N13-5: the indicator's "import" is to the grid. */
function readDirection(fields: RecordFields, line: number, findings: Findings): Flow {
  const sent = fields.at(7).toUpperCase();
  if (sent === 'I') return 'to-grid';
  if (sent !== 'E')
    add(
      findings,
      line,
      fields,
      7,
      'N13-5',
      'DirectionIndicator',
      `${quote(fields.at(7))} is neither I, to the grid, nor E, from it`,
    );
  return 'from-grid';
}

function readUnit(fields: RecordFields, line: number, findings: Findings): UnitOfMeasure | undefined {
  const sent = fields.at(19);
  const unit = findUnit(sent);
  if (unit) return unit;
  add(
    findings,
    line,
    fields,
    19,
    'N12-17',
    'UOM',
    sent === '' ? 'the unit of measure is empty' : `${quote(sent)} is not a unit of measure`,
  );
  return undefined;
}

function readRead(
  fields: RecordFields,
  index: number,
  which: 'Previous' | 'Current',
  unit: UnitOfMeasure | undefined,
  { offsetSeconds, line }: RecordPlace,
  findings: Findings,
): Read | undefined {
  const value = readNumber(fields, index, `${which}RegisterRead`, unit, line, findings);
  if (value !== undefined && value < 0) {
    add(
      findings,
      line,
      fields,
      index,
      'N13-2',
      `${which}RegisterRead`,
      `${quote(fields.at(index))} is negative; a dial is not`,
    );
  }
  const stamp = parseDateTime(fields.at(index + 1).slice(0, 14));
  if (stamp === undefined) {
    const says = `${quote(fields.at(index + 1))} is not a date and time`;
    add(findings, line, fields, index + 1, 'N12-29', `${which}RegisterReadDateTime`, says);
  } else if (fields.at(index + 1).length > 14) {
    const says = `${quote(fields.at(index + 1))} has a digit too many; the first fourteen are read`;
    add(findings, line, fields, index + 1, 'N12-29', `${which}RegisterReadDateTime`, says, 'repaired');
  }
  const quality = readQuality(fields, index + 2, line, findings);
  if (quality?.flag === 'V' || quality?.flag === 'N') {
    add(
      findings,
      line,
      fields,
      index + 2,
      'N13-9',
      `${which}QualityMethod`,
      `quality ${quality.flag} is not permitted for a register`,
    );
    return undefined;
  }
  if (value === undefined || value < 0 || stamp === undefined || quality === undefined) return undefined;
  return { at: instant(stamp - offsetSeconds), value, text: fields.at(index), quality };
}

const unitNames: Record<UnitDecimals, 'Wh' | 'kWh' | 'MWh'> = { 3: 'Wh', 6: 'kWh', 9: 'MWh' };

function readNumber(
  fields: RecordFields,
  index: number,
  field: string,
  unit: UnitOfMeasure | undefined,
  line: number,
  findings: Findings,
): MicroKwh | undefined {
  const sent = fields.at(index);
  const parsed = sent.startsWith('+')
    ? ({ ok: false, why: 'not-a-number' } as const)
    : parseEnergy(sent, unitNames[unit?.decimals ?? 6]);
  if (!parsed.ok) {
    const what = field === 'Quantity' ? 'a quantity' : 'a register read';
    const says = parsed.why === 'too-large' ? `${quote(sent)} is too large` : `${quote(sent)} is not ${what}`;
    add(findings, line, fields, index, 'N13-2', field, says);
    return undefined;
  }
  if (parsed.rounded)
    add(findings, line, fields, index, 'N12-18', field, `${quote(sent)} was rounded to 0.000001`, 'repaired');
  return parsed.microKwh;
}

/** UpdateDateTime, else the file's own (N12-30). */
function readVersion(
  fields: RecordFields,
  { offsetSeconds, fileVersionAt, line }: RecordPlace,
  findings: Findings,
): Instant {
  const sent = fields.at(21);
  const stamp = parseDateTime(sent);
  if (stamp !== undefined) return instant(stamp - offsetSeconds);
  if (sent === '' && fileVersionAt === undefined) return instant(0);
  const instead = !fileVersionAt ? 'the reads have no version' : "the file's DateTime is their version";
  const says =
    sent === '' ? `UpdateDateTime is missing; ${instead}` : `${quote(sent)} is not a date and time; ${instead}`;
  add(findings, line, fields, 21, sent === '' ? 'N12-30' : 'N12-29', 'UpdateDateTime', says, 'repaired');
  return fileVersionAt ?? instant(0);
}

function checkDates(fields: RecordFields, line: number, findings: Findings): void {
  const [next, loaded] = [fields.at(20), fields.at(22)];
  if (next !== '' && parseDate8(next) === undefined) {
    add(findings, line, fields, 20, 'N12-29', 'NextScheduledReadDate', `${quote(next)} is not a date`, 'ignored');
  }
  if (loaded !== '' && parseDateTime(loaded) === undefined) {
    add(
      findings,
      line,
      fields,
      22,
      'N12-29',
      'MSATSLoadDateTime',
      `${quote(loaded)} is not a date and time`,
      'ignored',
    );
  }
}

/**
 * Holds the quantity against the reads (N13-2 to N13-4): the reads are exclusive of the register's multiplier, the quantity includes it and
 * a rollover. Energy is taken from the reads here, so reads whose difference is no whole part of what the sender counted (a correction)
 * do not enter: they would bill another energy without a word.
 */
function dialOf(
  fields: RecordFields,
  previous: Read,
  current: Read,
  quantity: MicroKwh,
  unit: UnitOfMeasure,
  flow: Flow,
  line: number,
  findings: Findings,
): Dial {
  // A maximum demand stands for itself and is no difference (N13-3).
  if (!unit.isEnergy) return { multiplier: 'any' };
  if (quantity < 0)
    add(
      findings,
      line,
      fields,
      18,
      'N13-4',
      'Quantity',
      'the quantity is negative, which somebody should look into',
      'ignored',
    );
  const difference = current.value - previous.value;
  const asItIs: Dial = { multiplier: difference === 0 ? 'any' : 1 };
  if (quantity === difference || (flow === 'to-grid' && quantity === -difference)) return asItIs;
  const width = 10 ** wholeDigits(previous.text) * microPerUnit(unit);
  const ratio = ratioOf(quantity, difference < 0 ? difference + width : difference);
  const digits = wholeDigits(previous.text);
  if (difference < 0 && ratio !== undefined) {
    const says = `the dial of ${digits} digits went past ${quote(previous.text)} and began again at zero, as the quantity says, and the register map is told`;
    add(findings, line, fields, currentAt, 'N13-2', 'CurrentRegisterRead', says, 'ignored');
  }
  if (ratio !== undefined) {
    const dial: Dial = { multiplier: ratio, ...(difference < 0 && digits <= digitsMax && { digits }) };
    if (ratio === 1) return dial;
    const says = `the quantity ${quote(fields.at(18))} is ${ratio} times the difference of the reads: the register has that multiplier, and the register map is told`;
    add(findings, line, fields, 18, 'N13-2', 'Quantity', says, 'ignored');
    return dial;
  }
  if (Math.abs(quantity - difference) < finestDigit(previous.text, current.text, unit)) {
    const says = `the quantity ${quote(fields.at(18))} is finer than the dial shows; energy follows the dial`;
    add(findings, line, fields, 18, 'N13-2', 'Quantity', says, 'ignored');
    return asItIs;
  }
  const says = `the quantity ${quote(fields.at(18))} is not the difference of the reads, nor a whole multiple of it; energy taken from these reads would be wrong`;
  add(findings, line, fields, 18, 'N13-2', 'Quantity', says);
  return { multiplier: 'none' };
}

// A transformer of 110 kV and 2000 A has one of 440,000.
const multiplierMax = 1_000_000;
// Of more no register map can be told.
const digitsMax = 9;

/** How many times `advance` the quantity is, when that is a whole number and can be a multiplier. */
function ratioOf(quantity: MicroKwh, advance: number): number | undefined {
  const ratio = quantity / advance;
  return Number.isInteger(ratio) && ratio >= 1 && ratio <= multiplierMax ? ratio : undefined;
}

function wholeDigits(dial: string): number {
  return dial.split('.')[0]!.length;
}

/** What the last digit of the coarser dial text counts. */
function finestDigit(a: string, b: string, unit: UnitOfMeasure): number {
  const decimals = Math.min(...[a, b].map(text => text.split('.')[1]?.length ?? 0));
  return microPerUnit(unit) / 10 ** decimals;
}

function microPerUnit({ decimals }: UnitOfMeasure): MicroKwh {
  return microKwh(10 ** decimals);
}

function isForward(fields: RecordFields, current: Read, versionAt: Instant, line: number, findings: Findings): boolean {
  if (current.quality.flag !== 'E' || versionAt === 0 || current.at <= versionAt) return false;
  const says = 'the current read is an estimate of a day to come: it waits for the read itself';
  add(findings, line, fields, currentAt + 1, 'N13-6', 'CurrentRegisterReadDateTime', says, 'ignored');
  return true;
}

function add(
  findings: Findings,
  line: number,
  fields: RecordFields,
  index: number,
  rule: string,
  field: string,
  says: string,
  action: 'rejected' | 'repaired' | 'ignored' = 'rejected',
): void {
  const place = { column: fields.columnOf(index), rule, field, raw: fields.at(index) };
  findings.add(line, { ...place, severity: action === 'rejected' ? 'error' : 'warning', says, action });
}

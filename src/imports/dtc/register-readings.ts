import type { Quality } from '../../readings/reading.ts';
import type { RegisterReading } from '../format.ts';
import type { FlowTable, GroupTable, Interpreter, Item, Lent, PlainGroups } from './flow-table.ts';
import type { Group } from './group.ts';
import { PlainReadings } from './plain-readings.ts';
import { readingTypes } from './reading-types.ts';

/** Codes of the groups in D0010 and in the flows that are like it. */
export interface ReadingCodes {
  meterPoint: string;
  meterPointVisit: string;
  meter: string;
  meterVisit: string;
  reading: string;
  validation: string;
  readingVisit: string;
}

/** Groups and items of D0010 version 002 (catalogue 15.4, FORMATS 3.2) under the codes of a flow; there is no 031 and no 034. */
export function readingGroups(codes: ReadingCodes): FlowTable['groups'] {
  const groups: [string, GroupTable][] = [
    [codes.meterPoint, { title: 'MPAN Cores', items: [mpan, bscStatus] }],
    [codes.meterPointVisit, { title: 'Site Visit Information', parents: [codes.meterPoint], items: visit }],
    [codes.meter, { title: 'Meter/Reading Types', parents: [codes.meterPoint], items: [meterId, readingType] }],
    [codes.meterVisit, { title: 'Site Visit Information', parents: [codes.meter], items: visit }],
    [codes.reading, { title: 'Register Readings', parents: [codes.meter], items: reading }],
    // The catalogue asks for one; real files have none, even with flag F (D10-7).
    [
      codes.validation,
      { title: 'Validation Result', parents: [codes.reading], items: validation, single: true, detail: true },
    ],
    [codes.readingVisit, { title: 'Site Visit Information', parents: [codes.reading], items: visit, detail: true }],
  ];
  return Object.fromEntries(groups);
}

/** Register readings from the groups of such a flow. */
export function interpretReadings(codes: ReadingCodes): (lent: Lent) => Interpreter {
  return lent => new ReadingInterpreter(codes, lent);
}

export const mpan: Item = { name: 'J0003', title: 'MPAN core', type: { kind: 'mpan' }, rule: 'D10-8' };
export const meterId: Item = { name: 'J0004', title: 'meter id', type: { kind: 'text', max: 10 }, rule: 'D10-16' };
export const registerId: Item = { name: 'J0010', title: 'register id', type: { kind: 'text', max: 2 }, rule: 'D10-17' };

const bscStatus: Item = {
  name: 'J0022',
  title: 'BSC validation status',
  type: { kind: 'code', of: ['V', 'U', 'F'], otherwise: { readAs: 'U' } },
  rule: 'D10-11',
};
const readingType: Item = {
  name: 'J0171',
  title: 'reading type',
  type: { kind: 'code', of: Object.keys(readingTypes), otherwise: 'rejected' },
  rule: 'D10-9',
};
const unread = (name: string, title: string): Item => ({ name, title, type: { kind: 'unread' }, rule: 'D10-5' });
const visit = [unread('J0024', 'site visit check code'), unread('J0012', 'additional information')];
const reading: Item[] = [
  registerId,
  { name: 'J0016', title: 'reading date and time', type: { kind: 'wall-clock' }, rule: 'D10-15' },
  {
    name: 'J0040',
    title: 'register reading',
    type: { kind: 'number', digits: 9, decimals: 1, decimalsMax: 3 },
    rule: 'D10-14',
  },
  unread('J0044', 'MD reset date and time'),
  unread('J1013', 'number of MD resets'),
  letter('J0045', 'meter reading flag', ['T', 'F'], 'D10-12'),
  letter('J1888', 'reading method', ['N', 'P'], 'D10-13'),
];
const validation: Item[] = [
  { name: 'J0332', title: 'reason code', type: { kind: 'text', max: 2 }, rule: 'D10-12', optional: true },
  { name: 'J0047', title: 'meter reading status', type: { kind: 'text', max: 1 }, rule: 'D10-12', optional: true },
];

/** A code of one letter that may be absent; an unknown one is left out with a warning. */
function letter(name: string, title: string, of: string[], rule: string): Item {
  return { name, title, type: { kind: 'code', of, otherwise: 'left-out' }, rule, optional: true };
}

/** J0171 of a reading that its sender takes back. */
const withdrawn = 'W';

class ReadingInterpreter implements Interpreter {
  readonly plain: PlainGroups;
  readonly #codes: ReadingCodes;
  readonly #lent: Lent;
  #meterPoint: Pick<RegisterReading, 'meterPoint' | 'bscStatus'> | undefined;
  #meter: Pick<RegisterReading, 'meterSerial' | 'readingType'> | undefined;
  /** Held back until its validation result can have come. */
  #reading: RegisterReading | undefined;
  /** What is held back takes an earlier one back. */
  #withdraws = false;

  constructor(codes: ReadingCodes, lent: Lent) {
    this.#codes = codes;
    this.#lent = lent;
    const plain = new PlainReadings(codes, lent.zone);
    this.plain = {
      read: (bytes, start, end) => {
        const code = plain.read(bytes, start, end);
        // What is not imported or taken back is told in words.
        return code === codes.reading && readingTypes[this.#meter?.readingType ?? '']?.quality === undefined
          ? undefined
          : code;
      },
      open: line => this.#openPlain(plain, line),
    };
  }

  open(group: Group): boolean {
    const { meterPoint, meter, reading: register, validation: result } = this.#codes;
    if (group.code === meterPoint) {
      const status = group.text('J0022');
      this.#meterPoint = {
        meterPoint: group.text('J0003'),
        bscStatus: status === 'V' || status === 'F' ? status : 'U',
      };
    } else if (group.code === meter) {
      this.#meter = { meterSerial: group.text('J0004'), readingType: group.text('J0171') };
    } else if (group.code === register) {
      return this.#openReading(group);
    } else if (group.code === result && this.#reading) {
      this.#reading.validationReason = group.text('J0332');
      this.#reading.validationStatus = group.text('J0047');
    }
    return true;
  }

  close(code: string): number {
    if (code !== this.#codes.reading || !this.#reading) return 0;
    const { sink } = this.#lent;
    if (this.#withdraws) sink.withdrawal?.(this.#reading);
    else sink.registerReading(this.#reading);
    this.#reading = undefined;
    return 1;
  }

  #openPlain(read: PlainReadings, line: number): void {
    const { meterPoint, meter } = this.#codes;
    if (read.code === meterPoint) this.#meterPoint = { meterPoint: read.meterPoint, bscStatus: read.bscStatus };
    else if (read.code === meter) this.#meter = { meterSerial: read.meterSerial, readingType: read.readingType };
    else {
      const { registerId, at, value, flag, method } = read;
      this.#withdraws = false;
      this.#hold(readingTypes[this.#meter!.readingType]!.quality!, { registerId, at, value, flag, method, line });
    }
  }

  #openReading(group: Group): boolean {
    const [meterPoint, meter] = [this.#meterPoint!, this.#meter!];
    const { quality, title, why } = readingTypes[meter.readingType]!;
    this.#withdraws = meter.readingType === withdrawn;
    if (quality === undefined && !this.#withdraws) {
      const sent = group.sent('J0040');
      const says = `type ${meter.readingType} (${title}): ${sent} of register ${group.text('J0010')} on meter ${meter.meterSerial}, MPAN ${meterPoint.meterPoint}, is not imported: it ${why}`;
      const place = { rule: 'D10-10', field: 'J0171', raw: sent };
      this.#lent.findings.add(group.line, { ...place, severity: 'warning', says, action: 'ignored' });
      return false;
    }
    this.#hold(quality ?? 'actual', {
      registerId: group.text('J0010'),
      at: group.instant('J0016'),
      value: group.micro('J0040')!,
      flag: group.text('J0045'),
      method: group.text('J1888'),
      line: group.line,
    });
    return true;
  }

  #hold(
    quality: Quality,
    {
      registerId,
      at,
      value,
      flag,
      method,
      line,
    }: Pick<RegisterReading, 'registerId' | 'at' | 'value' | 'flag' | 'method' | 'line'>,
  ): void {
    const { meterPoint, bscStatus } = this.#meterPoint!;
    const { meterSerial, readingType } = this.#meter!;
    const { createdAt: versionAt } = this.#lent.header();
    this.#reading = {
      meterPoint,
      bscStatus,
      meterSerial,
      readingType,
      registerId,
      at,
      value,
      quality,
      flag,
      method,
      validationReason: '',
      validationStatus: '',
      versionAt,
      line,
    };
  }
}

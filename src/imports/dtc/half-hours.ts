import { type Quality, qualityCode } from '../../readings/reading.ts';
import { type Day, dayPeriod, type Period, type Zone } from '../../units/time.ts';
import type { ChannelRole, IntervalChannel, IntervalRun, QualitySpan } from '../format.ts';
import type { FlowTable, GroupTable, Interpreter, Item, Lent } from './flow-table.ts';
import type { Group } from './group.ts';
import { mpan } from './register-readings.ts';

/** How a flow of half-hours differs from its siblings. */
export interface HalfHourFlow {
  /** Codes of the groups: meter point and quantity, day, one half-hour. */
  meterPoint: string;
  day: string;
  halfHour: string;
  /** NUM(digits, decimals) of a half-hour. */
  digits: number;
  decimals: number;
  signed?: true;
  /** The clock its days are of: the market's has days of 46 and 50 half-hours (D10-21). */
  zone: Zone;
}

const halfHourSeconds = 1800;

/** Meter point › day › half-hours, one group each (FORMATS 3.3). */
export function halfHourGroups({ meterPoint, day, halfHour, digits, decimals, signed }: HalfHourFlow) {
  const energy: Item = {
    name: 'half-hour consumption',
    title: 'half-hour consumption',
    type: { kind: 'number', digits, decimals, decimalsMax: 3, ...(signed && { signed }) },
    rule: 'D10-14',
  };
  const groups: [string, GroupTable][] = [
    [meterPoint, { title: 'MPAN Cores', items: [mpan, quantity, supplier] }],
    [day, { title: 'Day', parents: [meterPoint], items: [settlementDay] }],
    [halfHour, { title: 'Half-hours', parents: [day], items: [indicator, energy] }],
  ];
  return Object.fromEntries(groups) satisfies FlowTable['groups'];
}

export function interpretHalfHours(flow: HalfHourFlow): (lent: Lent) => Interpreter {
  return lent => new HalfHourInterpreter(flow, lent);
}

const quantity: Item = {
  name: 'J0103',
  title: 'measurement quantity',
  type: { kind: 'code', of: ['AI', 'AE', 'RI', 'RE'], otherwise: 'rejected' },
  rule: 'D10-17',
};
const supplier: Item = { name: 'supplier id', title: 'supplier id', type: { kind: 'unread' }, rule: 'D10-5' };
const settlementDay: Item = { name: 'day', title: 'settlement day', type: { kind: 'day' }, rule: 'D10-21' };
const indicator: Item = {
  name: 'actual or estimated',
  title: 'indicator of actual or estimated',
  type: { kind: 'code', of: ['A', 'C', 'E'], otherwise: 'rejected' },
  rule: 'D10-21',
};

// C marks the half-hours of a long or short day, which says nothing against them (D10-21).
const qualityOf: Record<string, Quality> = { A: 'actual', C: 'actual', E: 'estimated', '': 'missing' };

const roleOf: Record<string, ChannelRole> = { AI: 'from-grid', AE: 'to-grid', RI: 'reactive', RE: 'reactive' };

interface OpenDay {
  day: Day;
  line: number;
  /** Lines of its half-hours. */
  lines: number[];
  flags: string[];
  energies: number[];
}

class HalfHourInterpreter implements Interpreter {
  readonly #flow: HalfHourFlow;
  readonly #lent: Lent;
  #channel: IntervalChannel | undefined;
  #day: OpenDay | undefined;

  constructor(flow: HalfHourFlow, lent: Lent) {
    this.#flow = flow;
    this.#lent = lent;
  }

  open(group: Group): boolean {
    if (group.code === this.#flow.meterPoint) this.#channel = channelOf(group);
    else if (group.code === this.#flow.day)
      this.#day = { day: group.day('day')!, line: group.line, lines: [], flags: [], energies: [] };
    else this.#add(group.line, group.text('actual or estimated'), group.micro('half-hour consumption')!);
    return true;
  }

  /** A half-hour that cannot be used is a gap, never zero, and the others keep their places. */
  refused(code: string, line: number): void {
    if (code === this.#flow.halfHour) this.#add(line, '', Number.NaN);
  }

  close(code: string): number {
    if (code !== this.#flow.day || !this.#day) return 0;
    const day = this.#day;
    this.#day = undefined;
    const period = dayPeriod(day.day, this.#flow.zone);
    const due = (period.to - period.from) / halfHourSeconds;
    if (day.energies.length !== due) {
      const says = `${day.day} has ${due} half-hours on the clock of ${this.#flow.zone}, and ${day.energies.length} were sent: nobody can say which are which`;
      this.#lent.findings.add(day.line, { rule: 'D10-21', severity: 'error', field: 'day', says, action: 'rejected' });
      return 0;
    }
    this.#warnOfIndicator(day, due);
    this.#warnOfNegative(day);
    this.#lent.sink.intervals(this.#runOf(day, period));
    return 1;
  }

  #add(line: number, flag: string, energy: number): void {
    const day = this.#day!;
    day.lines.push(line);
    day.flags.push(flag);
    day.energies.push(energy);
  }

  #warnOfIndicator({ day, flags, lines }: OpenDay, due: number): void {
    const at = due === 48 ? flags.indexOf('C') : -1;
    if (at < 0) return;
    const says = `C marks a day of 46 or 50 half-hours, and ${day} has 48; read as actual`;
    const place = { rule: 'D10-21', field: 'actual or estimated', raw: 'C' };
    this.#lent.findings.add(lines[at]!, { ...place, severity: 'warning', says, action: 'ignored' });
  }

  /** NUM is signed in D0036: it takes back what another half-hour said too much. Somebody should know, because it lowers a bill. */
  #warnOfNegative({ day, energies, lines }: OpenDay): void {
    const at = energies.findIndex(energy => energy < 0);
    if (at < 0) return;
    const count = energies.filter(energy => energy < 0).length;
    const says = `${count} of the half-hours of ${day} ${count === 1 ? 'is' : 'are'} below zero; kept as sent`;
    const place = { rule: 'D10-14', field: 'half-hour consumption' };
    this.#lent.findings.add(lines[at]!, { ...place, severity: 'warning', says, action: 'ignored' });
  }

  #runOf({ energies, flags, lines }: OpenDay, { from }: Period): IntervalRun {
    const first = lines[0]!;
    return {
      channel: this.#channel!,
      startsAt: from,
      energies: Float64Array.from(energies),
      qualities: Uint8Array.from(flags, flag => qualityCode(qualityOf[flag]!)),
      spans: spansOf(flags),
      versionAt: this.#lent.header().createdAt,
      line: first,
      // Another group may stand in between, and then only the day's first line is right.
      ...(lines.at(-1) === first + lines.length - 1 && { lineStep: 1 }),
    };
  }
}

function channelOf(group: Group): IntervalChannel {
  const suffix = group.text('J0103');
  const isEnergy = suffix.startsWith('A');
  return {
    meterPoint: group.text('J0003'),
    nmiConfiguration: '',
    suffix,
    role: roleOf[suffix]!,
    registerId: '',
    meterSerial: '',
    unit: isEnergy ? 'kWh' : 'kVArh',
    isEnergy,
    lengthMinutes: 30,
    line: group.line,
  };
}

function spansOf(flags: readonly string[]): QualitySpan[] {
  const spans: QualitySpan[] = [];
  flags.forEach((flag, at) => {
    const last = spans.at(-1);
    if (last?.flag === flag) last.to = at + 1;
    else spans.push({ from: at, to: at + 1, flag, method: '', reasonCode: '', reasonText: '' });
  });
  return spans;
}

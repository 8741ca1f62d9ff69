import { microKwh, parseEnergy } from '../../units/energy.ts';
import { instant, parseInstant, type Zone } from '../../units/time.ts';
import type { Findings } from '../findings.ts';
import { type FormatSink, plainRegisterReading } from '../format.ts';
import { quote } from '../problem.ts';
import { type LineVerdict, rejected } from './line-file.ts';

/** What a register showed, as the predecessors wrote it: meter, wall clock of the site, kWh. Columns are 1-based. */
export interface RegisterCells {
  meter: string;
  stamp: string;
  value: string;
  columns: [meter: number, stamp: number, value: number];
}

const meterPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/;
// The register that a meter's posted readings go to when they name none.
const registerId = '1';

/** Emits the reading, or says what is wrong with it under `rule`. */
export function readRegisterCells(
  { meter, stamp, value, columns }: RegisterCells,
  line: number,
  rule: string,
  zone: Zone,
  sink: FormatSink,
  findings: Findings,
): LineVerdict {
  if (!meterPattern.test(meter)) return rejected(rule, meter, `${quote(meter)} is not a meter id`, columns[0]);
  // A clock's fraction of a second says nothing about energy.
  const at = parseInstant(stamp.replace(/(?<=:\d\d)\.\d+/, ''), zone);
  if (at === undefined) return rejected(rule, stamp, `${quote(stamp)} is no time on the clock of ${zone}`, columns[1]);
  const energy = parseEnergy(value);
  if (!energy.ok || energy.microKwh < 0)
    return rejected(rule, value, `${quote(value)} is not a register reading in kWh`, columns[2]);
  if (energy.rounded) {
    findings.add(line, {
      column: columns[2],
      rule,
      severity: 'warning',
      raw: value,
      says: `${quote(value)} has more than six decimals and was rounded`,
      action: 'repaired',
    });
  }
  sink.registerReading({
    meterPoint: meter,
    meterSerial: '',
    registerId,
    at,
    value: microKwh(energy.microKwh),
    quality: 'actual',
    ...plainRegisterReading,
    versionAt: instant(0),
    line,
  });
  return 'record';
}

/** A line of three cells; undefined when it has another number of them. */
export function registerCells(text: string): RegisterCells | undefined {
  const cells = text.split(',');
  const [meter, stamp, value] = cells;
  if (cells.length !== 3 || meter === undefined || stamp === undefined || value === undefined) return undefined;
  const columns: RegisterCells['columns'] = [1, meter.length + 2, meter.length + stamp.length + 3];
  return { meter: meter.trim(), stamp: stamp.trim(), value: value.trim(), columns };
}

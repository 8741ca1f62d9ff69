import { isNmi, nmiCheckDigit } from '../../units/identifiers.ts';
import type { Findings } from '../findings.ts';
import type { IntervalChannel } from '../format.ts';
import { quote } from '../problem.ts';
import type { RecordFields } from '../record-fields.ts';
import {
  channelRole,
  configurationHas,
  findUnit,
  isSuffix,
  parseDate8,
  type UnitOfMeasure,
  unitOfSuffix,
} from './mdff.ts';

export interface OpenChannel {
  channel: IntervalChannel;
  unit: UnitOfMeasure;
  /** Set when too many decimals were pointed out, which a sender has on every row or on none (N12-18). */
  decimalsTold: boolean;
}

/** Most characters of an identifier that is not an NMI but may be imported all the same. */
const testNmiMax = 20;
const meterSerialMax = 12;

/**
 * The channel a 200 record opens; undefined when it cannot be told whose data follow, and every such fault is reported.
 * 200,NMI,NMIConfiguration,RegisterID,NMISuffix,MDMDataStreamIdentifier,MeterSerialNumber,UOM,IntervalLength[,NextScheduledReadDate]
 */
export function readChannel(fields: RecordFields, line: number, findings: Findings): OpenChannel | undefined {
  const errorsBefore = findings.errors;
  const meterPoint = readNmi(fields, line, findings);
  const suffix = readSuffix(fields, line, findings);
  const unit = readUnit(fields, suffix, line, findings);
  const lengthMinutes = readLength(fields, line, findings);
  checkAttributes(fields, line, findings);
  if (unit === undefined || findings.errors > errorsBefore) return undefined;
  const channel: IntervalChannel = {
    meterPoint,
    nmiConfiguration: fields.at(2),
    suffix,
    role: channelRole(suffix),
    registerId: fields.at(3),
    meterSerial: fields.at(6),
    unit: unit.unit,
    isEnergy: unit.isEnergy,
    lengthMinutes,
    line,
  };
  return { channel, unit, decimalsTold: false };
}

/** Field 1 of a 200 or 250 record: the NMI without its check digit; what is wrong with it is reported (N12-13). */
export function readNmi(fields: RecordFields, line: number, findings: Findings): string {
  const sent = fields.at(1);
  const place = { column: fields.columnOf(1), rule: 'N12-13', field: 'NMI', raw: sent };
  if (isNmi(sent)) return sent;
  const core = sent.slice(0, 10);
  if (sent.length === 11 && isNmi(core) && /\d$/.test(sent)) {
    if (nmiCheckDigit(core) === Number(sent[10])) {
      findings.add(line, {
        ...place,
        severity: 'warning',
        says: `${quote(sent)} carries its check digit; it is left off`,
        action: 'repaired',
      });
      return core;
    }
    const says = `${quote(sent)} ends in the wrong check digit; ${core} has ${nmiCheckDigit(core)}`;
    findings.add(line, { ...place, severity: 'error', says, action: 'rejected' });
    return core;
  }
  const severity = sent === '' || sent.length > testNmiMax ? 'error' : findings.severityByMode;
  const says = sent === '' ? 'the NMI is empty' : `${quote(sent)} is not an NMI: ten letters or digits without O and I`;
  findings.add(line, { ...place, severity, says, action: severity === 'error' ? 'rejected' : 'ignored' });
  return sent;
}

function readSuffix(fields: RecordFields, line: number, findings: Findings): string {
  const [nmiConfiguration, suffix] = [fields.at(2), fields.at(4)];
  const byMode = findings.severityByMode;
  const actionByMode = byMode === 'error' ? 'rejected' : 'ignored';
  const place = { column: fields.columnOf(4), field: 'NMISuffix', raw: suffix };
  if (suffix === '') {
    findings.add(line, {
      ...place,
      rule: 'N12-15',
      severity: 'error',
      says: 'the NMI suffix is empty',
      action: 'rejected',
    });
  } else if (!isSuffix(suffix)) {
    const says = `${quote(suffix)} is not an NMI suffix: a letter and a meter number`;
    findings.add(line, { ...place, rule: 'N12-15', severity: byMode, says, action: actionByMode });
  }
  if (nmiConfiguration === '') {
    const says = 'the NMI configuration is empty; it lists the suffixes of the NMI';
    const configuration = { column: fields.columnOf(2), field: 'NMIConfiguration', raw: '' };
    findings.add(line, { ...configuration, rule: 'N12-14', severity: 'error', says, action: 'rejected' });
  } else if (suffix !== '' && !configurationHas(nmiConfiguration, suffix)) {
    const says = `suffix ${quote(suffix)} is not in the NMI configuration ${quote(nmiConfiguration)}`;
    findings.add(line, { ...place, rule: 'N12-14', severity: byMode, says, action: actionByMode });
  }
  return suffix;
}

// An unknown unit is kept beside energy, never as energy. On a channel that is billed it is refused: guessing would bill wrongly.
function readUnit(fields: RecordFields, suffix: string, line: number, findings: Findings): UnitOfMeasure | undefined {
  const sent = fields.at(7);
  const known = findUnit(sent);
  if (known) return known;
  const place = { column: fields.columnOf(7), rule: 'N12-17', field: 'UOM', raw: sent };
  const role = channelRole(suffix);
  const meant = sent === '' ? unitOfSuffix(suffix) : undefined;
  const billed = role === 'from-grid' || role === 'to-grid';
  const severity = billed && !meant ? 'error' : findings.severityByMode;
  const what = sent === '' ? 'the unit of measure is empty' : `${quote(sent)} is not a unit of measure`;
  if (severity === 'error') {
    findings.add(line, { ...place, severity, says: what, action: 'rejected' });
    return undefined;
  }
  const says = meant ? `${what}; suffix ${suffix} is read as ${meant.unit}` : `${what}; kept as it is, never as energy`;
  findings.add(line, { ...place, severity, says, action: meant ? 'repaired' : 'ignored' });
  return meant ?? { unit: sent, decimals: 6, decimalsAllowed: 6, isEnergy: false };
}

const usualLengths = [1, 5, 10, 15, 30];

function readLength(fields: RecordFields, line: number, findings: Findings): number {
  const sent = fields.at(8);
  const minutes = /^\d{1,4}$/.test(sent) ? Number(sent) : 0;
  const place = { column: fields.columnOf(8), rule: 'N12-21', field: 'IntervalLength', raw: sent };
  if (minutes === 0 || 1440 % minutes !== 0) {
    const says = `${quote(sent)} is not an interval length: minutes that divide a day`;
    findings.add(line, { ...place, severity: 'error', says, action: 'rejected' });
  } else if (!usualLengths.includes(minutes)) {
    const says = `intervals of ${minutes} minutes are unusual; the specification has 1, 5, 10, 15 and 30`;
    findings.add(line, { ...place, severity: 'warning', says, action: 'ignored' });
  }
  return minutes;
}

function checkAttributes(fields: RecordFields, line: number, findings: Findings): void {
  const [serial, nextRead] = [fields.at(6), fields.at(9)];
  if (serial.length > meterSerialMax) {
    const place = { column: fields.columnOf(6), rule: 'N12-31', field: 'MeterSerialNumber', raw: serial };
    const says = `meter serial ${quote(serial)} is longer than ${meterSerialMax} characters`;
    findings.add(line, { ...place, severity: 'warning', says, action: 'ignored' });
  }
  if (nextRead !== '' && parseDate8(nextRead) === undefined) {
    const place = { column: fields.columnOf(9), rule: 'N12-29', field: 'NextScheduledReadDate', raw: nextRead };
    findings.add(line, { ...place, severity: 'warning', says: `${quote(nextRead)} is not a date`, action: 'ignored' });
  }
}

import { parseEnergy } from '../../units/energy.ts';
import type { Zone } from '../../units/time.ts';
import type { Findings } from '../findings.ts';
import type { RegisterReading } from '../format.ts';
import { quote } from '../problem.ts';
import type { RecordFields } from '../record-fields.ts';
import { readWallClock } from './uff.ts';

/** What group 030 itself says; the rest of a reading comes from the groups above it. */
export type Register = Pick<
  RegisterReading,
  'registerId' | 'at' | 'value' | 'flag' | 'method' | 'validationReason' | 'validationStatus'
>;

const digitsMax = 9;
const decimalsAllowed = 1;
const decimalsMax = 3;

/**
 * 030|Register Id|Reading Date & Time|Register Reading|MD Reset|MD Resets|Flag|Method|
 * undefined when the reading cannot be used, and every reason is reported.
 */
export function readRegister(fields: RecordFields, line: number, zone: Zone, findings: Findings): Register | undefined {
  const errorsBefore = findings.errors;
  const registerId = fields.at(1);
  if (registerId === '') {
    const place = { column: fields.columnOf(1), rule: 'D10-17', field: 'J0010' };
    findings.add(line, { ...place, severity: 'error', says: 'the register id is empty', action: 'rejected' });
  }
  const at = readTime(fields, line, zone, findings);
  const value = readValue(fields, line, findings);
  const flag = readCode(fields, 6, 'TF', { rule: 'D10-12', field: 'J0045' }, line, findings);
  const method = readCode(fields, 7, 'NP', { rule: 'D10-13', field: 'J1888' }, line, findings);
  if (at === undefined || value === undefined || findings.errors > errorsBefore) return undefined;
  return { registerId, at, value, flag, method, validationReason: '', validationStatus: '' };
}

function readTime(fields: RecordFields, line: number, zone: Zone, findings: Findings): Register['at'] | undefined {
  const sent = fields.at(2);
  const place = { column: fields.columnOf(2), rule: 'D10-15', field: 'J0016', raw: sent };
  const { at, ambiguous } = readWallClock(sent, zone);
  if (at === undefined) {
    const says = `${quote(sent)} is not a time that the clock of ${zone} shows`;
    findings.add(line, { ...place, severity: 'error', says, action: 'rejected' });
  }
  if (ambiguous) {
    const says = `the clock of ${zone} shows ${quote(sent)} twice; the first is taken`;
    findings.add(line, { ...place, severity: 'warning', says, action: 'repaired' });
  }
  return at;
}

/** An explicit decimal point, nine digits at most, no multiplier applied; never an implied decimal (D10-14). */
function readValue(fields: RecordFields, line: number, findings: Findings): Register['value'] | undefined {
  const sent = fields.at(3);
  const place = { column: fields.columnOf(3), rule: 'D10-14', field: 'J0040', raw: sent };
  const reject = (says: string): undefined => {
    findings.add(line, { ...place, severity: 'error', says, action: 'rejected' });
    return undefined;
  };
  // A reading cut off by the file's end can look like a smaller one: only | ends it.
  if (fields.sent < 5) return reject(`the record ends before | closes the reading ${quote(sent)}`);
  const match = /^(\d+)(?:\.(\d*))?$/.exec(sent);
  const parsed = match ? parseEnergy(sent) : undefined;
  if (!match || !parsed?.ok) return reject(`${quote(sent)} is not a register reading`);
  const [whole = '', decimals = ''] = [match[1], match[2]];
  if (whole.length > digitsMax) return reject(`${quote(sent)} has more than ${digitsMax} digits before the point`);
  if (decimals.length > decimalsMax) return reject(`${quote(sent)} has more than ${decimalsMax} decimals`);
  if (decimals.length > decimalsAllowed || whole.length + decimals.length > digitsMax) {
    const says = `${quote(sent)} is longer than the nine digits, one of them a decimal, of a register reading; it is kept as it is`;
    findings.add(line, { ...place, severity: 'warning', says, action: 'ignored' });
  }
  return parsed.microKwh;
}

/** A code of one letter that may be absent; an unknown one is left out with a warning. */
function readCode(
  fields: RecordFields,
  at: number,
  letters: string,
  name: { rule: string; field: string },
  line: number,
  findings: Findings,
): string {
  const sent = fields.at(at);
  if (sent === '' || (sent.length === 1 && letters.includes(sent))) return sent;
  const says = `${quote(sent)} is not one of ${[...letters].join(', ')}; it is left out`;
  findings.add(line, {
    ...name,
    column: fields.columnOf(at),
    raw: sent,
    severity: 'warning',
    says,
    action: 'repaired',
  });
  return '';
}

import { energyMaxMicroKwh } from '../../units/energy.ts';
import { isMpan } from '../../units/identifiers.ts';
import { parseDay, type Zone } from '../../units/time.ts';
import type { Findings } from '../findings.ts';
import { quote } from '../problem.ts';
import type { RecordFields } from '../record-fields.ts';
import type { Item, ItemType } from './flow-table.ts';
import { readWallClock } from './uff.ts';

interface Place {
  fields: RecordFields;
  /** Of the item in the record, its code being 0. */
  at: number;
  line: number;
  zone: Zone;
  findings: Findings;
}

type Value = string | number | undefined;

/** One item of a group as its type says; undefined when it cannot be used, and why is reported under the item's rule. */
export function readItem(item: Item, place: Place): Value {
  const { type } = item;
  if (type.kind === 'unread') return '';
  const sent = place.fields.at(place.at);
  if (sent === '' && item.optional) return '';
  switch (type.kind) {
    case 'mpan':
      return readMpan(sent, item, place);
    case 'text':
      return readText(sent, type, item, place);
    case 'code':
      return readCode(sent, type, item, place);
    case 'number':
      return readNumber(sent, type, item, place);
    case 'day':
      return readDay(sent, item, place);
    case 'wall-clock':
      return readStamp(sent, item, place);
  }
}

function readMpan(sent: string, item: Item, place: Place): Value {
  if (isMpan(sent)) return sent;
  if (!/^\d{13}$/.test(sent)) return reject(item, place, `${quote(sent)} is not an MPAN core of thirteen digits`);
  return byMode(item, place, `MPAN ${sent} ends in the wrong check digit`, sent, 'ignored');
}

function readText(sent: string, { max }: Extract<ItemType, { kind: 'text' }>, item: Item, place: Place): Value {
  if (sent === '') return reject(item, place, `the ${item.title} is empty`);
  if (sent.length <= max) return sent;
  const says = `the ${item.title} ${quote(sent)} is longer than ${max === 1 ? 'one character' : `${max} characters`}`;
  return byMode(item, place, says, sent, 'ignored');
}

function readCode(
  sent: string,
  { of, otherwise }: Extract<ItemType, { kind: 'code' }>,
  item: Item,
  place: Place,
): Value {
  if (of.includes(sent)) return sent;
  if (otherwise === 'rejected') return reject(item, place, `${quote(sent)} is not a ${item.title}`);
  const says = `${quote(sent)} is not a ${item.title}, one of ${of.join(', ')};`;
  if (otherwise !== 'left-out')
    return byMode(item, place, `${says} read as ${otherwise.readAs}`, otherwise.readAs, 'repaired');
  add(item, place, { severity: 'warning', says: `${says} it is left out`, action: 'repaired' });
  return '';
}

const signedNumber = /^([+-]?)(\d+)(?:\.(\d*))?$/;
const plainNumber = /^()(\d+)(?:\.(\d*))?$/;

/** An explicit decimal point, never an implied one (D10-14). */
function readNumber(sent: string, type: Extract<ItemType, { kind: 'number' }>, item: Item, place: Place): Value {
  const { digits, decimals, decimalsMax, signed } = type;
  const { title } = item;
  // A number cut off by the file's end can look like a smaller one: only | ends it.
  if (place.fields.sent < place.at + 2)
    return reject(item, place, `the record ends before | closes the ${title} ${quote(sent)}`);
  const match = (signed ? signedNumber : plainNumber).exec(sent);
  if (!match) return reject(item, place, `${quote(sent)} is not a ${title}`);
  const [whole = '', fraction = ''] = [match[2], match[3]];
  if (whole.length > digits)
    return reject(item, place, `${quote(sent)} has more than ${digits} digits before the point`);
  if (fraction.length > decimalsMax) return reject(item, place, `${quote(sent)} has more than ${decimalsMax} decimals`);
  const magnitude = Number(whole + fraction.padEnd(6, '0'));
  if (magnitude > energyMaxMicroKwh) return reject(item, place, `${quote(sent)} is more than any meter counts`);
  if (fraction.length > decimals || whole.length + fraction.length > digits) {
    const says = `${quote(sent)} is longer than the ${digits} digits, ${decimals} of them behind the point, of a ${title}; it is kept as it is`;
    add(item, place, { severity: 'warning', says, action: 'ignored' });
  }
  return match[1] === '-' && magnitude !== 0 ? -magnitude : magnitude;
}

function readDay(sent: string, item: Item, place: Place): Value {
  const day = /^\d{8}$/.test(sent) ? parseDay(`${sent.slice(0, 4)}-${sent.slice(4, 6)}-${sent.slice(6)}`) : undefined;
  return day ?? reject(item, place, `${quote(sent)} is not a day, YYYYMMDD`);
}

function readStamp(sent: string, item: Item, place: Place): Value {
  const { at, ambiguous } = readWallClock(sent, place.zone);
  if (at === undefined)
    return reject(item, place, `${quote(sent)} is not a time that the clock of ${place.zone} shows`);
  if (ambiguous) {
    const says = `the clock of ${place.zone} shows ${quote(sent)} twice; the first is taken`;
    add(item, place, { severity: 'warning', says, action: 'repaired' });
  }
  return at;
}

type Said = { severity: 'error' | 'warning'; says: string; action: 'rejected' | 'repaired' | 'ignored' };

function reject(item: Item, place: Place, says: string): undefined {
  add(item, place, { severity: 'error', says, action: 'rejected' });
  return undefined;
}

/** An error where reading is strict; else the value and a warning. */
function byMode(item: Item, place: Place, says: string, value: string, tolerated: 'ignored' | 'repaired'): Value {
  const severity = place.findings.severityByMode;
  add(item, place, { severity, says, action: severity === 'error' ? 'rejected' : tolerated });
  return severity === 'error' ? undefined : value;
}

function add({ name, rule }: Item, { fields, at, line, findings }: Place, said: Said): void {
  findings.add(line, { column: fields.columnOf(at), rule, field: name, raw: fields.at(at), ...said });
}

import type { Findings } from '../findings.ts';
import type { QualitySpan } from '../format.ts';
import { quote } from '../problem.ts';
import type { RecordFields } from '../record-fields.ts';
import { flagQualities, isKnownMethod, isQualityMethodShape, isReasonCode, reasonsWithActual } from './mdff.ts';

/** QualityMethod, ReasonCode and ReasonDescription, which 300 and 400 records share. */
export type QualityFields = Pick<QualitySpan, 'flag' | 'method' | 'reasonCode' | 'reasonText'>;

/**
 * Reads the three fields from index `at`; undefined when the flag is not one, and then it is reported. V comes back as any other
 * flag. Missing or surplus methods and reasons do not change a value and are warnings; real senders omit them (N12-23, N12-24).
 */
export function readQuality(
  fields: RecordFields,
  at: number,
  line: number,
  findings: Findings,
): QualityFields | undefined {
  const sent = fields.at(at);
  const flag = sent.slice(0, 1);
  if (!isQualityMethodShape(sent) || (flag !== 'V' && flagQualities[flag] === undefined)) {
    const place = { column: fields.columnOf(at), rule: 'N12-23', field: 'QualityMethod', raw: sent };
    const says =
      sent === '' ? 'the quality is empty' : `${quote(sent)} is not a quality: A, E, F, N, S or V and its method`;
    findings.add(line, { ...place, severity: 'error', says, action: 'rejected' });
    return undefined;
  }
  const quality = { flag, method: sent.slice(1), reasonCode: fields.at(at + 1), reasonText: fields.at(at + 2) };
  if (sent !== 'A' || quality.reasonCode !== '') checkQuality(quality, fields, at, line, findings);
  return quality;
}

function checkQuality(
  quality: QualityFields,
  fields: RecordFields,
  at: number,
  line: number,
  findings: Findings,
): void {
  const { flag, method, reasonCode, reasonText } = quality;
  const warn = (index: number, rule: string, field: string, says: string) =>
    findings.add(line, {
      column: fields.columnOf(index),
      rule,
      field,
      raw: fields.at(index),
      severity: 'warning',
      says,
      action: 'ignored',
    });
  const methodNeeded = 'EFS'.includes(flag);
  if (methodNeeded && method === '') warn(at, 'N12-23', 'QualityMethod', `quality ${flag} names no method`);
  if (!methodNeeded && method !== '')
    warn(at, 'N12-23', 'QualityMethod', `quality ${flag} has no method, yet ${method} is named`);
  if (methodNeeded && method !== '' && !isKnownMethod(method)) {
    warn(at, 'N12-23', 'QualityMethod', `method ${method} is not known`);
  }
  if (reasonCode === '' && 'SF'.includes(flag)) warn(at + 1, 'N12-24', 'ReasonCode', `quality ${flag} gives no reason`);
  if (reasonCode !== '' && flag === 'V') warn(at + 1, 'N12-24', 'ReasonCode', 'quality V may not give a reason');
  if (reasonCode !== '' && !isReasonCode(reasonCode))
    warn(at + 1, 'N12-24', 'ReasonCode', `${quote(reasonCode)} is not a reason code`);
  if (/^0+$/.test(reasonCode) && reasonText === '')
    warn(at + 2, 'N12-24', 'ReasonDescription', 'reason 0 needs a description');
}

/**
 * The intervals a 400 record speaks for; undefined when it cannot be applied, and then why is reported.
 * 400,StartInterval,EndInterval,QualityMethod,ReasonCode,ReasonDescription, 1-based and inclusive (N12-26).
 */
export function readQualitySpan(
  fields: RecordFields,
  intervalCount: number,
  line: number,
  findings: Findings,
): QualitySpan | undefined {
  const [first, last] = [wholeNumber(fields.at(1)), wholeNumber(fields.at(2))];
  const quality = readQuality(fields, 3, line, findings);
  const reject = (index: number, rule: string, field: string, says: string) => {
    const place = { column: fields.columnOf(index), rule, field, raw: fields.at(index) };
    findings.add(line, { ...place, severity: 'error', says, action: 'rejected' });
  };
  if (quality?.flag === 'V') reject(3, 'N12-25', 'QualityMethod', 'a 400 record may not say V again');
  if (first === undefined) reject(1, 'N12-26', 'StartInterval', `${quote(fields.at(1))} is not an interval number`);
  if (last === undefined) reject(2, 'N12-26', 'EndInterval', `${quote(fields.at(2))} is not an interval number`);
  if (first === undefined || last === undefined) return undefined;
  if (first > last) {
    reject(1, 'N12-26', 'StartInterval', `interval ${first} comes after interval ${last}`);
    return undefined;
  }
  if (first > intervalCount || last > intervalCount) {
    const [index, field, number] =
      first > intervalCount ? ([1, 'StartInterval', first] as const) : ([2, 'EndInterval', last] as const);
    reject(index, 'N12-26', field, `there is no interval ${number}: the day has ${intervalCount}`);
    return undefined;
  }
  return quality === undefined || quality.flag === 'V' ? undefined : { from: first - 1, to: last, ...quality };
}

/** Whether a 400 record may split a day that is not V (N12-25). */
export function maySplit(dayFlag: string, span: QualitySpan): boolean {
  return dayFlag === 'V' || (dayFlag === 'A' && reasonsWithActual.includes(span.reasonCode));
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,4}$/.test(text) && Number(text) > 0 ? Number(text) : undefined;
}

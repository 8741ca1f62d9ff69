import type { Quality } from '../../readings/reading.ts';
import { ownParticipant } from '../../units/identifiers.ts';
import { type Instant, instant } from '../../units/time.ts';
import type { ChannelRole, FileHeader } from '../format.ts';
import type { Finding } from '../problem.ts';
import { readDate8, readStamp } from './mdff-stamp.ts';

/** The code lists of AEMO's Meter Data File Format: units, suffixes, qualities, dates. Pure, no state. */

export interface UnitOfMeasure {
  unit: string;
  /** How many decimals of the unit as sent make 1e-6 of the normalised unit: Wh 3, kWh 6, MWh 9 (N12-17). */
  decimals: UnitDecimals;
  /** Decimals the specification allows (N12-18). */
  decimalsAllowed: number;
  isEnergy: boolean;
}

export type UnitDecimals = 3 | 6 | 9;

const unitsOfMeasure = new Map<string, UnitOfMeasure>([
  ...['Wh', 'VArh', 'VAr', 'W', 'VAh', 'VA'].flatMap(unitFamily),
  ['V', { unit: 'V', decimals: 6, decimalsAllowed: 0, isEnergy: false }],
  ['KV', { unit: 'V', decimals: 9, decimalsAllowed: 3, isEnergy: false }],
  ['A', { unit: 'A', decimals: 6, decimalsAllowed: 0, isEnergy: false }],
  ['KA', { unit: 'A', decimals: 9, decimalsAllowed: 3, isEnergy: false }],
  ['PF', { unit: 'pf', decimals: 6, decimalsAllowed: 2, isEnergy: false }],
]);

/** The unit, whatever its case ("KWH", "kVarh"); undefined when it is not one of appendix B. */
export function findUnit(text: string): UnitOfMeasure | undefined {
  return unitsOfMeasure.get(text.toUpperCase());
}

function unitFamily(base: string): [string, UnitOfMeasure][] {
  const family: [prefix: string, decimals: UnitDecimals, decimalsAllowed: number][] = [
    ['', 3, 0],
    ['k', 6, 3],
    ['M', 9, 6],
  ];
  return family.map(([prefix, decimals, decimalsAllowed]) => [
    `${prefix}${base}`.toUpperCase(),
    { unit: `k${base}`, decimals, decimalsAllowed, isEnergy: base === 'Wh' },
  ]);
}

const roles: Record<string, ChannelRole> = {
  E: 'from-grid',
  B: 'to-grid',
  Q: 'reactive',
  K: 'reactive',
  ...Object.fromEntries([...'CFLRUYWZ'].map(letter => [letter, 'check' as const])),
  ...Object.fromEntries([...'ADJPS'].map(letter => [letter, 'net' as const])),
};

/** What the suffix's first letter says about direction and use (N12-15). */
export function channelRole(suffix: string): ChannelRole {
  return roles[suffix.slice(0, 1)] ?? 'other';
}

/** The unit a sender who left it empty can only have meant; undefined where the suffix does not tell (N12-17). */
export function unitOfSuffix(suffix: string): UnitOfMeasure | undefined {
  const role = channelRole(suffix);
  if (role === 'from-grid' || role === 'to-grid') return findUnit('kWh');
  return role === 'reactive' ? findUnit('kVArh') : undefined;
}

/**
 * What an empty UpdateDateTime means: the file's DateTime (N12-30); undefined in a file that a house wrote itself, which leaves it empty
 * where nobody said a version.
 */
export function versionOfFile(header: FileHeader | undefined): Instant | undefined {
  return header?.sender === ownParticipant ? undefined : (header?.createdAt ?? instant(0));
}

/** One letter and, from the second place on, the meter's number or letter, never I or O (N12-15). */
export function isSuffix(text: string): boolean {
  return /^[A-Z][1-9A-HJ-NP-Z]$/.test(text);
}

/** Whether the configuration, suffixes of two characters in a row, has this one (N12-14). */
export function configurationHas(nmiConfiguration: string, suffix: string): boolean {
  for (let at = 0; at < nmiConfiguration.length; at += 2) {
    if (nmiConfiguration.slice(at, at + 2) === suffix) return true;
  }
  return false;
}

export const flagQualities: Record<string, Quality> = {
  A: 'actual',
  E: 'estimated',
  F: 'final',
  N: 'missing',
  S: 'substituted',
};

/** A letter and at most two digits, whether or not the letter is a quality. */
export function isQualityMethodShape(text: string): boolean {
  return /^[A-Z]\d{0,2}$/.test(text);
}

/** Substitution and estimation methods of the metrology procedure (N12-23). */
export function isKnownMethod(method: string): boolean {
  return /^(1[1-9]|2[0-5]|5[1-9]|6[1-9]|7[1-5])$/.test(method);
}

/** Reason codes 0 to 109; which of them are obsolete depends on the date and is not judged (N12-24). */
export function isReasonCode(text: string): boolean {
  return /^\d{1,3}$/.test(text) && Number(text) <= 109;
}

/** Reasons with which a day flagged A may be split by 400 records (N12-24, N12-25). */
export const reasonsWithActual = ['61', '79', '89'];

export const transactionCodes = 'ACGDENOSR';

/** Seconds from 1970-01-01T00:00 to the midnight written as YYYYMMDD, on the same clock; undefined when it is not a day. */
export function parseDate8(text: string): number | undefined {
  const seconds = readDate8(Buffer.from(text), 0, text.length);
  return Number.isNaN(seconds) ? undefined : seconds;
}

/** The same for YYYYMMDDhhmm and YYYYMMDDhhmmss; senders use either where the other is specified (N12-29). */
export function parseDateTime(text: string): number | undefined {
  const seconds = readStamp(Buffer.from(text), 0, text.length);
  return Number.isNaN(seconds) ? undefined : seconds;
}

/** That a file has no 900 record (N12-7). */
export function withoutTrailer(lines: number): Pick<Finding, 'rule' | 'says'> {
  const says = lines === 0 ? 'the file is empty' : 'the file ends without a 900 record: it may be cut off';
  return { rule: 'N12-7', says };
}

/** The UniqueID in `NEM12#UniqueID#From#To.csv`, in either case; '' in other names (N12-2). */
export function uniqueIdIn(fileName: string): string {
  return /(?:^|[/\\!])nem1[23]#([^#]{1,36})#/i.exec(fileName)?.[1] ?? '';
}

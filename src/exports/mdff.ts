import type { Quality } from '../readings/reading.ts';
import type { ReasonWords } from '../readings/reading-reason-store.ts';
import { isNmi, ownParticipant } from '../units/identifiers.ts';
import { type Instant, instant } from '../units/time.ts';

/** What NEM12 and NEM13 files have in common when they are written (AEMO's Meter Data File Format v1.02). */

export const nemOffsetSeconds = 36_000;

/** YYYYMMDDhhmmss at UTC+10. */
export function nemStamp(at: Instant): string {
  return new Date((at + nemOffsetSeconds) * 1000).toISOString().slice(0, 19).replaceAll(/[-T:]/g, '');
}

/** The 100 record, from us to us. */
export function mdffHeader(version: 'NEM12' | 'NEM13', createdAt: Instant): string {
  return mdffLine(['100', version, nemStamp(createdAt).slice(0, 12), ownParticipant, ownParticipant]);
}

/** As the MDFF names its files: version, a unique part, from, to. */
export function mdffFileName(version: 'NEM12' | 'NEM13', createdAt: Instant): string {
  return `${version}#WL${nemStamp(createdAt)}#${ownParticipant}#${ownParticipant}.csv`;
}

/** A record with its end; fields are the caller's to keep free of commas. */
export function mdffLine(fields: readonly string[]): string {
  return `${fields.join(',')}\r\n`;
}

/** Whether the reader takes the identifier as it is written: an NMI, or another of at most twenty characters (N12-13). */
export function isMdffIdentifier(identifier: string): boolean {
  const looksLikePrinted = identifier.length === 11 && isNmi(identifier.slice(0, 10)) && /\d$/.test(identifier);
  return isMdffText(identifier) && identifier !== '' && identifier.length <= 20 && !looksLikePrinted;
}

/** No comma, no line end, no blanks around it. */
export function isMdffText(text: string): boolean {
  return !/[,\r\n]/.test(text) && text.trim() === text;
}

export const mdffUnits = new Set(['kWh', 'kVArh', 'kVAh', 'kW', 'kVAr', 'kVA', 'V', 'A', 'pf']);

const flags: Partial<Record<Quality, string>> = {
  actual: 'A',
  estimated: 'E',
  substituted: 'S',
  final: 'F',
  missing: 'N',
};

/** QualityMethod, ReasonCode, ReasonDescription; undefined for a quality that MDFF has no flag for. */
export function qualityFields(quality: Quality, words: ReasonWords | undefined): [string, string, string] | undefined {
  const flag = flags[quality];
  return flag === undefined
    ? undefined
    : [`${flag}${words?.method ?? ''}`, words?.reasonCode ?? '', words?.reasonText ?? ''];
}

/** Empty where nobody said a version, as is right for what is not known: our own readers take it so (N12-30). */
export function versionStamp(versionAt: number): string {
  return versionAt === 0 ? '' : nemStamp(instant(versionAt));
}

import type { Quality } from '../../readings/reading.ts';

/** What headings and cells say of a column, in the languages of the portals there are. */
export const names = {
  meterPoint: /^(nmi|ean|eancode\w*|mpan|mprn|pod|zählpunkt|meter[ _-]?point|meter[ _-]?id|identifier|id)$/,
  serial: /(serial|meternumm|meter[ _-]?n|zählernummer|^meter$|^device)/,
  quality: /(quality|status|estimated|validat)/,
  energy:
    /(k?wh|kw\b|usage|consum|energy|energie|verbruik|volume|import|export|generat|produc|deliver|receiv|afname|injectie|return|value|reading|electricity)/,
  channel: /(register|channel|direction|suffix|con\/gen|stream|^flow)/,
  other: /(gas|m3|m³|cost|price|temp|°|eur\b|usd\b|aud\b)/,
  toGrid: /(export|return|feed.?in|injectie|inject|received|teruglever|to grid)/,
  solar: /(solar|produc|pv\b|generat)/,
  end: /^(end|to|until|tot)\b|\bend\b|tot /,
};
export const qualityWords: Record<string, Quality> = {
  a: 'actual',
  actual: 'actual',
  ok: 'actual',
  valid: 'actual',
  validated: 'actual',
  measured: 'actual',
  e: 'estimated',
  estimated: 'estimated',
  estimate: 'estimated',
  gemeten: 'actual',
  gevalideerd: 'actual',
  gemessen: 'actual',
  geschat: 'estimated',
  geschätzt: 'estimated',
  s: 'substituted',
  substituted: 'substituted',
  f: 'final',
  final: 'final',
  n: 'missing',
  missing: 'missing',
};
export const missingWords = /^(nan|null|n\/a|na|-|--)$/i;

export type GuessedFlow = 'from-grid' | 'to-grid' | 'from-solar';

export function flowOf(words: string): GuessedFlow {
  if (names.toGrid.test(words)) return 'to-grid';
  return names.solar.test(words) ? 'from-solar' : 'from-grid';
}

/** "E1", "E2", "B1": the letters of NEM12, and S for solar. */
export function nextCode(used: Map<string, number>, flow: GuessedFlow): string {
  const letter = { 'from-grid': 'E', 'to-grid': 'B', 'from-solar': 'S' }[flow];
  const count = (used.get(letter) ?? 0) + 1;
  used.set(letter, count);
  return `${letter}${count}`;
}

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** A parsed font that pdfkit can embed and that lays a word out once in the life of the process. */
export interface PaperFont {
  layout(text: string): GlyphRun;
  hasGlyphForCodePoint(codePoint: number): boolean;
}

interface GlyphRun {
  glyphs: readonly object[];
  positions: readonly GlyphPosition[];
  readonly advanceWidth: number;
}

interface GlyphPosition {
  readonly xAdvance: number;
  readonly yAdvance: number;
  readonly xOffset: number;
  readonly yOffset: number;
}

interface ParsedFont extends PaperFont {
  readonly unitsPerEm: number;
  layout(text: string, features?: string[]): GlyphRun;
}

const files = {
  regular: '@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf',
  bold: '@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf',
} as const;

export type FontWeight = keyof typeof files;

const here = createRequire(import.meta.url);
// pdfkit embeds what its own fontkit parsed, so the parser is asked for from where pdfkit stands.
const fontkit: { create(bytes: Uint8Array): ParsedFont } = createRequire(here.resolve('pdfkit'))('fontkit');
const opened = new Map<FontWeight, PaperFont>();

/** Parsing Inter and laying out 250 lines took 120 ms a document, 60 without tabular figures; shared and remembered it takes 4. */
export function openFont(weight: FontWeight): PaperFont {
  let font = opened.get(weight);
  if (!font) {
    font = remembering(fontkit.create(readFileSync(here.resolve(files[weight]))));
    opened.set(weight, font);
  }
  return font;
}

/** `text` as this font can print it: composed, without control marks, and with ? for what it has no glyph for. */
export function printable(text: string, font: PaperFont): string {
  if (plainAscii.test(text)) return text;
  let clean = '';
  for (const character of text.normalize('NFC')) {
    if (character === '\u00a0') clean += character;
    else if (/\s/.test(character)) clean += ' ';
    else if (invisible.test(character)) continue;
    // Beyond the basic plane a text could be cut in the middle of a character, and Inter has next to nothing there.
    else clean += character.length === 1 && font.hasGlyphForCodePoint(character.charCodeAt(0)) ? character : '?';
  }
  return clean;
}

const plainAscii = /^[ -~]*$/;
// Marks that join, direct or vary other characters: a lone ? in their place would only confuse.
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Mn}\p{Me}\p{EMod}]/u;

/** About 1 kB each. A bill brings some sixty words of its own; the words all bills share are laid out anew in 30 ms. */
const runsMax = 5_000;

/** Digits without letters stand in columns. Inter widens the hyphen too, which tears "000-000" apart, so such words stay as they are. */
const figures = /^[^\p{L}-]*\d[^\p{L}-]*$/u;

/** The same font with tabular figures and its layouts kept, for all documents. */
function remembering(parsed: ParsedFont): PaperFont {
  const scale = 1000 / parsed.unitsPerEm;
  const runs = new Map<string, GlyphRun>();
  const font: PaperFont = Object.create(parsed);
  font.layout = text => {
    let run = runs.get(text);
    if (!run) {
      if (runs.size >= runsMax) runs.clear();
      run = scaled(parsed.layout(text, figures.test(text) ? ['tnum'] : []), scale);
      runs.set(text, run);
    }
    return run;
  };
  return font;
}

/** In thousandths of an em, as pdfkit counts, and with the width added up once: it asks for it each time it measures a word. */
function scaled({ glyphs, positions: given }: GlyphRun, scale: number): GlyphRun {
  const positions = given.map(position => new ScaledPosition(position, scale));
  return { glyphs, positions, advanceWidth: positions.reduce((sum, position) => sum + position.xAdvance, 0) };
}

/**
 * pdfkit scales what it finds in a position, in place. This one shows nothing to be found, being scaled already, and can be handed out
 * again and again; one copy for each word of each document was a fifth of the time.
 */
class ScaledPosition implements GlyphPosition {
  readonly #xAdvance: number;
  readonly #yAdvance: number;
  readonly #xOffset: number;
  readonly #yOffset: number;

  constructor({ xAdvance, yAdvance, xOffset, yOffset }: GlyphPosition, scale: number) {
    this.#xAdvance = xAdvance * scale;
    this.#yAdvance = yAdvance * scale;
    this.#xOffset = xOffset * scale;
    this.#yOffset = yOffset * scale;
  }

  get xAdvance(): number {
    return this.#xAdvance;
  }

  get yAdvance(): number {
    return this.#yAdvance;
  }

  get xOffset(): number {
    return this.#xOffset;
  }

  get yOffset(): number {
    return this.#yOffset;
  }
}

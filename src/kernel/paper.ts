import PDFDocument from 'pdfkit';
import { type FontWeight, openFont, type PaperFont, printable } from './paper-font.ts';

declare global {
  namespace PDFKit.Mixins {
    // What pdfkit 0.20 takes and its types do not know yet.
    interface PDFFont {
      registerFont(name: string, source: PaperFont): this;
    }
    interface StructureElementOptions {
      scope?: 'Column' | 'Row';
      bbox?: [left: number, top: number, right: number, bottom: number];
    }
    interface AnnotationOption {
      structParent?: PDFKit.PDFStructureElement | undefined;
    }
  }
}

export interface PaperOptions {
  title: string;
  author: string;
  language: string;
  /** The document's own date: it stands in the metadata, so that the same document gives the same bytes. */
  date: Date;
}

export interface TextStyle {
  size?: number;
  weight?: FontWeight;
  colour?: string;
  align?: 'left' | 'right' | 'center';
}

export const ink = '#1a1a1a';
/** Contrast 6.2 on white and 5.5 on `shade`. */
export const quietInk = '#5b5f66';
/** Notes beside the figures. */
export const quiet: TextStyle = { size: 8.5, colour: quietInk };
export const shade = '#f1f2f3';
export const hairline = '#c9ccd1';

/** Lengths on paper are points, 1/72 inch. */
export function mm(length: number): number {
  return (length * 72) / 25.4;
}

const bodySize = 9.5;
export const tableSize = 9;
/** Inter's ascent and descent together are 1.21 em; this leaves air between lines of a paragraph. */
const lineHeightEm = 1.35;
/** Nothing on a page needs more, and measuring a novel would stop the process for seconds. */
const textLengthMax = 2000;
/** Every line is measured three times, and most of a bill's words stand on all of them. */
const widths = new Map<string, number>();
const widthsMax = 20_000;
const groupingTags = new Set(['Document', 'Sect', 'Div', 'Table', 'TR', 'L', 'LI']);

/**
 * An A4 document with embedded fonts, tagged for screen readers (PDF/A-3b). It places lines where it is told, wraps only
 * paragraphs, and never starts a page by itself. Text outside a named element is a paragraph; lines and fills are decoration.
 */
export class Paper {
  readonly pageWidth = mm(210);
  readonly pageHeight = mm(297);
  readonly left = mm(15);
  readonly right = mm(195);
  readonly width = mm(180);
  readonly top = mm(15);
  readonly bottom = mm(282);
  /** Where the next thing goes, from the top of the page. */
  y = this.top;
  readonly #document: PDFKit.PDFDocument;
  readonly #chunks: Buffer[] = [];
  readonly #flush: () => void;
  readonly #open: PDFKit.PDFStructureElement[] = [];
  readonly #tags: string[] = [];
  /** Inside a figure or a decoration everything drawn belongs to one mark. */
  #marked = false;

  constructor({ title, author, language, date }: PaperOptions) {
    const metadata = { Title: plain(title), Author: plain(author), Creator: 'wattledger', Producer: 'wattledger' };
    this.#document = new PDFDocument({
      size: 'A4',
      margin: 0,
      font: '',
      autoFirstPage: false,
      bufferPages: true,
      pdfVersion: '1.7',
      subset: 'PDF/A-3b',
      tagged: true,
      lang: language,
      displayTitle: true,
      info: { ...metadata, CreationDate: date, ModDate: date },
    });
    // pdfkit writes CreateDate into the metadata and leaves ModifyDate out; PDF/A wants both or neither.
    this.#document.appendXML(modifyDate(date));
    this.#document.on('data', (chunk: Buffer) => this.#chunks.push(chunk));
    this.#flush = gatherContent(this.#document);
    for (const weight of ['regular', 'bold'] as const) this.#document.registerFont(weight, openFont(weight));
    this.#begin('Document');
    this.nextPage();
  }

  nextPage(): void {
    this.#flush();
    this.#document.addPage();
    this.y = this.top;
  }

  /** Puts `draw` inside a structure element: H1, P, Table, TR, TH, TD, Link … */
  within<T>(tag: string, draw: () => T, options: PDFKit.Mixins.StructureElementOptions = {}): T {
    if (this.#marked) return draw();
    this.#begin(tag, options);
    const result = draw();
    this.#end();
    return result;
  }

  /** What a screen reader passes over: furniture, rules, fills. */
  decoration(draw: () => void, type: 'Layout' | 'Pagination' = 'Layout'): void {
    if (this.#marked) draw();
    else {
      this.#document.markContent('Artifact', { type });
      this.#drawMarked(draw);
    }
  }

  /** A picture with the words that stand for it. */
  figure(alt: string, x: number, y: number, width: number, height: number, draw: () => void): void {
    this.#begin('Figure', { alt: plain(alt), bbox: [x, y, x + width, y + height] });
    this.#mark('Figure', draw);
    this.#end();
  }

  /** One line, `y` being its top; what is wider than `width` ends in an ellipsis. */
  line(text: string, x: number, y: number, width: number, style: TextStyle = {}): void {
    const { size = bodySize, colour = ink, align = 'left' } = style;
    const shown = this.#shorten(this.#printable(text, style), width, style);
    if (shown.trim() === '') return;
    const free = width - this.widthOf(shown, style);
    const offset = align === 'right' ? free : align === 'center' ? free / 2 : 0;
    this.#mark('P', () => {
      this.#use(style);
      this.#document.fillColor(colour).text(shown, x + offset, y + size * 0.07, { lineBreak: false });
    });
  }

  /** Wraps to `width`, at most `linesMax` lines; returns the height used. */
  paragraph(text: string, x: number, y: number, width: number, style: TextStyle = {}, linesMax = 200): number {
    const lines = this.wrap(text, width, style, linesMax);
    const height = this.lineHeight(style);
    const draw = () => {
      for (const [index, line] of lines.entries()) this.line(line, x, y + index * height, width, style);
    };
    if (groupingTags.has(this.#tags.at(-1) ?? '')) this.within('P', draw);
    else draw();
    return lines.length * height;
  }

  /** The lines `text` becomes in `width`; a word too long for a line is cut. */
  wrap(text: string, width: number, style: TextStyle = {}, linesMax = 200): string[] {
    const lines: string[] = [];
    let line = '';
    for (const word of this.#printable(text, style).split(' ').filter(Boolean)) {
      const longer = line ? `${line} ${word}` : word;
      if (this.widthOf(longer, style) <= width) {
        line = longer;
        continue;
      }
      if (line) lines.push(line);
      line = word;
      while (this.widthOf(line, style) > width && lines.length < linesMax) {
        const head = this.#head(line, width, style);
        lines.push(head);
        line = line.slice(head.length);
      }
    }
    if (line) lines.push(line);
    if (lines.length <= linesMax) return lines;
    return [...lines.slice(0, linesMax - 1), this.#shorten(`${lines[linesMax - 1]!}…`, width, style)];
  }

  widthOf(text: string, style: TextStyle = {}): number {
    const key = `${style.weight ?? 'regular'} ${style.size ?? bodySize} ${text}`;
    let width = widths.get(key);
    if (width === undefined) {
      if (widths.size >= widthsMax) widths.clear();
      this.#use(style);
      width = this.#document.widthOfString(text);
      widths.set(key, width);
    }
    return width;
  }

  /** The largest of `sizes`, given largest first, at which `text` fits; the smallest where none does. */
  fittingSize(text: string, width: number, sizes: number[], weight: FontWeight = 'regular'): number {
    return sizes.find(size => this.widthOf(text, { size, weight }) <= width) ?? sizes.at(-1) ?? bodySize;
  }

  lineHeight({ size = bodySize }: TextStyle = {}): number {
    return size * lineHeightEm;
  }

  fill(x: number, y: number, width: number, height: number, colour: string): void {
    this.decoration(() => this.#document.rect(x, y, width, height).fill(colour));
  }

  rule(x: number, y: number, width: number, colour = hairline, thickness = 0.5): void {
    this.path([x, y, x + width, y], colour, thickness);
  }

  /** A line through the points x, y, x, y … */
  path(points: number[], colour: string, thickness: number): void {
    this.decoration(() => {
      const document = this.#document;
      document.lineWidth(thickness).lineJoin('round').moveTo(points[0]!, points[1]!);
      for (let at = 2; at < points.length; at += 2) document.lineTo(points[at]!, points[at + 1]!);
      document.stroke(colour);
    });
  }

  /** A box of slanted strokes with an outline: told from a filled one without colour. */
  hatch(x: number, y: number, width: number, height: number, colour: string): void {
    this.decoration(() => {
      this.#hatching ??= this.#document.pattern(
        [0, 0, 3, 3],
        3,
        3,
        '0.8 w 0 0 m 3 3 l S -1 2 m 1 4 l S 2 -1 m 4 1 l S',
      );
      this.#document.rect(x, y, width, height).fill([this.#hatching, colour]);
      this.#document.lineWidth(0.4).rect(x, y, width, height).stroke(colour);
    });
  }
  #hatching: PDFKit.PDFTilingPattern | undefined;

  /** A drawing in one colour: SVG path data from a square box of `boxSize`, printed `size` wide. */
  drawing(path: string, boxSize: number, x: number, y: number, size: number, colour: string): void {
    this.decoration(() => {
      const scale = size / boxSize;
      this.#document.save().translate(x, y).scale(scale).path(path).fill(colour).restore();
    });
  }

  /** Makes an area lead to `url`, inside the element being written. */
  link(x: number, y: number, width: number, height: number, url: string): void {
    this.#document.link(x, y, width, height, url, { structParent: this.#open.at(-1) });
  }

  /** Writes what stands on every page, then closes the document. */
  async finish(furnish: (page: number, pages: number) => void): Promise<Buffer> {
    const pages = this.#document.bufferedPageRange().count;
    for (let page = 0; page < pages; page++) {
      this.#flush();
      this.#document.switchToPage(page);
      this.decoration(() => furnish(page + 1, pages), 'Pagination');
    }
    this.#end();
    this.#flush();
    const ended = new Promise<void>((resolve, reject) => this.#document.on('end', resolve).on('error', reject));
    this.#document.end();
    await ended;
    return Buffer.concat(this.#chunks);
  }

  #begin(tag: string, options: PDFKit.Mixins.StructureElementOptions = {}): void {
    const element = this.#document.struct(tag, options);
    const parent = this.#open.at(-1);
    if (parent) parent.add(element);
    else this.#document.addStructure(element);
    this.#open.push(element);
    this.#tags.push(tag);
  }

  #end(): void {
    this.#open.pop()?.end();
    this.#tags.pop();
  }

  /** Draws as content of the open element, or of a new `tag` where the open one only groups others. */
  #mark(tag: string, draw: () => void): void {
    const current = this.#tags.at(-1) ?? '';
    if (this.#marked) draw();
    else if (groupingTags.has(current)) this.within(tag, () => this.#mark(tag, draw));
    else {
      const content = this.#document.markStructureContent(current);
      this.#drawMarked(draw);
      this.#open.at(-1)?.add(content);
    }
  }

  #drawMarked(draw: () => void): void {
    this.#marked = true;
    draw();
    this.#marked = false;
    this.#document.endMarkedContent();
  }

  #use({ size = bodySize, weight = 'regular' }: TextStyle): void {
    this.#document.font(weight, size);
  }

  #printable(text: string, { weight = 'regular' }: TextStyle): string {
    return printable(text.slice(0, textLengthMax), openFont(weight));
  }

  #shorten(text: string, width: number, style: TextStyle): string {
    if (this.widthOf(text, style) <= width) return text;
    return `${this.#head(text, width - this.widthOf('…', style), style).trimEnd()}…`;
  }

  /** As much of the beginning of `text` as fits, at least one character. */
  #head(text: string, width: number, style: TextStyle): string {
    let fits = 1;
    let tooLong = text.length;
    while (tooLong - fits > 1) {
      const middle = (fits + tooLong) >> 1;
      if (this.widthOf(text.slice(0, middle), style) <= width) fits = middle;
      else tooLong = middle;
    }
    return text.slice(0, fits);
  }
}

/** pdfkit makes an array of bytes of each operator by itself, some thousand a page; the same operators are handed on together. */
function gatherContent(document: PDFKit.PDFDocument): () => void {
  const handOn = document.addContent.bind(document);
  let operators: string[] = [];
  document.addContent = (operator: string) => {
    operators.push(operator);
    return document;
  };
  return () => {
    if (operators.length === 0) return;
    handOn(operators.join('\n'));
    operators = [];
  };
}

/** pdfkit puts these words into XML as they are. */
function plain(text: string): string {
  return text.replace(/[&<>\p{Cc}\p{Cs}]/gu, ' ');
}

function modifyDate(date: Date): string {
  const day = `${date.toISOString().slice(0, 19)}Z`;
  return `<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"><xmp:ModifyDate>${day}</xmp:ModifyDate></rdf:Description>`;
}

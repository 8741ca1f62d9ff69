import { type SaxesAttributeNS, SaxesParser, type SaxesTagNS } from 'saxes';
import { type Instant, instant, parseInstant, type Zone } from '../../units/time.ts';
import { ColumnStore, emptyColumns, type Part, partLength } from './espi-columns.ts';
import { type Content, type Entry, Links, normalLink } from './espi-links.ts';
import { worstQuality } from './espi-units.ts';

/** One IntervalBlock: what it says of itself, and where its readings are. */
export interface Block extends Content {
  parts: Part[];
  /** In 1e-5 of the currency; undefined when no reading has one. */
  cost: number | undefined;
}

/** Something wrong with a reading or with the XML itself. */
export interface FeedFault {
  line: number;
  column: number;
  field: string;
  raw: string;
  says: string;
}

export const depthMax = 64;
/** A GB-11 bound: half a gigabyte of temporary file. Twenty years of quarter-hours are 700,000 readings. */
export const readingsMax = 20_000_000;
/** A block a day makes 270 years of them. */
const entriesMax = 100_000;
const linksMax = 500_000;
const hrefMax = 500;
const textMax = 200;
/** Characters between two tags: a comment or a text of that length is not meter data. */
const betweenTagsMax = 1_000_000;
const sliceLength = 16_384;

const atom = 'http://www.w3.org/2005/Atom';
const espi = 'http://naesb.org/espi';
const kinds = ['UsagePoint', 'MeterReading', 'ReadingType', 'LocalTimeParameters', 'IntervalBlock'] as const;
type Kind = (typeof kinds)[number];
/** Elements whose text is read, each with the kind of content it counts in. */
const fieldsRead: Record<Kind, Set<string>> = {
  UsagePoint: new Set(['kind']),
  MeterReading: new Set(),
  ReadingType: new Set([
    ...['accumulationBehaviour', 'commodity', 'defaultQuality', 'flowDirection', 'intervalLength'],
    ...['powerOfTenMultiplier', 'uom'],
  ]),
  LocalTimeParameters: new Set(['dstEndRule', 'dstOffset', 'dstStartRule', 'tzOffset']),
  IntervalBlock: new Set(),
};

/** Told of what is wrong as it is met, so that nothing of it is kept. */
export interface FeedListener {
  fault(fault: FeedFault): void;
  /** A code of ReadingQuality that nobody knows. */
  unknownQuality(code: string, line: number): void;
  /** Two entries of a kind have the same link. */
  double(kind: string, entry: Entry): void;
}

/** Ends reading from within the parser's own loop. */
class StopReading extends Error {}

interface OpenReading {
  start: string;
  duration: string;
  value: string | undefined;
  qualities: string[];
  cost: string;
  line: number;
}

/** Takes in a Green Button feed as a stream and keeps what its entries say, to be linked when the end has been seen; readings in `columns`. */
export class Feed {
  readonly usagePoints = new Links();
  readonly meterReadings = new Links();
  readonly readingTypes = new Links();
  readonly localTimes = new Links();
  readonly blocks: Block[] = [];
  readonly columns = new ColumnStore();
  /** Why reading stopped before the end. */
  broken: FeedFault | undefined;
  updatedAt: Instant = instant(0);
  title = '';
  readingCount = 0;
  readonly #tell: FeedListener;
  readonly #parser = new SaxesParser({ xmlns: true, position: true });
  readonly #decoder = new TextDecoder('utf-8');
  readonly #path: string[] = [];
  #between = 0;
  #text = '';
  #entries = 0;
  #contents = 0;
  #links = 0;
  #entry: Entry | undefined;
  /** Its updated and published as far as they came. */
  #stamps: { updated: string; published: string } = { updated: '', published: '' };
  #kind: Kind | undefined;
  #content: Content | undefined;
  #block: Block | undefined;
  /** The last readings of the block, not yet put aside. */
  readonly #last = emptyColumns();
  #reading: OpenReading | undefined;

  constructor(tell: FeedListener) {
    this.#tell = tell;
    const parser = this.#parser;
    parser.on('error', error => this.#stop(error.message.replace(/^[^:]*:?\d+:\d+: /, ''), ''));
    parser.on('doctype', text =>
      this.#stop('the document defines types or entities of its own, which no meter file needs', text),
    );
    parser.on('xmldecl', ({ encoding }) => {
      if (encoding !== undefined && !/^(utf-?8|us-ascii)$/i.test(encoding))
        this.#stop('the document is not in UTF-8; save it as UTF-8', encoding);
    });
    parser.on('opentag', tag => this.#open(tag));
    parser.on('closetag', tag => this.#close(tag));
    parser.on('text', text => this.#addText(text));
    parser.on('cdata', text => this.#addText(text));
  }

  /** Lines begun so far. */
  get lines(): number {
    return this.#parser.line;
  }

  push(chunk: Uint8Array): void {
    this.#write(this.#decoder.decode(chunk, { stream: true }));
  }

  end(): void {
    this.#write(this.#decoder.decode());
    if (this.broken) return;
    this.#guarded(() => this.#parser.close());
  }

  #write(text: string): void {
    for (let from = 0; from < text.length && !this.broken; from += sliceLength) {
      const slice = text.slice(from, from + sliceLength);
      this.#between += slice.length;
      this.#guarded(() => {
        this.#parser.write(slice);
        if (this.#between > betweenTagsMax) this.#stop(`more than ${betweenTagsMax} characters without a tag`, '');
      });
    }
  }

  #guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      // What it stopped for stands in `broken` already.
      if (!(error instanceof StopReading)) throw error;
    }
  }

  #stop(says: string, raw: string): never {
    const { line, columnIndex } = this.#parser;
    this.broken = { line, column: columnIndex + 1, field: '', raw, says };
    throw new StopReading();
  }

  #addText(text: string): void {
    if (this.#text.length <= textMax) this.#text += text.slice(0, textMax + 1);
  }

  #open(tag: SaxesTagNS): void {
    this.#between = 0;
    this.#text = '';
    if (this.#path.length >= depthMax) this.#stop(`elements stand in each other more than ${depthMax} deep`, '');
    this.#path.push(tag.local);
    if (tag.uri === atom && tag.local === 'entry') this.#openEntry();
    else if (tag.uri === atom && tag.local === 'link') this.#addLink(tag.attributes);
    else if (tag.uri === espi) this.#openContent(tag.local);
  }

  #openEntry(): void {
    this.#entries += 1;
    if (this.#entries > entriesMax) this.#stop(`more than ${entriesMax} entries`, '');
    this.#entry = { self: '', up: '', related: [], updatedAt: undefined, line: this.#parser.line };
    this.#stamps = { updated: '', published: '' };
  }

  #addLink({ rel, href }: Record<string, SaxesAttributeNS>): void {
    const entry = this.#entry;
    if (!entry || !rel || !href || href.value.length > hrefMax) return;
    const link = ownText(normalLink(href.value));
    if (rel.value === 'self') entry.self = link;
    else if (rel.value === 'up') entry.up = link;
    else if (rel.value === 'related' && this.#links++ < linksMax) entry.related.push(link);
  }

  #openContent(local: string): void {
    const kind = kinds.find(each => each === local);
    if (kind && this.#kind === undefined) {
      this.#contents += 1;
      if (this.#contents > entriesMax) this.#stop(`more than ${entriesMax} entries`, '');
      // Some senders leave the entry out around their content.
      this.#entry ??= { self: '', up: '', related: [], updatedAt: undefined, line: this.#parser.line };
      this.#kind = kind;
      this.#content = { entry: this.#entry, fields: new Map() };
      if (kind === 'IntervalBlock') this.#block = { ...this.#content, parts: [], cost: undefined };
    } else if (local === 'IntervalReading' && this.#block) {
      this.#reading = { start: '', duration: '', value: undefined, qualities: [], cost: '', line: this.#parser.line };
    }
  }

  #close(tag: SaxesTagNS): void {
    this.#between = 0;
    const text = this.#text.trim();
    this.#text = '';
    this.#path.pop();
    if (tag.uri === atom) this.#closeAtom(tag.local, text);
    else if (tag.uri === espi) this.#closeEspi(tag.local, text);
  }

  #closeAtom(local: string, text: string): void {
    const within = this.#path.at(-1);
    if (local === 'entry') {
      if (this.#entry) this.#entry.updatedAt = stampOf(this.#stamps.updated) ?? stampOf(this.#stamps.published);
      this.#entry = undefined;
    } else if (within === 'entry' && (local === 'updated' || local === 'published')) this.#stamps[local] = text;
    else if (within === 'feed' && local === 'updated') this.updatedAt = stampOf(text) ?? instant(0);
    else if (within === 'feed' && local === 'title') this.title = text.slice(0, textMax);
  }

  #closeEspi(local: string, text: string): void {
    if (this.#reading) this.#closeInReading(this.#reading, local, text);
    else if (local === this.#kind) this.#closeContent();
    else if (this.#kind === 'IntervalBlock' && this.#path.at(-1) === 'interval' && local === 'start') {
      this.#content?.fields.set('start', ownText(text));
    } else if (this.#kind && fieldsRead[this.#kind].has(local)) this.#content?.fields.set(local, ownText(text));
  }

  #closeInReading(reading: OpenReading, local: string, text: string): void {
    const within = this.#path.at(-1);
    if (local === 'IntervalReading') this.#keep(reading);
    else if (local === 'value' && within === 'IntervalReading') reading.value = text;
    else if (local === 'cost' && within === 'IntervalReading') reading.cost = text;
    else if (local === 'quality' && within === 'ReadingQuality' && reading.qualities.length < 8)
      reading.qualities.push(text);
    else if (within === 'timePeriod' && (local === 'start' || local === 'duration')) reading[local] = text;
  }

  #closeContent(): void {
    const [kind, content, block] = [this.#kind, this.#content, this.#block];
    this.#kind = undefined;
    this.#content = undefined;
    this.#block = undefined;
    if (!content) return;
    if (block) {
      this.#putAside(block);
      this.blocks.push(block);
    } else if (this.#listOf(kind)?.add(content)) this.#tell.double(kind ?? '', content.entry);
  }

  #listOf(kind: Kind | undefined): Links<Content> | undefined {
    if (kind === 'UsagePoint') return this.usagePoints;
    if (kind === 'MeterReading') return this.meterReadings;
    return kind === 'ReadingType' ? this.readingTypes : this.localTimes;
  }

  #keep({ start, duration, value, qualities, cost, line }: OpenReading): void {
    this.#reading = undefined;
    const block = this.#block;
    if (!block) return;
    if (this.readingCount >= readingsMax) this.#stop(`more than ${readingsMax} readings; split the feed by time`, '');
    this.readingCount += 1;
    const fault = (field: string, raw: string, says: string) => this.#tell.fault({ line, column: 1, field, raw, says });
    // Int48; a fraction of a second is dropped (GB-7).
    if (value !== undefined && !/^-?\d{1,15}$/.test(value)) fault('value', value, 'is not a whole number');
    else if (start !== '' && !/^\d{1,11}(\.\d*)?$/.test(start))
      fault('timePeriod.start', start, 'is not seconds since 1970');
    else if (duration !== '' && !/^\d{1,9}$/.test(duration))
      fault('timePeriod.duration', duration, 'is not a number of seconds');
    else {
      const columns = this.#last;
      const at = columns.count++;
      columns.starts[at] = start === '' ? Number.NaN : Number(start);
      columns.durations[at] = duration === '' ? -1 : Number(duration);
      columns.values[at] = value === undefined ? Number.NaN : Number(value);
      columns.qualities[at] = worstQuality(qualities, code => this.#tell.unknownQuality(code, line));
      columns.lines[at] = line;
      if (/^-?\d{1,15}$/.test(cost)) block.cost = (block.cost ?? 0) + Number(cost);
      if (columns.count === partLength) this.#putAside(block);
    }
  }

  #putAside({ parts }: Block): void {
    if (this.#last.count > 0) parts.push(this.columns.keep(this.#last));
    this.#last.count = 0;
  }
}

/** The same in memory of its own: a piece of what the parser was given keeps all of that, sixteen kilobytes for each of its links. */
function ownText(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

/** atom:updated, to the second. */
function stampOf(text: string): Instant | undefined {
  return parseInstant(text.replace(/\.\d+(?=Z|[+-]|$)/i, ''), 'UTC' as Zone);
}

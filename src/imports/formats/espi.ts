import { instant } from '../../units/time.ts';
import { Findings } from '../findings.ts';
import type { ChannelRole, FileHeader, Format, FormatContext, FormatReader, FormatSink } from '../format.ts';
import { headText } from '../head.ts';
import { quote } from '../problem.ts';
import { unknownQuality } from './espi-emission.ts';
import { type Block, Feed } from './espi-feed.ts';
import type { Content } from './espi-links.ts';
import { type LocalTime, readClockChange } from './espi-local-time.ts';
import { emitSeries, type FeedSeries } from './espi-series.ts';
import { isSuffix } from './mdff.ts';

/** Green Button: an Atom feed of NAESB's ESPI entries (rules GB-1 to GB-12). */
export const espi: Format = {
  name: 'espi',
  title: 'Green Button (NAESB ESPI)',
  looksLike: looksLikeFeed,
  reader: (sink, context) => new EspiReader(sink, context),
};

function looksLikeFeed(head: Uint8Array): boolean {
  const text = headText(head);
  return /^\s*</.test(text) && (text.includes('http://naesb.org/espi') || /<(\w+:)?feed\b[^>]*2005\/Atom/.test(text));
}

/** What a flow direction (GB-6) makes of a channel, and the letter its code begins with. Net and total are beside 1 and 19, never with them. */
const directions: Record<string, { role: ChannelRole; letter: string }> = {
  1: { role: 'from-grid', letter: 'E' },
  4: { role: 'net', letter: 'N' },
  19: { role: 'to-grid', letter: 'B' },
  20: { role: 'check', letter: 'T' },
};
const otherDirection = { role: 'other', letter: 'X' } as const;

// What a reader of files takes in at a time.
const emittedAtOnce = 50_000;

/**
 * Reads the stream to its end before anything is emitted: what a reading means stands in entries that may come after it (GB-1). What
 * is kept meanwhile is numbers, on disk when they are many; the entries around them are bounded.
 */
class EspiReader implements FormatReader {
  readonly #sink: FormatSink;
  readonly #findings: Findings;
  readonly #feed: Feed;
  /** Of a feed whose end was seen. */
  #header: FileHeader | undefined;
  #records = 0;

  constructor(sink: FormatSink, context: FormatContext) {
    this.#sink = sink;
    this.#findings = new Findings(sink, context);
    this.#feed = new Feed({
      fault: ({ line, column, field, raw, says }) => {
        const place = { column, field, raw, rule: field.startsWith('timePeriod') ? 'GB-7' : 'GB-3' };
        this.#findings.add(line, { ...place, severity: 'error', says: `${quote(raw)} ${says}`, action: 'rejected' });
      },
      unknownQuality: (code, line) => this.#findings.addOnce(`quality ${code}`, line, unknownQuality(code)),
      double: (kind, { line }) =>
        this.#warn(line, 'GB-12', `another ${kind} has this link already; the first is meant`),
    });
  }

  push(chunk: Uint8Array): void {
    this.#feed.push(chunk);
  }

  *rest(): Generator<void> {
    const feed = this.#feed;
    feed.end();
    this.#header = headerOf(feed);
    this.#sink.opened(this.#header);
    this.#tellBreak();
    let emitted = 0;
    for (const each of this.#resolve()) {
      const emission = emitSeries(each, feed.columns, this.#sink, this.#findings);
      for (let part = emission.next(); ; part = emission.next()) {
        if (part.done) {
          this.#records += part.value;
          break;
        }
        emitted += part.value;
        if (emitted < emittedAtOnce) continue;
        emitted = 0;
        yield;
      }
    }
    if (feed.readingCount === 0 && !feed.broken) this.#warn(0, 'GB-1', 'the feed has no interval readings');
  }

  end(): void {
    const feed = this.#feed;
    if (!this.#header) for (const _ of this.rest());
    feed.columns.close();
    const { errors, warnings } = this.#findings;
    const counted = { complete: !feed.broken, lines: feed.lines, records: this.#records, errors, warnings };
    this.#sink.closed({ ...this.#header!, ...counted });
  }

  #tellBreak(): void {
    const { broken } = this.#feed;
    if (!broken) return;
    const { line, column, raw, says } = broken;
    const sentence = `${says}; the feed is read as far as this`;
    this.#findings.add(line, { column, raw, rule: 'GB-11', severity: 'error', says: sentence, action: 'rejected' });
  }

  #resolve(): FeedSeries[] {
    const feed = this.#feed;
    const blocksOf = new Map<Content, Block[]>();
    for (const block of feed.blocks) {
      const meterReading = feed.meterReadings.above(block.entry, 'IntervalBlock');
      const own = meterReading && blocksOf.get(meterReading);
      if (own) own.push(block);
      else if (meterReading) blocksOf.set(meterReading, [block]);
      else this.#reject(block.entry.line, 'an IntervalBlock belongs to no MeterReading');
    }
    const found = [...blocksOf].flatMap(([meterReading, blocks]) => {
      const usagePoint = feed.usagePoints.above(meterReading.entry, 'MeterReading');
      const readingType = feed.readingTypes.namedBy(meterReading.entry);
      if (!usagePoint) this.#reject(meterReading.entry.line, 'a MeterReading belongs to no UsagePoint');
      if (!readingType)
        this.#reject(meterReading.entry.line, 'a MeterReading names no ReadingType, so its unit is not known');
      return usagePoint && readingType ? [{ meterReading, blocks, usagePoint, readingType }] : [];
    });
    return this.#withCodes(found);
  }

  /** Codes follow the order of links and not of the document, so that the next feed of the same site gives the same ones. */
  #withCodes(found: Pick<FeedSeries, 'meterReading' | 'blocks' | 'usagePoint' | 'readingType'>[]): FeedSeries[] {
    const inOrder = [...found].sort((a, b) => (a.meterReading.entry.self < b.meterReading.entry.self ? -1 : 1));
    const taken = new Map<Content, Codes>();
    const codes = new Map<Content, Pick<FeedSeries, 'code' | 'role' | 'meterSerial'>>();
    for (const { meterReading, usagePoint, readingType } of inOrder) {
      const own = taken.get(usagePoint) ?? new Codes();
      taken.set(usagePoint, own);
      const said = this.#directionOf(readingType);
      const ownName = ownNameOf(meterReading);
      if (ownName) {
        codes.set(meterReading, { ...ownName, role: said.role });
        continue;
      }
      const named = meterReading.entry.self.split('/').at(-1) ?? '';
      const isNamed = isSuffix(named) && named.startsWith(said.letter) && own.take(named);
      const code = isNamed ? named : own.takeNext(said.letter);
      const again = !isNamed && code !== `${said.letter}1` && (said.role === 'from-grid' || said.role === 'to-grid');
      if (again) {
        const says = `another MeterReading of the same usage point and direction: it may count the same energy, so ${code} is kept and never billed`;
        this.#warn(meterReading.entry.line, 'GB-6', says);
      }
      codes.set(meterReading, { code, meterSerial: '', role: again ? 'check' : said.role });
    }
    return found.map(each => ({
      ...each,
      ...codes.get(each.meterReading)!,
      localTime: this.#localTimeOf(each.usagePoint),
      meterPoint: identifierOf(each.usagePoint),
      feedUpdatedAt: this.#feed.updatedAt,
    }));
  }

  #directionOf({ fields, entry }: Content): { role: ChannelRole; letter: string } {
    const sent = fields.get('flowDirection') ?? '';
    if (sent === '' || sent === '0') {
      const says = 'the direction is not said; it is read as from the grid';
      this.#findings.add(entry.line, {
        rule: 'GB-6',
        severity: 'warning',
        field: 'flowDirection',
        says,
        action: 'repaired',
      });
      return directions[1]!;
    }
    return directions[sent] ?? otherDirection;
  }

  #localTimeOf(usagePoint: Content): LocalTime | undefined {
    const { localTimes } = this.#feed;
    const found = localTimes.all.length > 0 ? localTimes.namedBy(usagePoint.entry) : undefined;
    if (!found) return undefined;
    const [start, end] = [found.fields.get('dstStartRule') ?? '', found.fields.get('dstEndRule') ?? ''];
    const [dstStart, dstEnd] = [readClockChange(start), readClockChange(end)];
    const [tzOffset, dstOffset] = [
      Number(found.fields.get('tzOffset') ?? 0),
      Number(found.fields.get('dstOffset') ?? 0),
    ];
    if (
      dstStart === 'illegible' ||
      dstEnd === 'illegible' ||
      !Number.isInteger(tzOffset) ||
      !Number.isInteger(dstOffset)
    ) {
      this.#warn(found.entry.line, 'GB-7', 'the LocalTimeParameters cannot be read; no day is checked by them');
      return undefined;
    }
    return { tzOffset, dstOffset, dstStart, dstEnd };
  }

  #reject(line: number, says: string): void {
    this.#findings.add(line, { rule: 'GB-1', severity: 'error', says, action: 'rejected' });
  }

  #warn(line: number, rule: string, says: string): void {
    this.#findings.add(line, { rule, severity: 'warning', says, action: 'ignored' });
  }
}

/** The usage point's link; what it stands for in a feed of our own. */
function identifierOf({ entry: { self } }: Content): string {
  const own = /^wattledger\/UsagePoint\/([^/]+)$/.exec(self)?.[1];
  return (own && decoded(own)) || self || 'UsagePoint';
}

/** Code and meter as a feed of our own names them: kind:code:serial, each percent-encoded. */
function ownNameOf({ entry: { self } }: Content): { code: string; meterSerial: string } | undefined {
  const own = /^wattledger\/UsagePoint\/[^/]+\/MeterReading\/(?:register|channel):([^/:]+):([^/:]*)$/.exec(self);
  const [code, meterSerial] = [decoded(own?.[1] ?? ''), decoded(own?.[2] ?? '')];
  return code && meterSerial !== undefined ? { code, meterSerial } : undefined;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined; // not percent-encoded
  }
}

/** The codes of one usage point's series. */
class Codes {
  readonly #taken = new Set<string>();
  readonly #next = new Map<string, number>();

  take(code: string): boolean {
    if (this.#taken.has(code)) return false;
    this.#taken.add(code);
    return true;
  }

  takeNext(letter: string): string {
    for (let number = this.#next.get(letter) ?? 1; ; number++) {
      this.#next.set(letter, number + 1);
      if (this.take(`${letter}${number}`)) return `${letter}${number}`;
    }
  }
}

function headerOf({ title, updatedAt }: Feed): FileHeader {
  const none = { reference: '', sender: title, receiver: '', testFlag: '', isTest: false };
  return { ...none, flow: 'ESPI', createdAt: instant(updatedAt) };
}

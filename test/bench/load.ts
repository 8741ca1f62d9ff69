import { connect, type Socket } from 'node:net';
import { systemClock } from '../../src/kernel/clock.ts';
import { formatUtc, instant, secondsPerDay } from '../../src/units/time.ts';

/** What the load client is told, as JSON in its first argument. */
export interface LoadOrder {
  port: number;
  key: string;
  connections: number;
  warmUpSeconds: number;
  seconds: number;
  /** Readings a request: 1 sends one object; more, which have to divide `meters`, many. */
  batch: number;
  /** How many readings are written down: JSON when not said. */
  form?: ReadingForm;
  meters: number;
  /** Number of the first reading: continuing where the last round stopped keeps every reading new. */
  first: number;
  /** Requests a second; undefined sends the next one as soon as a connection is free. */
  pace?: number;
  /** GET this path instead of posting readings. */
  get?: string;
}

export type ReadingForm = 'json' | 'ndjson' | 'csv';

export interface LoadResult {
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Answers other than 200. */
  refused: number;
  /** All answers, those of the warm-up too. */
  answered: number;
  /** Number of the reading after the last one sent. */
  next: number;
}

const slotSeconds = 1800;
/** A hundred days ago, so that no round runs into the future. */
const firstSlotAt = (Math.floor(systemClock.now() / 1000 / secondsPerDay) - 100) * secondsPerDay;
const latenciesMax = 8_000_000;

export function meterName(meter: number): string {
  return `m-${String(meter).padStart(5, '0')}`;
}

/** Reading `number` of a fleet: all meters send one half-hour before any sends the next. */
function singleText(number: number, meters: number): string {
  const meter = number % meters;
  const slot = (number - meter) / meters;
  return `{"meterPoint":"${names[meter]}","start":"${stampOf(slot)}","energy":"0.${wattHoursOf(meter, slot)}"}`;
}

const contentTypes = { json: 'application/json', ndjson: 'application/x-ndjson', csv: 'text/csv' };

/**
 * Bodies of a batch of meters, made once as bytes; for another half-hour only stamps and digits are written anew. Text put together for
 * each reading would cost the client more than the server's whole work, and measure the client.
 */
class BatchBody {
  readonly #firstMeter: number;
  readonly #bytes: Buffer;
  readonly #stampAt: Uint32Array;
  readonly #digitsAt: Uint32Array;

  constructor(firstMeter: number, batch: number, form: ReadingForm) {
    this.#firstMeter = firstMeter;
    this.#stampAt = new Uint32Array(batch);
    this.#digitsAt = new Uint32Array(batch);
    const [open, separator, close] = { json: ['[', ',', ']'], ndjson: ['', '\n', ''], csv: [csvHeader, '\n', '\n'] }[
      form
    ];
    const parts = [open!];
    let length = open!.length;
    for (let at = 0; at < batch; at++) {
      const text = (form === 'csv' ? rowText : readingText)(names[firstMeter + at]!);
      this.#stampAt[at] = length + text.indexOf(noStamp);
      this.#digitsAt[at] = length + text.indexOf(noDigits);
      parts.push(text, at < batch - 1 ? separator! : close!);
      length += text.length + separator!.length;
    }
    this.#bytes = Buffer.from(parts.join(''), 'latin1');
  }

  /** For a half-hour; a copy, because the one before may not have left yet. */
  of(slot: number): Buffer {
    const bytes = Buffer.from(this.#bytes);
    const stamp = Buffer.from(formatUtc(instant(firstSlotAt + slot * slotSeconds)));
    for (let at = 0; at < this.#stampAt.length; at++) {
      bytes.set(stamp, this.#stampAt[at]);
      const wattHours = wattHoursOf(this.#firstMeter + at, slot);
      const place = this.#digitsAt[at]!;
      bytes[place] = 48 + Math.floor(wattHours / 100);
      bytes[place + 1] = 48 + (Math.floor(wattHours / 10) % 10);
      bytes[place + 2] = 48 + (wattHours % 10);
    }
    return bytes;
  }
}

const csvHeader = 'meterPoint,start,energy\n';
const noStamp = '0000-00-00T00:00:00Z';
const noDigits = '___';

function rowText(name: string): string {
  return `${name},${noStamp},0.${noDigits}`;
}

function readingText(name: string): string {
  return `{"meterPoint":"${name}","start":"${noStamp}","energy":"0.${noDigits}"}`;
}

function wattHoursOf(meter: number, slot: number): number {
  return 100 + ((meter * 7 + slot * 13) % 900);
}

let names: string[] = [];
let stampSlot = -1;
let stamp = '';

function stampOf(slot: number): string {
  if (slot !== stampSlot) {
    stampSlot = slot;
    stamp = formatUtc(instant(firstSlotAt + slot * slotSeconds));
  }
  return stamp;
}

class Load {
  readonly #order: LoadOrder;
  readonly #head: string;
  readonly #latencies = new Float64Array(latenciesMax);
  readonly #idle: Connection[] = [];
  /** When each request that found no free connection should have left. */
  readonly #waiting: number[] = [];
  /** By the first meter of the batch. */
  readonly #bodies = new Map<number, BatchBody>();
  #next: number;
  #answered = 0;
  #measured = 0;
  #refused = 0;
  measuring = false;
  stopped = false;

  constructor(order: LoadOrder) {
    this.#order = order;
    // Batches are of one half-hour.
    this.#next = order.batch === 1 ? order.first : Math.ceil(order.first / order.meters) * order.meters;
    const line = order.get ? `GET ${order.get}` : 'POST /v1/readings';
    this.#head = `${line} HTTP/1.1\r\nhost: 127.0.0.1:${order.port}\r\nauthorization: Bearer ${order.key}\r\n`;
  }

  async run(): Promise<LoadResult> {
    const { connections, port, warmUpSeconds, seconds, pace } = this.#order;
    const opened = await Promise.all(Array.from({ length: connections }, () => Connection.open(this, port)));
    if (pace === undefined) for (const connection of opened) connection.send(this.request(), performance.now());
    else {
      this.#idle.push(...opened);
      this.#keepPace(pace);
    }
    await sleep(warmUpSeconds);
    this.measuring = true;
    const begun = performance.now();
    await sleep(seconds);
    this.measuring = false;
    const elapsed = (performance.now() - begun) / 1000;
    this.stopped = true;
    await sleep(0.2);
    for (const connection of opened) connection.socket.destroy();
    const sorted = this.#latencies.subarray(0, this.#measured).sort();
    return {
      requestsPerSecond: this.#measured / elapsed,
      p50Ms: sorted[Math.floor(sorted.length * 0.5)] ?? Number.NaN,
      p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN,
      refused: this.#refused,
      answered: this.#answered,
      next: this.#next,
    };
  }

  request(): string | Buffer {
    const { batch, meters, get, form = 'json' } = this.#order;
    if (get) return `${this.#head}\r\n`;
    const from = this.#next;
    this.#next += batch;
    if (batch === 1) return this.#single(singleText(from, meters));
    const meter = from % meters;
    const body = this.#bodies.get(meter) ?? new BatchBody(meter, batch, form);
    this.#bodies.set(meter, body);
    return this.#post(form, body.of((from - meter) / meters));
  }

  #single(body: string): string {
    return `${this.#head}content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  }

  #post(form: ReadingForm, body: Buffer): Buffer {
    const head = `${this.#head}content-type: ${contentTypes[form]}\r\ncontent-length: ${body.length}\r\n\r\n`;
    return Buffer.concat([Buffer.from(head, 'latin1'), body]);
  }

  answered(connection: Connection, status: string, latencyMs: number): void {
    this.#answered += 1;
    if (status !== '200') this.#refused += 1;
    if (this.measuring && this.#measured < latenciesMax) this.#latencies[this.#measured++] = latencyMs;
    if (this.stopped) return;
    if (this.#order.pace === undefined) {
      connection.send(this.request(), performance.now());
      return;
    }
    const due = this.#waiting.shift();
    if (due === undefined) this.#idle.push(connection);
    else connection.send(this.request(), due);
  }

  /** Latency counts from when a request was due, so that a server that stalls cannot hide it by being asked less. */
  #keepPace(pace: number): void {
    const begun = performance.now();
    let sent = 0;
    const timer = setInterval(() => {
      if (this.stopped) return clearInterval(timer);
      const due = Math.floor(((performance.now() - begun) / 1000) * pace);
      for (; sent < due; sent++) {
        const at = begun + (sent / pace) * 1000;
        const connection = this.#idle.pop();
        if (connection) connection.send(this.request(), at);
        else this.#waiting.push(at);
      }
    }, 1);
  }
}

/** One keep-alive connection with one request under way; reads just enough of an answer to know where it ends. */
class Connection {
  readonly socket: Socket;
  readonly #load: Load;
  #due = 0;
  #rest: Buffer | undefined;

  static open(load: Load, port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(new Connection(load, socket)));
      socket.once('error', reject);
    });
  }

  constructor(load: Load, socket: Socket) {
    this.#load = load;
    this.socket = socket;
    socket.on('data', chunk => this.#read(chunk));
    socket.on('close', () => {
      if (!load.stopped) throw new Error('the server closed a connection');
    });
  }

  send(request: string | Buffer, due: number): void {
    this.#due = due;
    this.socket.write(request, 'latin1');
  }

  #read(chunk: Buffer): void {
    const bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
    const headEnd = bytes.indexOf('\r\n\r\n');
    if (headEnd >= 0) {
      const head = bytes.toString('latin1', 0, headEnd);
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
      if (bytes.length >= headEnd + 4 + length) {
        this.#rest = undefined;
        this.#load.answered(this, head.slice(9, 12), performance.now() - this.#due);
        return;
      }
    }
    this.#rest = bytes;
  }
}

function sleep(seconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, seconds * 1000));
}

if (import.meta.main) {
  const order = JSON.parse(process.argv[2]!) as LoadOrder;
  names = Array.from({ length: order.meters }, (_, meter) => meterName(meter));
  process.stdout.write(JSON.stringify(await new Load(order).run()));
}

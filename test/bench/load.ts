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
  /** Readings a request: 1 sends one object, more an array. */
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
function readingText(number: number, meters: number): string {
  const meter = number % meters;
  const slot = (number - meter) / meters;
  const wattHours = 100 + ((meter * 7 + slot * 13) % 900);
  return `{"meterPoint":"${names[meter]}","start":"${stampOf(slot)}","energy":"0.${wattHours}"}`;
}

/** Content type and body. Made by adding up: joining arrays of ten thousand would slow the client, and with it the measurement. */
function batchOf(from: number, batch: number, meters: number, form: ReadingForm): [string, string] {
  if (form === 'csv') {
    let body = 'meterPoint,start,energy\n';
    for (let number = from; number < from + batch; number++) body += rowText(number, meters);
    return ['text/csv', body];
  }
  const separator = form === 'json' ? ',' : '\n';
  let body = readingText(from, meters);
  for (let number = from + 1; number < from + batch; number++) body += separator + readingText(number, meters);
  return form === 'json' ? ['application/json', `[${body}]`] : ['application/x-ndjson', body];
}

function rowText(number: number, meters: number): string {
  const meter = number % meters;
  const slot = (number - meter) / meters;
  return `${names[meter]},${stampOf(slot)},0.${100 + ((meter * 7 + slot * 13) % 900)}\n`;
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
  #next: number;
  #measured = 0;
  #refused = 0;
  measuring = false;
  stopped = false;

  constructor(order: LoadOrder) {
    this.#order = order;
    this.#next = order.first;
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
      next: this.#next,
    };
  }

  request(): string {
    const { batch, meters, get, form = 'json' } = this.#order;
    if (get) return `${this.#head}\r\n`;
    const from = this.#next;
    this.#next += batch;
    const [type, body] =
      batch === 1 ? ['application/json', readingText(from, meters)] : batchOf(from, batch, meters, form);
    return `${this.#head}content-type: ${type}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  }

  answered(connection: Connection, status: string, latencyMs: number): void {
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

  send(request: string, due: number): void {
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

import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../kernel/clock.ts';
import { type PlainHead, readPlainHead } from './plain-post.ts';

// As in serve.ts.
const { STATUS_CODES } = process.getBuiltinModule('node:http');

export interface PlainAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/**
 * Answers a plain POST with this authorization and body, whose bytes are good until it returns. undefined: nothing was done, and the
 * request is to go the usual road. Never rejects.
 */
export type AnswerPlain = (authorization: string, body: Uint8Array) => Promise<PlainAnswer> | undefined;

interface PlainLaneOptions {
  path: string;
  clock: Clock;
  /** Until the first byte of a connection; and for the rest of a body, after which node:http waits on. */
  firstByteMs: number;
  /** Between two requests. */
  keepAliveMs: number;
}

const headEnd = '\r\n\r\n';
const tooLate = `HTTP/1.1 408 ${STATUS_CODES[408]}\r\nConnection: close${headEnd}`;
const sweepMs = 5000;
// As node:http does: a client that counts the same seconds shall not meet a connection that is being closed.
const keepAliveGraceMs = 1000;

/**
 * A lane beside node:http on the same port, for the one request that comes thousands of times a second. It reads what a connection says
 * first: a POST that is plain in every byte is answered here. Anything else (another path, an unusual header, a body with a surprise,
 * something half sent) is given to node:http with the connection and every byte of it that was not answered, and stays there.
 */
export class PlainLane {
  readonly #options: PlainLaneOptions;
  readonly #connections = new Set<PlainConnection>();
  #answer: AnswerPlain | undefined;
  #sweep: NodeJS.Timeout | undefined;
  #text = { of: undefined as PlainAnswer | undefined, second: 0, text: '' };

  constructor(options: PlainLaneOptions) {
    this.#options = options;
  }

  /** Before the server listens. Connections that come before `open` and after `close` are node:http's from the start. */
  standBefore(server: Server): void {
    const [serveHttp] = server.listeners('connection');
    if (!serveHttp) throw new Error('an http server serves its connections');
    server.removeAllListeners('connection');
    const leave = (socket: Socket) => void serveHttp.call(server, socket);
    server.on('connection', (socket: Socket) => {
      if (!this.#answer) return leave(socket);
      const connection = new PlainConnection(this, socket, leave);
      this.#connections.add(connection);
      socket.once('close', () => this.forget(connection));
    });
  }

  open(answer: AnswerPlain): void {
    this.#answer = answer;
    this.#sweep = setInterval(() => this.#cutIdle(), sweepMs).unref();
  }

  /** What is under way is answered; the rest is closed. */
  close(): void {
    this.#answer = undefined;
    clearInterval(this.#sweep);
    for (const connection of this.#connections) connection.finish();
  }

  /** Closes what is left. */
  destroy(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  get path(): string {
    return this.#options.path;
  }

  get answer(): AnswerPlain | undefined {
    return this.#answer;
  }

  forget(connection: PlainConnection): void {
    this.#connections.delete(connection);
  }

  /** As node:http writes it, to the order of the headers. */
  textOf(answer: PlainAnswer): string {
    const nowMs = this.#options.clock.now();
    const second = Math.floor(nowMs / 1000);
    // Nearly all of a second are the same.
    if (this.#text.of === answer && this.#text.second === second) return this.#text.text;
    const { status, headers, body } = answer;
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    lines.push(`content-length: ${Buffer.byteLength(body)}`, `Date: ${new Date(nowMs).toUTCString()}`);
    lines.push('Connection: keep-alive', `Keep-Alive: timeout=${Math.floor(this.#options.keepAliveMs / 1000)}`);
    const text = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('\r\n')}${headEnd}${body}`;
    this.#text = { of: answer, second, text };
    return text;
  }

  #cutIdle(): void {
    const { firstByteMs, keepAliveMs } = this.#options;
    for (const connection of this.#connections)
      connection.cutIdle(performance.now(), firstByteMs, keepAliveMs + keepAliveGraceMs);
  }
}

/** One connection, one request at a time: what comes meanwhile waits, so that answers leave in the order of their requests. */
class PlainConnection {
  readonly #lane: PlainLane;
  readonly #socket: Socket;
  readonly #leave: (socket: Socket) => void;
  /** The last head and its text: most programs send the same one each time. */
  #head: PlainHead | undefined;
  #headText = '';
  /** What came and is not answered yet, without the request under way. */
  #rest: Buffer | undefined;
  #busy = false;
  #ending = false;
  #spoke = false;
  #given = false;
  #sinceMs = performance.now();
  readonly #onData = (chunk: Buffer) => this.#take(chunk);
  readonly #onEnd = () => this.finish();
  readonly #onError = () => this.destroy();

  constructor(lane: PlainLane, socket: Socket, leave: (socket: Socket) => void) {
    this.#lane = lane;
    this.#socket = socket;
    this.#leave = leave;
    socket.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onError);
  }

  /** Closes it when nothing is under way, or as soon as that is answered. */
  finish(): void {
    this.#ending = true;
    if (!this.#busy) this.#end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  cutIdle(nowMs: number, firstByteMs: number, keepAliveMs: number): void {
    const idleMs = nowMs - this.#sinceMs;
    if (this.#busy) {
      // What waits behind an answer that is not read is nobody else's to answer.
      if (this.#socket.writableNeedDrain && idleMs >= keepAliveMs) this.destroy();
    } else if (!this.#spoke) {
      if (idleMs >= firstByteMs) this.#socket.end(tooLate, () => this.destroy());
    } else if (this.#rest) {
      if (idleMs >= firstByteMs) this.#give(this.#rest);
    } else if (idleMs >= keepAliveMs) this.destroy();
  }

  #take(chunk: Buffer): void {
    const begun = this.#rest;
    const bytes = begun ? Buffer.concat([begun, chunk]) : chunk;
    this.#rest = undefined;
    if (this.#busy) {
      this.#rest = bytes;
      this.#socket.pause();
      return;
    }
    this.#spoke = true;
    // Of a request that comes in pieces, since the first of them.
    if (!begun) this.#sinceMs = performance.now();
    if (!this.#head || bytes.toString('latin1', 0, this.#headText.length) !== this.#headText) {
      const end = bytes.indexOf(headEnd);
      // A text of its own: a slice would keep all that came with it.
      this.#headText = bytes.toString('latin1', 0, end + headEnd.length);
      this.#head = end < 0 ? undefined : readPlainHead(this.#headText, this.#lane.path);
    }
    if (!this.#head) {
      this.#give(bytes);
      return;
    }
    const to = this.#headText.length + this.#head.contentLength;
    if (bytes.length < to) {
      // Many clients send the body behind the head, in a packet of its own.
      this.#rest = bytes;
      return;
    }
    const answer = this.#lane.answer?.(this.#head.authorization, bytes.subarray(this.#headText.length, to));
    if (!answer) {
      this.#give(bytes);
      return;
    }
    this.#busy = true;
    if (bytes.length > to) {
      this.#rest = bytes.subarray(to);
      this.#socket.pause();
    }
    void answer.then(each => this.#send(each));
  }

  #send(answer: PlainAnswer): void {
    if (this.#socket.destroyed) return;
    const taken = this.#socket.write(this.#lane.textOf(answer));
    this.#sinceMs = performance.now();
    if (taken) this.#goOn();
    // Who does not read the answers is not read any further.
    else this.#socket.once('drain', () => this.#goOn());
  }

  #goOn(): void {
    this.#busy = false;
    const rest = this.#rest;
    if (rest) {
      this.#rest = undefined;
      this.#take(rest);
    }
    if (this.#busy || this.#given) return;
    if (this.#ending) this.#end();
    else if (this.#socket.isPaused()) this.#socket.resume();
  }

  /** Whatever still comes is dropped: a connection that is not read never learns that its other end has gone, too. */
  #end(): void {
    this.#socket.off('data', this.#onData).resume().end();
  }

  /** From here on the connection is node:http's, from these bytes on. */
  #give(bytes: Buffer): void {
    const socket = this.#socket;
    this.#given = true;
    this.#lane.forget(this);
    socket.off('data', this.#onData).off('end', this.#onEnd).off('error', this.#onError);
    socket.pause();
    socket.unshift(bytes);
    this.#leave(socket);
    socket.resume();
  }
}

import { TextDecoder } from 'node:util';
import type { Profile } from './profile.ts';

/** Turns bytes of any encoding a profile names into UTF-8, portion by portion. */
export class ToUtf8 {
  readonly #decoder: TextDecoder | undefined;
  readonly #latin1: boolean;

  constructor(encoding: Profile['encoding']) {
    this.#latin1 = encoding === 'latin1';
    this.#decoder = encoding.startsWith('utf-16') ? new TextDecoder(encoding) : undefined;
  }

  push(chunk: Uint8Array): Uint8Array {
    if (this.#decoder) return Buffer.from(this.#decoder.decode(chunk, { stream: true }), 'utf8');
    if (!this.#latin1) return chunk;
    return Buffer.from(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1'), 'utf8');
  }

  end(): Uint8Array {
    return this.#decoder ? Buffer.from(this.#decoder.decode(), 'utf8') : new Uint8Array(0);
  }
}

/** What the first bytes say; undefined when they have no mark of order. */
export function encodingOf(head: Uint8Array): Profile['encoding'] | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  return head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 'utf-8' : undefined;
}

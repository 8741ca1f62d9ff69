/** What the head of a plain POST says that anybody has to know. */
export interface PlainHead {
  authorization: string;
  /** Bytes of the body. */
  contentLength: number;
}

/** Of the body of a plain POST: one reading has two hundred. */
export const plainBodyBytesMax = 4096;
// Of those that node:http takes, too: it knows an end of headers, and a connection keeps its last.
const headBytesMax = 4096;

/**
 * The head of a POST of JSON to `path` such as programs write it again and again; `text` is all of it with the empty line, a character
 * for each byte. undefined for whatever is not written in just this way, right or wrong: a query, a header that is not named here or comes
 * twice, a folded line, a space before a colon, a byte that is not printable. What is taken for plain here node:http reads alike.
 */
export function readPlainHead(text: string, path: string): PlainHead | undefined {
  if (text.length > headBytesMax) return undefined;
  const lines = text.split('\r\n');
  // The end of the last header and the empty line leave two.
  if (lines.pop() !== '' || lines.pop() !== '' || lines.shift() !== `POST ${path} HTTP/1.1`) return undefined;
  const read = new Map<string, string>();
  for (const line of lines) {
    const [, written, value] = headerLine.exec(line) ?? [];
    const name = written?.toLowerCase();
    if (name === undefined || value === undefined) return undefined;
    if (passedOver.has(name)) continue;
    if (!mayBe.get(name)?.test(value) || read.has(name)) return undefined;
    read.set(name, value);
  }
  const [authorization, length] = [read.get('authorization'), read.get('content-length')];
  if (authorization === undefined || length === undefined || !read.has('host') || !read.has('content-type'))
    return undefined;
  const contentLength = Number(length);
  return contentLength <= plainBodyBytesMax ? { authorization, contentLength } : undefined;
}

// No space at either end of a value, no tab, nothing beyond ASCII: whoever reads on might trim or decode it.
const headerLine = /^([A-Za-z-]{1,40}): ?([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)$/;

/** Headers that are read, once each, and how each of them is written. */
const mayBe = new Map([
  ['host', /^[A-Za-z0-9.:[\]-]+$/],
  ['authorization', /^Bearer [A-Za-z0-9_-]+$/],
  ['content-type', /^application\/json(?:; ?charset=utf-8)?$/i],
  ['content-length', /^[1-9]\d{0,3}$/],
  ['connection', /^keep-alive$/i],
]);

/** Nothing of ours depends on what these say. */
const passedOver = new Set([
  'user-agent',
  'accept',
  'accept-encoding',
  'accept-language',
  // Of Node's own fetch.
  'sec-fetch-mode',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
]);

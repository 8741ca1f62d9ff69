import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createApp } from '../../src/app.ts';
import { type AnswerPlain, PlainLane } from '../../src/http/plain-lane.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { createLog } from '../../src/kernel/log.ts';
import { instant } from '../../src/units/time.ts';
import { type TestHouse, testHouse } from '../open-house.ts';
import { contents } from './books.ts';

const secret = `wl_${'s'.repeat(43)}`;
const readOnly = `wl_${'r'.repeat(43)}`;
const sentinel = 'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
// For a body that was announced too long, so that it ends.
const pads = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(30) + sentinel;
// A second of the process's own time: client and server are both in it, and a machine that is busy elsewhere stops this clock, too.
const silentLooks = 50;
const lookMs = 20;

interface Road extends TestHouse {
  port: number;
  lane: PlainLane;
  /** How many posts the lane has answered. */
  answered: () => number;
  /** Resolves when nothing waits for the disk. */
  synced: () => Promise<void>;
}

/** A house behind a real port; with the lane before it, or node:http alone. */
async function road(withLane: boolean, environment: Record<string, string> = {}): Promise<Road> {
  const test = await testHouse({ environment });
  const { house, clock, failures } = test;
  // As it is before a test takes its place.
  const durable = house.journal.durable.bind(house.journal);
  for (const [name, key, scopes] of [
    ['meters', secret, ['readings:write']],
    ['reader', readOnly, ['readings:read']],
  ] as const)
    house.access.keys.add(name, key, scopes, instant(0), undefined);
  for (const identifier of ['m-1', 'm-2'])
    house.meterPoints.add({ identifier, address: '', zone: house.config.zone, origin: 'registered' }, 0);
  const server = createServer({ keepAliveTimeout: 72_000 });
  const lane = new PlainLane({ path: '/v1/readings', clock, firstByteMs: 10_000, keepAliveMs: 72_000 });
  if (withLane) lane.standBefore(server);
  let answer: AnswerPlain = () => undefined;
  const app = await createApp(house, {
    log: createLog('silent'),
    onBrokenPromise: error => void failures.push(error),
    onPlainPosts: plain => {
      answer = plain;
    },
    serverFactory: (handler: (request: IncomingMessage, response: ServerResponse) => void) =>
      server.on('request', handler),
  });
  await app.ready();
  let answered = 0;
  lane.open((authorization, body) => {
    const taken = answer(authorization, body);
    if (taken) answered += 1;
    return taken;
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    lane.close();
    lane.destroy();
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  });
  return {
    ...test,
    app,
    port: (server.address() as AddressInfo).port,
    lane,
    answered: () => answered,
    synced: durable,
  };
}

/** All that comes back for these bytes, sent one after the other on one connection, without what differs from road to road. */
function exchange({ port, synced }: Road, parts: readonly string[]): Promise<string> {
  return new Promise(resolve => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let text = '';
    let looks = 0;
    let ended = false;
    const end = (how: string) => {
      if (ended) return;
      ended = true;
      socket.destroy();
      resolve(alike(`${text}${how}`));
    };
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
      looks = 0;
    });
    socket.on('error', () => undefined).on('close', () => end(' and then closed'));
    void (async () => {
      for (const part of parts) {
        socket.write(part, 'latin1');
        // In packets of their own, as far as anybody can tell.
        if (parts.length > 1) await new Promise(next => setTimeout(next, 2));
      }
      for (looks = 0; looks < silentLooks && !ended; looks++) {
        await new Promise(next => setTimeout(next, lookMs));
        await synced().catch(() => undefined);
      }
      end(' and then silence');
    })();
  });
}

/** Without what differs from road to road: the time, the number of the request and how long that is. */
function alike(text: string): string {
  return text
    .replaceAll(/Date: [^\r]*/g, 'Date: …')
    .replaceAll(
      /content-length: (\d+)(\r\n(?:[^\r]+\r\n)*\r\n\{"type"[\s\S]*?"request_id":")([^"]*)"/g,
      (_, length, middle, id) => {
        return `content-length: ${Number(length) - String(id).length}${middle}…"`;
      },
    );
}

// What Fastify says of bytes that are no HTTP, before the connection is closed.
const notHttp = /HTTP\/1\.1 400 Bad Request\r\nContent-Length: 65.*$/s;
const ending = / and then closed$/;

/**
 * The same answers. When the bytes end as no HTTP, node:http closes the connection over answers that are under way, more or fewer of them
 * as its bytes come in: then those of one are the first of the other.
 */
function expectAlike(mine: string, theirs: string, what?: string): void {
  if (!notHttp.test(mine) && !notHttp.test(theirs)) {
    expect(mine, what).toBe(theirs);
    return;
  }
  const [left, right] = [mine, theirs].map(text => text.replace(notHttp, '').replace(ending, '')) as [string, string];
  expect(left.slice(0, right.length), what).toBe(right.slice(0, left.length));
}

function post(body: string, headers: Record<string, string> = {}): string {
  const all = {
    host: '127.0.0.1',
    authorization: `Bearer ${secret}`,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body, 'latin1')),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST /v1/readings HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

function interval(start: string, energy: string, meterPoint = 'm-1'): string {
  return JSON.stringify({ meterPoint, start, energy });
}

const noon = '2026-11-21T10:00:00Z';
const plain = interval(noon, '0.5');

/** Bytes, and whether the lane is to answer them. */
const requests: [what: string, bytes: string, byLane: boolean][] = [
  ['a reading', post(plain), true],
  ['the same again', post(plain), true],
  ['another value', post(interval(noon, '0.6')), true],
  ['a register', post('{"meterPoint":"m-2","at":"2026-11-21T10:00:00Z","value":12.5}'), true],
  ['a register that counts down', post('{"meterPoint":"m-2","at":"2026-11-21T10:01:00Z","value":"12"}'), true],
  ['space around it', post(` \n{ "energy" : 0.25, "start":1795255200, "meterPoint":"m-1" }\r\n `), true],
  ['a meter nobody registered', post(interval(noon, '1', 'm-3')), true],
  [
    'a channel there is none of',
    post('{"meterPoint":"m-1","start":"2026-11-21T10:00:00Z","energy":1,"channel":"X9"}'),
    true,
  ],
  ['a time to come', post(interval('2026-11-22T10:00:00Z', '1')), true],
  ['an interval between two', post(interval('2026-11-21T10:07:00Z', '1')), true],
  [
    'names in capitals, other things a program says of itself',
    post(plain, { 'User-Agent': 'meter/1', Accept: '*/*', Connection: 'Keep-Alive' }),
    true,
  ],
  ['charset in capitals', post(plain, { 'content-type': 'Application/JSON;charset=UTF-8' }), true],
  ['what fetch says of itself', post(plain, { 'accept-language': '*', 'sec-fetch-mode': 'cors' }), true],
  ['charset', post(plain, { 'content-type': 'application/json; charset=utf-8' }), true],
  ['a body that is no JSON', post('{"meterPoint":'), false],
  ['an empty object', post('{}'), false],
  ['a value below zero', post(interval(noon, '-1')), false],
  ['a field twice', post('{"meterPoint":"m-1","meterPoint":"m-2","start":"2026-11-21T10:00:00Z","energy":1}'), false],
  ['an escape', post('{"meterPoint":"m\\u002d1","start":"2026-11-21T10:00:00Z","energy":1}'), false],
  ['__proto__', post('{"__proto__":{},"meterPoint":"m-1","start":"2026-11-21T10:00:00Z","energy":1}'), false],
  ['something behind the object', post(`${plain}x`), false],
  ['a byte order mark', post(`\xef\xbb\xbf${plain}`), false],
  ['an array', post(`[${plain}]`), false],
  ['a query', post(plain).replace('/readings ', '/readings?dry_run=true '), false],
  ['another path', post(plain).replace('/v1/readings', '/v1/reading'), false],
  ['another method', post(plain).replace('POST', 'PUT'), false],
  ['HTTP/1.0', post(plain).replace('HTTP/1.1', 'HTTP/1.0'), false],
  ['no key', post(plain).replace(/authorization: .*\r\n/, ''), false],
  ['an unknown key', post(plain, { authorization: 'Bearer wl_unknown' }), false],
  ['a key that may only read', post(plain, { authorization: `Bearer ${readOnly}` }), false],
  ['a key in Basic', post(plain, { authorization: `Basic ${Buffer.from(`x:${secret}`).toString('base64')}` }), false],
  ['Connection: close', post(plain, { connection: 'close' }), false],
  ['Idempotency-Key', post(plain, { 'Idempotency-Key': 'k' }), false],
  ['Expect', post(plain, { expect: '100-continue' }), false],
  ['Content-Encoding', post(plain, { 'content-encoding': 'gzip' }), false],
  ['If-Match', post(plain, { 'if-match': '*' }), false],
  ['two lengths', post(plain, { 'Content-Length': '5' }), false],
  ['a length and chunks', post(plain, { 'transfer-encoding': 'chunked' }), false],
  ['a length with a sign', post(plain, { 'content-length': `+${plain.length}` }), false],
  ['a length that begins with zero', post(plain, { 'content-length': `0${plain.length}` }), false],
  ['two hosts', post(plain, { Host: 'other' }), false],
  ['no host', post(plain).replace(/host: .*\r\n/, ''), false],
  ['another type', post(plain, { 'content-type': 'text/plain' }), false],
  ['a space before a colon', post(plain).replace('content-type:', 'content-type :'), false],
  ['a folded line', post(plain).replace('content-type: ', 'content-type:\r\n '), false],
  ['line ends without a carriage return', post(plain).replaceAll('\r\n', '\n'), false],
  ['a tab behind a value', post(plain).replace('json\r', 'json\t\r'), false],
  ['an empty line first', `\r\n${post(plain)}`, false],
  ['a NUL in a header', post(plain, { 'user-agent': 'a\0b' }), false],
  ['a header that is named like what every object has', post(plain, { constructor: 'x' }), false],
  ['a head beyond what node:http takes', post(plain, { 'user-agent': 'x'.repeat(20_000) }), false],
  ['a body beyond 4 KB', post(`${plain}${' '.repeat(5000)}`), false],
];

describe('the lane beside node:http', () => {
  it('answers what is plain to the byte as the route does, and leaves all else to it', async () => {
    const [lane, http] = [await road(true), await road(false)];
    for (const [what, bytes, byLane] of requests) {
      const before = lane.answered();
      expectAlike(await exchange(lane, [bytes, sentinel]), await exchange(http, [bytes, sentinel]), what);
      expect(lane.answered() - before, what).toBe(byLane ? 1 : 0);
    }
    expect(lane.house.tally).toEqual(http.house.tally);
    expect(http.answered()).toBe(0);
  });

  it('says the same of what is put aside, of a rule that only notes, and over https', async () => {
    const environment = {
      PUBLIC_URL: 'https://bills.example',
      READING_RULES: 'meter-point-unknown=quarantine,rollover=quarantine',
    };
    const [lane, http] = [await road(true, environment), await road(false, environment)];
    for (const bytes of [post(interval(noon, '1', 'm-9')), post(interval(noon, '1', 'm-9')), post(plain)]) {
      const answer = await exchange(lane, [bytes, sentinel]);
      expect(answer).toBe(await exchange(http, [bytes, sentinel]));
      expect(answer).toContain('strict-transport-security');
    }
    expect(lane.answered()).toBe(3);
    expect(lane.house.quarantine.count({ state: 'waiting' })).toBe(1);
  });

  it('answers in the order of the requests, also of those that came together or in pieces', async () => {
    const [lane, http] = [await road(true), await road(false)];
    const slots = Array.from({ length: 20 }, (_, slot) =>
      post(interval(`2026-11-20T${String(slot).padStart(2, '0')}:00:00Z`, `0.${slot + 1}`)),
    );
    const mixed = slots.flatMap((bytes, at) =>
      at % 3 === 0 ? [bytes, bytes] : at === 16 ? [bytes, post('{}')] : [bytes],
    );
    const whole = mixed.join('');
    const head = slots[0]!.indexOf('\r\n\r\n') + 4;
    for (const parts of [[whole], [whole.slice(0, 700), whole.slice(700)], [whole.slice(0, head), whole.slice(head)]])
      expect(await exchange(lane, [...parts, sentinel])).toBe(await exchange(http, [...parts, sentinel]));
    expect(lane.answered()).toBeGreaterThan(40);
    expect(http.house.tally).toEqual(lane.house.tally);
  });

  it('reads on behind requests that came together', async () => {
    const lane = await road(true);
    const socket = connect({ port: lane.port, host: '127.0.0.1' });
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
    });
    const answers = (count: number) => expect.poll(() => text.split('HTTP/1.1 200').length - 1).toBe(count);
    socket.write(post(plain).repeat(3));
    await answers(3);
    socket.write(post(plain));
    await answers(4);
    expect(lane.answered()).toBe(4);
    socket.destroy();
  });

  it('counts a body in bytes, whatever is in an answer', async () => {
    const [lane, http] = [await road(true), await road(false)];
    for (const { house } of [lane, http]) {
      const { id } = house.meterPoints.find('m-1')!;
      const series = { meterPointId: id, serial: '', unit: 'kWh', intervalMinutes: 30 } as const;
      house.meterPoints.addSeries({ ...series, kind: 'channel', code: 'Zähler €', flow: 'from-grid' }, 0);
    }
    const bytes = post(JSON.stringify({ meterPoint: 'm-1', start: noon, energy: '1', channel: 'X9' }));
    const answer = await exchange(lane, [bytes, sentinel]);
    expect(answer).toBe(await exchange(http, [bytes, sentinel]));
    expect(Buffer.from(answer, 'latin1').toString()).toContain('only Zähler €');
    expect(lane.answered()).toBe(1);
  });

  it('has every door shut that the route has: reception, allowance, expiry, revocation at once', async () => {
    const { port: _, ...lane } = { ...(await road(true, { REQUESTS_PER_HOUR: '6' })) };
    const way = { ...lane, port: _ };
    const status = async (bytes: string) => (await exchange(way, [bytes, sentinel])).slice(9, 12);
    lane.house.reception.stop('test');
    expect(await status(post(plain))).toBe('503');
    lane.house.reception.resume('test');
    expect(lane.house.tally.accepted).toBe(0);
    expect(await status(post(plain))).toBe('200');
    expect(lane.answered()).toBe(1);
    // The 503 and this one are taken from the same allowance, by either road.
    for (let left = 4; left > 0; left--) expect(await status(post(plain))).toBe('200');
    expect(await status(post(plain))).toBe('429');
    expect(lane.answered()).toBe(5);
    const [key] = lane.house.access.keys.list();
    lane.clock.advance(3_600_000);
    expect(await status(post(plain))).toBe('200');
    lane.house.access.keys.revoke(key!, instant(1));
    expect(await status(post(plain))).toBe('401');
    expect(lane.answered()).toBe(6);
  });

  it('tells nobody yes before the sync, and everybody no when it fails', async () => {
    const lane = await road(true);
    const { journal } = lane.house;
    const held = Promise.withResolvers<void>();
    const durable = vi.spyOn(journal, 'durable').mockReturnValue(held.promise);
    let answer: string | undefined;
    const waiting = exchange(lane, [post(plain), sentinel]).then(text => {
      answer = text;
    });
    await expect.poll(() => durable.mock.calls.length).toBeGreaterThan(0);
    await new Promise(resolve => setTimeout(resolve, 20));
    expect(answer).toBeUndefined();
    held.reject(Object.assign(new Error('no room'), { code: 'ENOSPC' }));
    await waiting;
    expect(answer).toMatch(/^HTTP\/1\.1 507 .*"code":"storage-full"/s);
    expect(answer).toContain('retry-after: 5');
    durable.mockRestore();
  });

  it('closes what is idle when it is closed, and gives what comes after to node:http', async () => {
    const lane = await road(true);
    const idle = connect({ port: lane.port, host: '127.0.0.1' });
    const ended = new Promise(resolve => idle.once('close', resolve));
    await new Promise(resolve => idle.once('connect', resolve));
    await exchange(lane, [post(plain), sentinel]);
    lane.lane.close();
    idle.resume();
    await ended;
    expect(await exchange(lane, [post(plain), sentinel])).toContain('{"verdict":"duplicate"}');
    expect(lane.answered()).toBe(1);
  });

  it('mutated, split and strung together, answers as the route does, and keeps the same readings', async () => {
    const [lane, http] = [await road(true), await road(false)];
    const runs = Number(process.env.FUZZ_RUNS ?? 150);
    await fc.assert(
      fc.asyncProperty(mutatedRequests, async parts => {
        const [mine, theirs] = await Promise.all(
          [lane, http].map(way => exchange(way, [...parts.slice(0, -1), parts.at(-1) + pads])),
        );
        expectAlike(mine!, theirs!);
      }),
      { numRuns: runs },
    );
    expect(lane.answered()).toBeGreaterThan(runs / 2);
    const seriesOf = ({ house }: Road) => house.meterPoints.allSeries.list().map(({ id }) => id);
    expect(seriesOf(lane)).toEqual(seriesOf(http));
    expect(contents(lane.house.index, seriesOf(lane))).toEqual(contents(http.house.index, seriesOf(http)));
    expect(lane.house.tally).toEqual(http.house.tally);
    expect(contents(lane.house.index, seriesOf(lane))[0]!.readings.length).toBeGreaterThan(0);
  });
});

describe('a connection of the lane', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  const ok = { status: 200, headers: {}, body: '{}' };
  const turns = () => new Promise(resolve => setTimeout(resolve, 5));

  /** A connection whose answers are read when told, and what of it node:http was given. */
  function connection() {
    const server = createServer();
    const given = vi.fn();
    server.removeAllListeners('connection').on('connection', given);
    const lane = new PlainLane({ path: '/v1/readings', clock: systemClock, firstByteMs: 10_000, keepAliveMs: 72_000 });
    lane.standBefore(server);
    const answer = vi.fn(() => Promise.resolve(ok));
    lane.open(answer);
    const unread: (() => void)[] = [];
    const socket = new Duplex({
      writableHighWaterMark: 1,
      read: () => undefined,
      write: (_chunk, _encoding, done) => void unread.push(done),
    });
    server.emit('connection', socket);
    onTestFinished(() => lane.close());
    return { lane, socket, given, answer, unread };
  }

  it('keeps what waits behind an answer that nobody reads, and answers it once', async () => {
    const { socket, given, answer, unread } = connection();
    socket.push(Buffer.from(post(plain).repeat(2)));
    await turns();
    vi.advanceTimersByTime(30_000);
    expect(given).not.toHaveBeenCalled();
    unread.shift()!();
    await turns();
    expect(answer).toHaveBeenCalledTimes(2);
    expect(unread).toHaveLength(1);
    vi.advanceTimersByTime(80_000);
    expect(socket.destroyed).toBe(true);
  });

  it('closes with the lane, also where requests came together', async () => {
    const { lane, socket, unread } = connection();
    socket.push(Buffer.from(post(plain).repeat(2)));
    await turns();
    unread.shift()!();
    await turns();
    lane.close();
    unread.shift()!();
    await turns();
    expect(socket.writableFinished).toBe(true);
    socket.push(null);
    await turns();
    expect(socket.destroyed).toBe(true);
  });

  it('is given away when a request is not whole in time, however often a byte of it comes', async () => {
    const { socket, given } = connection();
    const bytes = post(plain);
    socket.push(Buffer.from(bytes.slice(0, -20)));
    for (let at = 20; at > 1 && given.mock.calls.length === 0; at--) {
      await turns();
      vi.advanceTimersByTime(4000);
      socket.push(Buffer.from(bytes.at(-at)!));
    }
    expect(given).toHaveBeenCalledTimes(1);
  });
});

const headers = [
  'X-Foo: bar',
  'Cookie: a=b',
  'Idempotency-Key: k',
  'Transfer-Encoding: chunked',
  'Content-Length: 3',
  'Content-Length: 200',
  'Content-Encoding: gzip',
  'Connection: close',
  'Connection: upgrade',
  'Accept: text/html',
  'User-Agent: x',
  'Host: y',
  'Range: bytes=0-1',
  'x-real-ip: 1.2.3.4',
  'Accept : x',
  ' folded',
  'no colon',
  ': no name',
  'Expect: 100-continue',
  'Upgrade: h2c',
  'Trailer: x',
  'X-Forwarded-For: 1.1.1.1',
] as const;
const bodyOf = fc
  .tuple(
    fc.constantFrom('m-1', 'm-2', 'm-3'),
    fc.integer({ min: 0, max: 40 }),
    fc.constantFrom('0.5', '0.25', '1', '12', '0.75', '3.125', '40', '0', '-1', '1e3', '0.1234567', '007'),
  )
  .map(([meter, slot, energy]) => {
    const at = new Date(Date.parse('2026-11-20T20:00:00Z') + slot * 1_200_000).toISOString().replace('.000', '');
    return meter === 'm-2' ? JSON.stringify({ meterPoint: meter, at, value: energy }) : interval(at, energy, meter);
  });
const mutation = fc.oneof(
  { weight: 30, arbitrary: fc.constant((text: string) => text) },
  fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })).map(([at, byte]) => (text: string) => {
    const place = at % text.length;
    return text.slice(0, place) + String.fromCharCode(byte) + text.slice(place + 1);
  }),
  fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })).map(([at, byte]) => (text: string) => {
    const place = at % text.length;
    return text.slice(0, place) + String.fromCharCode(byte) + text.slice(place);
  }),
  fc.tuple(fc.nat(), fc.integer({ min: 1, max: 20 })).map(([at, length]) => (text: string) => {
    const place = at % text.length;
    return text.slice(0, place) + text.slice(place + length);
  }),
  fc.tuple(fc.nat(), fc.constantFrom(...headers)).map(([at, header]) => (text: string) => {
    const lines = text.split('\r\n');
    lines.splice(1 + (at % 4), 0, header);
    return lines.join('\r\n');
  }),
  fc.nat().map(at => (text: string) => {
    const lines = text.split('\r\n');
    const place = at % lines.length;
    lines[place] = lines[place]!.toUpperCase();
    return lines.join('\r\n');
  }),
  fc.nat().map(at => (text: string) => {
    const ends = [...text.matchAll(/\r\n/g)];
    const { index } = ends[at % ends.length] ?? { index: 0 };
    return `${text.slice(0, index)}\n${text.slice(index + 2)}`;
  }),
);
const request = fc.tuple(bodyOf, mutation, mutation).map(([body, once, twice]) => twice(once(post(body))));
/** Some requests in a row, cut somewhere. */
const mutatedRequests = fc
  .tuple(
    fc.array(request, { minLength: 1, maxLength: 6 }),
    fc.oneof(fc.constant([]), fc.array(fc.nat(), { maxLength: 2 })),
  )
  .map(([all, cuts]) => {
    const text = all.join('');
    const places = [0, ...cuts.map(cut => cut % text.length).sort((a, b) => a - b), text.length];
    return places.slice(1).map((to, at) => text.slice(places[at], to));
  });

import { type AddressInfo, connect, type Socket } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { BodyBudget } from '../../src/readings/body-budget.ts';
import { NdjsonReader } from '../../src/readings/read-batch.ts';
import { ReadingNames } from '../../src/readings/reading-names.ts';
import { type BodyLimits, streamBody } from '../../src/readings/stream-body.ts';
import { type TestHouse, testHouse } from '../open-house.ts';

const line = '{"meterPoint":"c-1","start":"2026-11-21T09:00:00Z","energy":"0.5"}\n';
const megabyte = 1024 * 1024;

function limits(more: Partial<BodyLimits> = {}): BodyLimits {
  return { bytesMax: 8 * megabyte, budget: new BodyBudget(64 * megabyte), behind: () => undefined, ...more };
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Of bytes that somebody can still reach: what the collector has not come round to is no measure of anything. */
function heldBytes(): number {
  collect();
  // Buffers that the first one found dead are given back by a thread, which the second one waits for.
  collect();
  return process.memoryUsage().arrayBuffers;
}

describe('a body that is read as it comes', () => {
  it('is not read on while somebody behind has to catch up', async () => {
    const payload = new PassThrough();
    const taken: number[] = [];
    const gate = Promise.withResolvers<void>();
    const behind = vi.fn(() => (behind.mock.calls.length === 2 ? gate.promise : undefined));
    const taker = { take: (bytes: Uint8Array) => void taken.push(bytes.length), heldBytes: 0 };
    const done = streamBody({ headers: {} }, payload, taker, limits({ behind }));
    for (const _ of [1, 2, 3, 4]) {
      payload.write(line);
      await sleep(1);
    }
    payload.end();
    await sleep(5);
    expect(taken).toHaveLength(2);
    gate.resolve();
    await done;
    expect(taken.reduce((sum, length) => sum + length, 0)).toBe(4 * line.length);
  });

  it('goes on, too, when the one behind fails: who waits for it hears of that', async () => {
    const taken: string[] = [];
    const taker = { take: (bytes: Uint8Array) => void taken.push(Buffer.from(bytes).toString()), heldBytes: 0 };
    const behind = () => (taken.length === 1 ? Promise.reject(new Error('the disk is full')) : undefined);
    await streamBody(
      { headers: {} },
      Readable.from([line, line].map(each => Buffer.from(each))),
      taker,
      limits({ behind }),
    );
    expect(taken.join('')).toBe(line + line);
  });

  it('of which all hold too much, waits for the oldest, and each comes to its end', async () => {
    const budget = new BodyBudget(megabyte);
    const bodies = Array.from({ length: 20 }, () => new PassThrough({ highWaterMark: 16 * 1024 }));
    const names = new ReadingNames();
    let most = 0;
    const done = bodies.map(async body => {
      const reader = new NdjsonReader(names);
      await streamBody({ headers: {} }, body, reader, limits({ budget }));
      return reader.end().count;
    });
    const portion = Buffer.alloc(16 * 1024, 32);
    const sent = bodies.map(async body => {
      for (let at = 0; at < 32; at++) {
        if (!body.write(portion)) await new Promise(resolve => body.once('drain', resolve));
        most = Math.max(most, budget.heldBytes);
      }
      body.end(`${line}${line}`);
    });
    expect(await Promise.all(done)).toEqual(bodies.map(() => 2));
    await Promise.all(sent);
    // All of them hold ten megabytes when nobody waits; the one that goes on may go beyond.
    expect(most).toBeGreaterThan(megabyte);
    expect(most).toBeLessThan(3 * megabyte);
    expect(budget.heldBytes).toBe(0);
  });

  it('that is broken off, holds nothing any more, and those that waited for it go on', async () => {
    const budget = new BodyBudget(1000);
    const [first, second] = [new PassThrough(), new PassThrough()];
    const read = (body: PassThrough) => {
      const reader = new NdjsonReader(new ReadingNames());
      return streamBody({ headers: {} }, body, reader, limits({ budget })).then(() => reader.end().count);
    };
    const [broken, whole] = [read(first), read(second)];
    broken.catch(() => undefined);
    first.write(' '.repeat(5000));
    second.write(' '.repeat(5000));
    await sleep(5);
    second.end(line);
    first.destroy();
    await expect(broken).rejects.toThrow('broken off');
    expect(await whole).toBe(1);
    expect(budget.heldBytes).toBe(0);
  });

  it.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ] as const)('in %s that ends in the middle is damaged', async (encoding, compress) => {
    const packed = compress(Buffer.from(line.repeat(2000)));
    const body = Readable.from([packed.subarray(0, packed.length - 5)]);
    const reading = streamBody(
      { headers: { 'content-encoding': encoding } },
      body,
      new NdjsonReader(new ReadingNames()),
      limits(),
    );
    await expect(reading).rejects.toMatchObject({ code: 'body-malformed' });
  });
});

describe('a batch that comes', () => {
  it('holds what its items hold that stand as objects, too', () => {
    const known = new ReadingNames();
    known.add({ meterPoint: 'c-1', kind: 'channel', code: undefined });
    const held = [known, new ReadingNames()].map(names => {
      const reader = new NdjsonReader(names);
      reader.take(Buffer.from(line.repeat(10_000)));
      return reader.heldBytes;
    });
    expect(held[0]).toBeLessThan(megabyte / 4);
    expect(held[1]).toBeGreaterThan(2 * megabyte);
  });
});

describe('POST /v1/readings', () => {
  async function listening(): Promise<{ test: TestHouse; port: number; head: (more: string) => string }> {
    const test = await testHouse();
    test.house.meterPoints.addWithSeries(
      { identifier: 'c-1', address: '', zone: test.house.config.zone, origin: 'registered' },
      [{ kind: 'channel', code: 'E1', flow: 'from-grid', intervalMinutes: 30 }],
      0,
    );
    await test.app.listen({ host: '127.0.0.1', port: 0 });
    const address = test.app.server.address() as AddressInfo;
    const authorization = test.authorization();
    const head = (more: string) =>
      `POST /v1/readings HTTP/1.1\r\nhost: h\r\nauthorization: ${authorization}\r\n${more}\r\n\r\n`;
    return { test, port: address.port, head };
  }

  function open(port: number): Promise<Socket> {
    return new Promise(resolve => {
      const socket = connect({ port, host: '127.0.0.1' }, () => resolve(socket));
      socket.on('error', () => undefined);
      onTestFinished(() => void socket.destroy());
    });
  }

  it('keeps nothing of a body that does not come to its end', async () => {
    const { test, port, head } = await listening();
    const socket = await open(port);
    socket.write(head(`content-type: application/x-ndjson\r\ncontent-length: ${line.length * 2}`));
    socket.write(line);
    await sleep(30);
    socket.destroy();
    await sleep(30);
    expect(test.house.journal.position.sequence).toBe(0);
    expect(test.house.tally.accepted).toBe(0);
  });

  it('holds a bounded part of many bodies that send one endless item each', async () => {
    const { port, head } = await listening();
    const before = heldBytes();
    const sockets = await Promise.all(Array.from({ length: 60 }, () => open(port)));
    const portion = Buffer.alloc(megabyte, 32);
    for (const socket of sockets) {
      socket.write(head(`content-type: application/x-ndjson\r\ncontent-length: ${8 * megabyte}`));
      // The same bytes again and again, so that this side holds one megabyte.
      for (let at = 0; at < 5; at++) socket.write(portion);
    }
    // Three looks without growth: all wait for the oldest, which sends no more.
    let most = 0;
    for (let quiet = 0; quiet < 3; ) {
      await sleep(300);
      const held = heldBytes() - before;
      quiet = held > most + megabyte || held < 60 * megabyte ? 0 : quiet + 1;
      most = Math.max(most, held);
    }
    // Without a bound it is three hundred, and what grows by doubling; where each reader keeps what it looked at last, a hundred and ten.
    expect(most).toBeLessThan(100 * megabyte);
  });
});

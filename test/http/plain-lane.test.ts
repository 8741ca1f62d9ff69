import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { PlainLane } from '../../src/http/plain-lane.ts';
import { StoppedClock } from '../../src/kernel/clock.ts';

const head =
  'POST /here HTTP/1.1\r\nhost: x\r\nauthorization: Bearer k\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n';

/** A lane that says what it was sent, and node:http behind it, which says that it is. */
async function laneWith(limits: { firstByteMs: number; keepAliveMs: number }) {
  let sweep: () => void = () => undefined;
  vi.spyOn(globalThis, 'setInterval').mockImplementationOnce(act => {
    sweep = act;
    return setTimeout(() => undefined, 0);
  });
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.end('node:http'));
  });
  const lane = new PlainLane({ path: '/here', clock: new StoppedClock('2026-11-21T12:00:00Z'), ...limits });
  lane.standBefore(server);
  lane.open(async (_authorization, body) => ({ status: 200, headers: {}, body: Buffer.from(body).toString() }));
  vi.restoreAllMocks();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    lane.close();
    lane.destroy();
    server.closeAllConnections();
    server.close();
  });
  const open = async () => {
    const socket = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', noDelay: true });
    const seen = { socket, text: '', closed: false };
    socket.setEncoding('latin1').on('data', (text: string) => {
      seen.text += text;
    });
    socket.on('close', () => {
      seen.closed = true;
    });
    const accepted = new Promise<Socket>(resolve => server.once('connection', resolve));
    await new Promise(resolve => socket.once('connect', resolve));
    const serverSide = await accepted;
    /** How much of what was sent has reached the lane. */
    const bytesTaken = () => serverSide.bytesRead;
    return Object.assign(seen, { bytesTaken });
  };
  return { open, sweep: () => sweep(), lane };
}

const soon = (act: () => void) => vi.waitFor(act, 60_000);
const send = (socket: Socket, text: string) => new Promise(resolve => socket.write(text, resolve));

describe('connections of the lane', () => {
  it('that say nothing are told so and closed, as node:http does', async () => {
    const { open, sweep } = await laneWith({ firstByteMs: 0, keepAliveMs: 72_000 });
    const silent = await open();
    sweep();
    await soon(() => expect(silent.closed).toBe(true));
    expect(silent.text).toBe('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n');
  });

  it('whose body does not come are node:http’s, which has deadlines of its own', async () => {
    const { open, sweep } = await laneWith({ firstByteMs: 0, keepAliveMs: 72_000 });
    const slow = await open();
    await send(slow.socket, `${head}1`);
    // Once the lane has it, a sweep gives it away; before that the connection would be silent.
    await soon(() => expect(slow.bytesTaken()).toBe(head.length + 1));
    sweep();
    await send(slow.socket, '2');
    await soon(() => expect(slow.text).toContain('node:http'));
  });

  it('that were answered stay open between two requests, and are closed after a while', async () => {
    const [patient, hasty] = [
      await laneWith({ firstByteMs: 0, keepAliveMs: 72_000 }),
      await laneWith({ firstByteMs: 0, keepAliveMs: -1000 }),
    ];
    for (const { open, sweep } of [patient, hasty]) {
      const seen = await open();
      await send(seen.socket, `${head}12`);
      await soon(() => expect(seen.text.endsWith('\r\n\r\n12')).toBe(true));
      sweep();
      if (sweep === hasty.sweep) await soon(() => expect(seen.closed).toBe(true));
      else {
        await send(seen.socket, `${head}34`);
        await soon(() => expect(seen.text.endsWith('\r\n\r\n34')).toBe(true));
        expect(seen.closed).toBe(false);
      }
    }
  });

  it('keep one request at a time under way, however many come together', async () => {
    const { open } = await laneWith({ firstByteMs: 10_000, keepAliveMs: 72_000 });
    const seen = await open();
    await send(seen.socket, Array.from({ length: 40 }, (_, at) => `${head}${at + 10}`).join(''));
    const bodies = () => [...seen.text.matchAll(/\r\n\r\n(\d\d)/g)].map(([, body]) => Number(body));
    await soon(() => expect(bodies()).toEqual(Array.from({ length: 40 }, (_, at) => at + 10)));
  });

  it('that the client ends are ended when the last answer has left', async () => {
    const { open } = await laneWith({ firstByteMs: 10_000, keepAliveMs: 72_000 });
    const seen = await open();
    seen.socket.end(`${head}12`);
    await soon(() => expect(seen.closed).toBe(true));
    expect(seen.text.endsWith('\r\n\r\n12')).toBe(true);
  });
});

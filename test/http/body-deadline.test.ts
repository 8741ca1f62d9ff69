import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { allowLongBody, holdToDeadline } from '../../src/http/body-deadline.ts';

/** Sends `parts` with pauses; what the server answers, or how the connection ended. */
async function send(prepare: (request: IncomingMessage) => void, parts: number, pauseMs: number): Promise<string> {
  const server = createServer(async (incoming, response) => {
    prepare(incoming);
    try {
      let bytes = 0;
      for await (const chunk of incoming) bytes += (chunk as Buffer).length;
      response.end(String(bytes));
    } catch {
      response.destroy();
    }
  });
  server.listen(0);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const outgoing = request({ port: (server.address() as AddressInfo).port, method: 'POST' });
  const answered = new Promise<string>(resolve => {
    outgoing.on('error', () => resolve('cut'));
    outgoing.on('response', async response => {
      let text = '';
      for await (const chunk of response) text += String(chunk);
      resolve(text);
    });
  });
  for (let part = 0; part < parts && !outgoing.destroyed; part += 1) {
    outgoing.write('x'.repeat(1000));
    await sleep(pauseMs);
  }
  outgoing.end();
  return answered;
}

it('cuts who sends slowly, lets a whole body pass, and gives an upload the time it needs as long as something comes', async () => {
  expect(await send(incoming => holdToDeadline(incoming, 5000), 3, 5)).toBe('3000');
  expect(await send(incoming => holdToDeadline(incoming, 200), 30, 30)).toBe('cut');
  const upload = (incoming: IncomingMessage) => {
    holdToDeadline(incoming, 200);
    allowLongBody(incoming, 5000);
  };
  expect(await send(upload, 30, 30)).toBe('30000');
  const stalled = (incoming: IncomingMessage) => {
    holdToDeadline(incoming, 5000);
    allowLongBody(incoming, 100);
  };
  expect(await send(stalled, 2, 1500)).toBe('cut');
});

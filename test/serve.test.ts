import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { readConfig } from '../src/config.ts';
import { createLog } from '../src/kernel/log.ts';
import { type Serving, serve } from '../src/serve.ts';
import { testFolder } from './open-house.ts';

const log = createLog('silent');

it('answers that it is alive and not ready from the moment its port is open until it is ready', async () => {
  const port = await freePort();
  const config = readConfig({ WATTLEDGER_HOME: testFolder(), HOST: '127.0.0.1', PORT: String(port) });
  let serving: Serving | undefined;
  const starting = serve({
    config,
    log,
    onStorageFailure: error => {
      throw error;
    },
  }).then(started => {
    serving = started;
  });
  const seen = new Set<string>();
  while (!serving) {
    for (const path of ['/healthz', '/readyz', '/v1/meter-points']) seen.add(await ask(port, path));
    const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
    seen.add(await ask(port, '/v1/readings', post));
    await setTimeout(1);
  }
  await starting;
  for (const each of ['/healthz 200', '/readyz 503 not-ready', '/v1/meter-points 503 not-ready'])
    expect(seen).toContain(each);
  expect(seen).toContain('POST /v1/readings 503 not-ready');
  expect(await ask(port, '/readyz')).toBe('/readyz 200');
  await serving.stop();
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}

async function ask(port: number, path: string, init?: RequestInit): Promise<string> {
  const name = init ? `${init.method} ${path}` : path;
  try {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, init);
    const { code = '' } = (await answer.json()) as { code?: string };
    return `${name} ${answer.status} ${code}`.trim();
  } catch {
    return `${name} refused`;
  }
}

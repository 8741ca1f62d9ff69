import { type AddressInfo, Server } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { readConfig } from '../src/config.ts';
import type * as house from '../src/house.ts';
import { createLog } from '../src/kernel/log.ts';
import { type Serving, serve } from '../src/serve.ts';
import { testFolder } from './open-house.ts';

/** Recovery lasts until the test has asked everything, however fast or busy the machine is. */
const recovery = vi.hoisted(() => ({ begun: Promise.withResolvers<void>(), may: Promise.withResolvers<void>() }));
vi.mock('../src/house.ts', async original => {
  const real = await original<typeof house>();
  const openHouseInSlices: typeof house.openHouseInSlices = async options => {
    recovery.begun.resolve();
    await recovery.may.promise;
    return real.openHouseInSlices(options);
  };
  return { ...real, openHouseInSlices };
});

const log = createLog('silent');

it('answers that it is alive and not ready from the moment its port is open until it is ready', async () => {
  const listen = vi.spyOn(Server.prototype, 'listen');
  const config = readConfig({ WATTLEDGER_HOME: testFolder(), HOST: '127.0.0.1', PORT: '0' });
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
  await recovery.begun.promise;
  const [opened] = listen.mock.results;
  if (opened?.type !== 'return') throw new Error('recovery has begun and no port is open');
  const { port } = opened.value.address() as AddressInfo;
  listen.mockRestore();
  const askAll = async () => {
    const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
    return [
      await ask(port, '/healthz'),
      await ask(port, '/readyz'),
      await ask(port, '/v1/meter-points'),
      await ask(port, '/v1/readings', post),
    ];
  };
  const notReady = [
    '/healthz 200',
    '/readyz 503 not-ready',
    '/v1/meter-points 503 not-ready',
    'POST /v1/readings 503 not-ready',
  ];
  const ready = [
    '/healthz 200',
    '/readyz 200',
    '/v1/meter-points 401 key-missing',
    'POST /v1/readings 401 key-missing',
  ];
  expect(await askAll()).toEqual(notReady);
  recovery.may.resolve();
  const seen = new Set<string>();
  while (!serving) {
    for (const each of await askAll()) seen.add(each);
    await setTimeout(1);
  }
  await starting;
  expect([...seen].filter(each => !notReady.includes(each) && !ready.includes(each))).toEqual([]);
  expect(await askAll()).toEqual(ready);
  await serving.stop();
});

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

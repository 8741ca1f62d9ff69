import { expect, it } from 'vitest';
import { cli, createKey, startServer, temporaryHome } from '../server.ts';
import { ready } from './load.ts';

const environment = { READING_RULES: 'meter-point-unknown=quarantine', FLUSH_SECONDS: '1', DISK_FREE_MIN_MB: '0' };

it('loses nothing that is in quarantine when the process is killed, and doubles nothing when it is let in', async () => {
  const home = temporaryHome();
  const key = await createKey(home);
  const call = async (url: string, method: string, path: string, body?: object) => {
    const answer = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: JSON.parse(await answer.text()) };
  };
  const sent = Array.from({ length: 40 }, (_, step) => ({
    meterPoint: `late-${step % 4}`,
    at: 1_780_000_200 + step * 1800,
    value: String(step),
  }));
  let server = await startServer(home, environment);
  await ready(server);
  for (const [step, reading] of sent.entries()) {
    expect((await call(server.url, 'POST', '/v1/readings', reading)).status).toBe(202);
    if (step % 13 !== 12) continue;
    await server.kill9();
    server = await startServer(home, environment);
    await ready(server);
    expect((await call(server.url, 'GET', '/v1/quarantine')).body).toMatchObject({ total: step + 1 });
  }
  // Registered, and killed before or while or after they are let in.
  for (const meterPoint of ['late-0', 'late-1', 'late-2', 'late-3']) {
    await call(server.url, 'POST', '/v1/meter-points', { identifier: meterPoint });
    await server.kill9();
    server = await startServer(home, environment);
    await ready(server);
  }
  await expect.poll(async () => (await call(server.url, 'GET', '/v1/quarantine')).body.total).toBe(0);
  for (const meterPoint of ['late-0', 'late-1', 'late-2', 'late-3']) {
    const { data } = (await call(server.url, 'GET', `/v1/meter-points/${meterPoint}/readings`)).body;
    expect(data.map(({ value }: { value: string }) => value)).toEqual(
      sent.filter(each => each.meterPoint === meterPoint).map(({ value }) => value),
    );
  }
  expect(await server.stop()).toBe(0);
  expect(await cli(home, ['verify'])).toMatchObject({ code: 0 });
}, 240_000);

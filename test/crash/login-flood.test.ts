import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { cli, createKey, startServer, temporaryHome } from '../server.ts';
import { campaign } from './campaign.ts';
import { Load, pause, ready } from './load.ts';

const signIns = 16;
const meters = 16;

/** R12 of the safety notes; how long a reading waits meanwhile is in the bench. */
describe('a flood of sign-ins', () => {
  it('keeps no reading from being taken', async () => {
    const home = temporaryHome();
    const key = await createKey(home);
    const server = await startServer(home, { DISK_FREE_MIN_MB: '0' });
    await ready(server);
    const load = new Load('l', meters, key);
    await load.register(server);
    let over = false;
    const running = load.run(server, () => over, 20);
    const answers = new Map<number, number>();
    const flood = Array.from({ length: signIns }, async (_, guesser) => {
      const form = await formOf(server.url);
      for (let guess = 0; !over; guess++) {
        // Another name from another address each time: each of them may be asked only so often, and hashing is the point.
        const fields = { name: `guess-${guesser}-${guess}`, password: `wrong ${guess}`, csrf: form.token };
        const address = `127.${guesser + 1}.${(guess >> 8) & 255}.${guess & 255}`;
        const status = await send(server.url, address, form.cookie, new URLSearchParams(fields).toString());
        answers.set(status, (answers.get(status) ?? 0) + 1);
      }
    });
    await pause(campaign.loginSeconds * 1000);
    over = true;
    await Promise.all(flood);
    expect(await running).toBe(0);
    const { acknowledged, lost } = await load.compare(server);
    console.log(
      `sign-ins by answer: ${[...answers].map(([status, times]) => `${status}: ${times}`).join(', ')}; ${acknowledged} readings taken`,
    );
    expect(lost).toEqual([]);
    expect(acknowledged).toBeGreaterThan(campaign.loginSeconds * meters * 20);
    expect([...answers.keys()].sort()).toEqual([401]);
    expect(await server.stop()).toBe(0);
    expect(await cli(home, ['verify'])).toMatchObject({ code: 0 });
  }, 600_000);
});

async function formOf(url: string): Promise<{ token: string; cookie: string }> {
  const answer = await fetch(`${url}/admin/sign-in`);
  const token = /name="csrf" value="([^"]+)"/.exec(await answer.text())?.[1];
  const cookie = answer.headers
    .getSetCookie()
    .map(text => text.split(';', 1)[0])
    .join('; ');
  if (!token) throw new Error('the sign-in form has no token');
  return { token, cookie };
}

function send(url: string, localAddress: string, cookie: string, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { cookie, 'content-type': 'application/x-www-form-urlencoded' };
    const outgoing = request(
      `${url}/admin/sign-in`,
      { method: 'POST', localAddress, headers, agent: false },
      answer => {
        answer.resume();
        answer.once('end', () => resolve(answer.statusCode ?? 0));
      },
    );
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

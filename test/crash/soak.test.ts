import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { median } from '../bench/table.ts';
import { cli, createKey, type RunningServer, startServer, temporaryHome } from '../server.ts';
import { campaign } from './campaign.ts';
import { type Findings, Load, pause, ready, sum } from './load.ts';

// 25 clients with a batch of 20 a second: 500 readings a second.
const clients = 25;
const restMs = 1000;
const minuteMs = 60_000;
const megabyte = 1024 * 1024;

if (campaign.soakMinutes === 0) console.warn('SKIPPED: the long run belongs to CAMPAIGN=ci and CAMPAIGN=long');

/** R10 of the safety notes. */
describe.skipIf(campaign.soakMinutes === 0)(`${campaign.soakMinutes} minutes with a kill in each`, () => {
  it('lose nothing and leave neither memory nor files behind', async () => {
    const home = temporaryHome();
    const key = await createKey(home);
    const findings: Findings[] = [];
    const lives: { memory: number; files: number }[] = [];
    for (let minute = 0; minute < campaign.soakMinutes; minute++) {
      const server = await startServer(home, { FLUSH_SECONDS: '5', DISK_FREE_MIN_MB: '0' });
      await ready(server);
      const load = new Load(`s${minute}`, clients, key);
      await load.register(server);
      let killed = false;
      const running = load.run(server, () => killed, restMs);
      await pause(minuteMs / 2);
      const early = usedBy(server);
      await pause(minuteMs / 2);
      const late = usedBy(server);
      lives.push(late);
      // A leak of a file with each of the 30 seconds would show; sockets of the clients are the same all the while.
      expect(late.files - early.files).toBeLessThan(10);
      await server.kill9();
      killed = true;
      await running;
      const again = await startServer(home, { DISK_FREE_MIN_MB: '0' });
      await ready(again);
      findings.push(await load.compare(again));
      await again.kill9();
    }
    const { acknowledged, lost, changed, phantom } = sum(findings);
    console.log(
      `${campaign.soakMinutes} minutes: ${acknowledged} acknowledged, memory ${lives.map(({ memory }) => Math.round(memory / megabyte)).join(', ')} MB, files ${lives.map(({ files }) => files).join(', ')}`,
    );
    expect({ lost, changed, phantom }).toEqual({ lost: [], changed: [], phantom: [] });
    expect(acknowledged).toBeGreaterThan(campaign.soakMinutes * 30 * 400);
    // What a life ends with does not grow with the lives before it, beyond what the collector leaves lying about at one moment or
    // another: of the last three the middle one counts. The first has nothing to recover and reads no page of the store.
    const last = median(lives.slice(-3).map(({ memory }) => memory));
    expect(last).toBeLessThan(lives[1]!.memory + 48 * megabyte);
    expect(await cli(home, ['verify'])).toMatchObject({ code: 0 });
  }, 36_000_000);
});

function usedBy({ pid }: RunningServer): { memory: number; files: number } {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { memory: Number(kilobytes) * 1024, files: readdirSync(`/proc/${pid}/fd`).length };
}

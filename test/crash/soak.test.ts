import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { median } from '../bench/table.ts';
import { cli, createKey, type RunningServer, startServer, temporaryHome } from '../server.ts';
import { campaign } from './campaign.ts';
import { type Findings, Load, pause, ready, sum } from './load.ts';
import type { MemoryLeft } from './memory-probe.ts';

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
    const lives: (MemoryLeft & { files: number })[] = [];
    const probe = join(temporaryHome(), 'memory.json');
    const probed = {
      NODE_OPTIONS: `--import=${pathToFileURL(join(import.meta.dirname, 'memory-probe.ts'))}`,
      MEMORY_PROBE: probe,
    };
    for (let minute = 0; minute < campaign.soakMinutes; minute++) {
      const server = await startServer(home, { FLUSH_SECONDS: '5', DISK_FREE_MIN_MB: '0', ...probed });
      await ready(server);
      const load = new Load(`s${minute}`, clients, key);
      await load.register(server);
      let killed = false;
      const running = load.run(server, () => killed, restMs);
      await pause(minuteMs / 2);
      const early = filesOf(server);
      await pause(minuteMs / 2);
      const files = filesOf(server);
      // A leak of a file with each of the 30 seconds would show; sockets of the clients are the same all the while.
      expect(files - early).toBeLessThan(10);
      lives.push({ ...(await memoryLeft(server, probe)), files });
      await server.kill9();
      killed = true;
      await running;
      const again = await startServer(home, { DISK_FREE_MIN_MB: '0' });
      await ready(again);
      findings.push(await load.compare(again));
      await again.kill9();
    }
    const { acknowledged, lost, changed, phantom } = sum(findings);
    const megabytes = (of: 'alive' | 'resident') => lives.map(life => (life[of] / megabyte).toFixed(1)).join(', ');
    console.log(
      `${campaign.soakMinutes} minutes: ${acknowledged} acknowledged, alive ${megabytes('alive')} MB, resident ${megabytes('resident')} MB, files ${lives.map(({ files }) => files).join(', ')}`,
    );
    expect({ lost, changed, phantom }).toEqual({ lost: [], changed: [], phantom: [] });
    expect(acknowledged).toBeGreaterThan(campaign.soakMinutes * 30 * 400);
    // What a life ends with does not grow with the lives before it. The first has nothing to recover and reads no page of the store;
    // of the last three the middle one counts, for buffers come and go, and pages return to the kernel when it suits the allocator.
    const ofLast = (of: 'alive' | 'resident') => median(lives.slice(-3).map(life => life[of]));
    const [, second] = lives;
    expect(ofLast('alive')).toBeLessThan(second!.alive + 12 * megabyte);
    expect(ofLast('resident')).toBeLessThan(second!.resident + 32 * megabyte);
    const { code, stdout, stderr } = await cli(home, ['verify']);
    expect(code, stdout + stderr).toBe(0);
  }, 36_000_000);
});

function filesOf({ pid }: RunningServer): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** What the process holds after everything that nobody needs was collected: it does not depend on when the collector came last. */
async function memoryLeft({ pid }: RunningServer, probe: string): Promise<MemoryLeft> {
  rmSync(probe, { force: true });
  process.kill(pid, 'SIGUSR2');
  while (!existsSync(probe)) await pause(20);
  return JSON.parse(readFileSync(probe, 'utf8')) as MemoryLeft;
}

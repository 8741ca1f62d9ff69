import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cli, createKey, startServer } from '../server.ts';
import { campaign } from './campaign.ts';
import { type Findings, Load, pause, ready, sum } from './load.ts';
import { LoopDisk, missingForLoopDisk } from './loop-disk.ts';

const missing = missingForLoopDisk();
if (missing) console.warn(`SKIPPED: the power cuts need ${missing}`);

// Makes every sync of a process do nothing, as a disk that lies would.
const withoutSync = ['/usr/lib/x86_64-linux-gnu/libeatmydata.so', '/usr/lib/aarch64-linux-gnu/libeatmydata.so'].find(
  existsSync,
);
if (!missing && !withoutSync) console.warn('SKIPPED: the control run without syncs needs libeatmydata1');

const clients = 16;
const disks = new Set<LoopDisk>();

afterAll(() => {
  for (const disk of disks) disk.remove();
});

/** R2 of the safety notes. Killing a process proves little: only a power cut shows what was synced. */
describe.skipIf(missing !== '')('power cuts under load', () => {
  it(`${campaign.cuts} of them lose nothing that was acknowledged`, async () => {
    const { home, findings } = await cutRepeatedly(campaign.cuts, {});
    const { acknowledged, lost, changed, phantom } = sum(findings);
    console.log(
      `${campaign.cuts} power cuts: ${acknowledged} acknowledged, ${lost.length} lost, ${changed.length} changed, ${phantom.length} phantom`,
    );
    expect({ lost, changed, phantom }).toEqual({ lost: [], changed: [], phantom: [] });
    expect(acknowledged).toBeGreaterThan(campaign.cuts * clients);
    const verified = await cli(home, ['verify']);
    expect(verified, verified.stdout + verified.stderr).toMatchObject({ code: 0 });
  }, 3_600_000);

  it.skipIf(withoutSync === undefined)(
    'without syncs they lose readings: the harness is not blind',
    async () => {
      const { findings } = await cutRepeatedly(campaign.cutsWithoutSync, { LD_PRELOAD: withoutSync ?? '' });
      const { acknowledged, lost } = sum(findings);
      console.log(`control run without syncs: ${lost.length} of ${acknowledged} acknowledged readings lost`);
      expect(lost.length).toBeGreaterThan(0);
    },
    600_000,
  );
});

async function cutRepeatedly(
  cuts: number,
  more: Record<string, string>,
): Promise<{ home: string; findings: Findings[] }> {
  const disk = new LoopDisk();
  disks.add(disk);
  const home = join(disk.folder, 'home');
  const key = await createKey(home);
  const findings: Findings[] = [];
  for (let cut = 0; cut < cuts; cut++) {
    // Every other time flushes and archives are under way as well; otherwise everything is only in the journal.
    const environment = { FLUSH_SECONDS: cut % 2 === 0 ? '1' : '3600', DISK_FREE_MIN_MB: '0', ...more };
    const server = await startServer(home, environment);
    await ready(server);
    const load = new Load(`p${cut}`, clients, key);
    await load.register(server);
    let killed = false;
    const running = load.run(server, () => killed);
    await load.underWay();
    await pause(150 + Math.random() * 1100);
    await server.kill9();
    killed = true;
    await running;
    disk.cutPower();
    const again = await startServer(home, environment);
    await ready(again);
    findings.push(await load.compare(again));
    await again.stop();
  }
  return { home, findings };
}

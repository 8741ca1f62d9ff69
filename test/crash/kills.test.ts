import { describe, expect, it } from 'vitest';
import { cli, createKey, startServer, temporaryHome } from '../server.ts';
import { campaign } from './campaign.ts';
import { type Findings, Load, pause, ready, sum } from './load.ts';

const clients = 32;
// Flushes and their archives are under way while the process is killed.
const environment = { FLUSH_SECONDS: '1', DISK_FREE_MIN_MB: '0' };

/** R1 of the safety notes. */
describe(`${campaign.kills} kills under load`, () => {
  it('lose nothing that was acknowledged, double nothing and invent nothing', async () => {
    const home = temporaryHome();
    const key = await createKey(home);
    const findings: Findings[] = [];
    for (let kill = 0; kill < campaign.kills; kill++) {
      const server = await startServer(home, environment);
      await ready(server);
      const load = new Load(`k${kill}`, clients, key);
      await load.register(server);
      let killed = false;
      const running = load.run(server, () => killed);
      await load.underWay();
      await pause(150 + Math.random() * 350);
      await server.kill9();
      killed = true;
      await running;
      // Every few times it is killed again while it recovers.
      if (kill % 5 === 4) await (await startServer(home, environment)).kill9();
      const again = await startServer(home, environment);
      await ready(again);
      findings.push(await load.compare(again));
      await again.kill9();
    }
    const { acknowledged, lost, changed, phantom } = sum(findings);
    console.log(
      `${campaign.kills} kills: ${acknowledged} acknowledged, ${lost.length} lost, ${changed.length} changed, ${phantom.length} phantom`,
    );
    expect({ lost, changed, phantom }).toEqual({ lost: [], changed: [], phantom: [] });
    expect(acknowledged).toBeGreaterThan(campaign.kills * clients);
    const verified = await cli(home, ['verify']);
    expect(verified, verified.stdout + verified.stderr).toMatchObject({ code: 0 });
  }, 3_600_000);
});

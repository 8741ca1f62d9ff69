import { describe, expect, it } from 'vitest';
import { cli, createKey, startServer, temporaryHome } from '../server.ts';

const environment = { TIME_ZONE: 'Australia/Sydney' };

describe('wattledger simulate', () => {
  it('P0-18 posts days of half-hours through the door of every meter, and a second run changes nothing', async () => {
    const home = temporaryHome();
    const server = await startServer(home, environment);
    const words = ['simulate', '--meters', '10', '--days', '2', '--from', '2026-10-03', '--rate', '100000', '--json'];
    const run = () => cli(home, [...words, '--solar', '100', '--url', server.url], environment);
    // Saturday has 48 half-hours; on Sunday the clock skips two; and what the registers showed before.
    const first = await run();
    expect(first).toMatchObject({ code: 0 });
    expect(JSON.parse(first.stdout)).toEqual({
      accepted: 10 * 2 * (48 + 46 + 1),
      duplicate: 0,
      conflict: 0,
      rejected: 0,
    });
    expect(JSON.parse((await run()).stdout)).toMatchObject({ accepted: 0, duplicate: 1900, conflict: 0, rejected: 0 });

    const key = await createKey(home);
    const answer = await fetch(
      `${server.url}/v1/meter-points/531-000-003/consumption?from=2026-10-03T00:00:00&to=2026-10-05T00:00:00&group=day`,
      { headers: { authorization: `Bearer ${key}` } },
    );
    const { data } = (await answer.json()) as { data: { flow: string; missing: number; energy: string }[] };
    expect(data.map(({ flow, missing }) => `${flow} ${missing}`)).toEqual(['from-grid 0', 'to-grid 0']);
    expect(Number(data[0]!.energy)).toBeGreaterThan(5);

    // Tomorrow cannot have been read yet: the server says so, and so does the command.
    const tomorrow = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
    const early = ['simulate', '--meters', '1', '--from', tomorrow, '--solar', '0', '--url', server.url];
    const refused = await cli(home, early, environment);
    expect(refused).toMatchObject({ code: 1, stdout: expect.stringMatching(/^0 accepted, .* 49 rejected in /) });
    expect(refused.stdout).toMatch(/\n {2}the first that did not enter: .*later than now/);
    const { why } = JSON.parse((await cli(home, [...early, '--json'], environment)).stdout);
    expect(refused.stdout).toContain(`: ${why}\n`);
    await server.stop();
  });

  it('says what is wrong with its options, and that nobody answers', async () => {
    const home = temporaryHome();
    expect(await cli(home, ['simulate', '--meters', '0'])).toMatchObject({ code: 2 });
    expect(await cli(home, ['simulate', '--from', '2020-01-01'])).toMatchObject({ code: 2 });
    const nobody = await cli(home, ['simulate', '--url', 'http://127.0.0.1:9', '--meters', '1']);
    expect(nobody).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no server answers at http://127.0.0.1:9'),
    });
    const wrong = await cli(home, ['simulate', '--help']);
    expect(wrong.stdout).toContain('Ausgrid');
  });
});

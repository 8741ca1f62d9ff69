import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { createKey, type RunningServer, startServer, temporaryHome } from '../server.ts';
import { todaysJournals } from '../todays-journals.ts';

const canTrace = spawnSync('strace', ['-D', '-o', '/dev/null', '-e', 'trace=none', 'true']).status === 0;
if (!canTrace)
  console.warn('SKIPPED: strace is not here or may not trace, so no system call of the server can be made to fail');

const attempts = 8;
const start = Date.parse('2026-01-01T00:00:00Z') / 1000;

/** The real server; system calls on its journal fail as `inject` says (strace -e inject). */
async function startOnFailingDisk(home: string, inject: string): Promise<RunningServer> {
  const journals = todaysJournals(home).flatMap(path => ['-P', path]);
  // -D: the tracer steps aside, and the process that was started is the server itself.
  const wrapper = ['strace', '-D', '-f', '-qq', '-o', '/dev/null', ...journals, '-e', `inject=${inject}`];
  return startServer(home, {}, wrapper);
}

describe.skipIf(!canTrace)('a disk that fails under the running server', () => {
  it.each([
    // Counted by thread, of which the pool has four: the fifth sync at the latest is somebody's second.
    ['an fdatasync that fails once', 'fdatasync:error=EIO:when=2', 503],
    // The next sync would have succeeded: it is not tried. A write that found no room is tried again, each time for nothing.
    ['a full disk', 'pwrite64:error=ENOSPC:when=4+', 507],
  ])('%s: it ends with 3, and all that was acknowledged is there at the next start', async (_what, inject, status) => {
    const home = temporaryHome();
    const authorization = `Bearer ${await createKey(home)}`;
    const failing = await startOnFailingDisk(home, inject);
    const call = (url: string, body?: object) =>
      fetch(url, {
        headers: { authorization, 'content-type': 'application/json' },
        ...(body && { method: 'POST', body: JSON.stringify(body) }),
      });
    expect((await call(`${failing.url}/v1/meter-points`, { identifier: 'm-1' })).status).toBe(201);
    const acknowledged: string[] = [];
    const post = async (slot: number) => {
      const at = new Date((start + slot * 1800) * 1000).toISOString().replace('.000', '');
      const answer = await call(`${failing.url}/v1/readings`, { meterPoint: 'm-1', at, value: slot });
      if (answer.ok) acknowledged.push(at);
      return answer.status;
    };
    let slot = 0;
    let answered = await post(slot);
    while (answered === 200 && slot + 1 < attempts) {
      slot += 1;
      answered = await post(slot);
    }
    expect(answered).toBe(status);
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(slot).toBeLessThan(attempts - 1);
    // It ends half a second after a failed sync: all that is left is asked at once, and on a busy machine finds nobody.
    const late = (answer: Promise<number>) => (status === 507 ? answer : answer.catch(() => 'gone'));
    const left = Array.from({ length: attempts - slot }, (_, at) => late(post(slot + at)));
    const readyz = call(`${failing.url}/readyz`).then(answer => answer.status);
    expect([503, 'gone']).toContain(await late(readyz));
    for (const each of await Promise.all(left)) expect([status, 'gone']).toContain(each);
    // Without room it goes on, and cannot write down what it must when it is told to stop.
    expect(await (status === 507 ? failing.stop() : failing.ended())).toBe(3);

    const again = await startServer(home);
    const { data } = (await (await call(`${again.url}/v1/meter-points/m-1/readings`)).json()) as {
      data: { at: string }[];
    };
    const known = data.map(({ at }) => at);
    expect(acknowledged.filter(at => !known.includes(at))).toEqual([]);
    expect(await again.stop()).toBe(0);
  });
});

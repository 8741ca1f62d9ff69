import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cli, createKey, type RunningServer, startServer, temporaryHome } from '../server.ts';
import { flat, planDocument, supplyPerDay } from '../tariffs/fixtures.ts';
import { todaysJournals } from '../todays-journals.ts';
import { campaign } from './campaign.ts';

const canTrace = spawnSync('strace', ['-D', '-o', '/dev/null', '-e', 'trace=none', 'true']).status === 0;
if (!canTrace) console.warn('SKIPPED: strace is not here or may not trace, so no system call can be made to fail');

const halfHour = 1800;
const begin = Date.parse('2026-01-01T00:00:00Z') / 1000;
const posts = 6;
const environment = { FLUSH_SECONDS: '1', DISK_FREE_MIN_MB: '0' };
const meter = 'fault-1';
// What is billed: a register that counted 312.5 kWh in January.
const dial = 'fault-2';
const plan = planDocument({ planCode: 'FLAT', components: [flat('0.2875'), supplyPerDay('1.20')] });
const billing: [path: string, body: unknown][] = [
  ['/v1/plans', plan],
  ['/v1/meter-points', { identifier: dial }],
  ['/v1/readings', { meterPoint: dial, at: begin, value: '100' }],
  ['/v1/readings', { meterPoint: dial, at: begin + 31 * 86_400, value: '412.5' }],
  ['/v1/accounts', { number: dial, name: 'Example' }],
  [`/v1/accounts/${dial}/supplies`, { meterPoint: dial, plan: 'FLAT', from: '2026-01-01' }],
  ['/v1/bill-runs', { month: '2026-01' }],
];

/** What a full or a broken disk says, at the calls through which everything reaches it. */
const faults = [
  ['fdatasync', 'EIO'],
  ['fsync', 'EIO'],
  ['pwrite64', 'ENOSPC'],
  ['pwrite64', 'EIO'],
  ['ftruncate', 'EIO'],
  ['rename', 'EIO'],
  ['openat', 'EMFILE'],
] as const;

/**
 * R4 of the safety notes, from outside: the k-th call of each kind fails once or for ever, while readings are posted, flushed and
 * billed. Whatever the server then says, at the next start all that it acknowledged is there and nothing else.
 */
describe.skipIf(!canTrace)('a disk that fails at the k-th call', () => {
  // In the short form only what fails for ever: it meets everything that is done afterwards.
  const ways = campaign.faultsAt.length > 1 ? ['', '+'] : ['+'];
  const cases = faults.flatMap(([call, error]) => ways.map(more => ({ call, error, more })));
  it.each(cases)(
    '$call with $error $more: nothing acknowledged is lost',
    async ({ call, error, more }) => {
      let felt = 0;
      for (const k of campaign.faultsAt) {
        if (await failAt(`${call}:error=${error}:when=${k}${more}`)) felt += 1;
      }
      console.log(`${call} ${error}${more}: felt in ${felt} of ${campaign.faultsAt.length} runs`);
      // What is not written twice is renamed or cut only when it must be; the others cannot fail for ever unnoticed.
      if (more === '+' && call !== 'rename' && call !== 'ftruncate') expect(felt).toBeGreaterThan(0);
    },
    3_600_000,
  );
});

/** Resolves with whether the fault was felt by anybody. */
async function failAt(inject: string): Promise<boolean> {
  const home = temporaryHome();
  const key = await createKey(home);
  const acknowledged: number[] = [];
  const sent: number[] = [];
  let answers = 0;
  let ended: number | null = null;
  const server = await startServer(home, environment, tracing(home, inject)).catch(() => undefined);
  if (server) {
    const call = callOf(server, key);
    await call('/v1/meter-points', { identifier: meter });
    for (let post = 0; post < posts; post++) {
      const start = begin + post * halfHour;
      sent.push(start);
      const status = await call('/v1/readings', { meterPoint: meter, start, energy: '0.5' });
      expect({ inject, status }).toEqual({ inject, status: expect.toSatisfy(isHonest) });
      if (status !== 0) answers += 1;
      if (status === 200) acknowledged.push(start);
      if (post === posts / 2) await call('/maintenance/start?maintenance_type=both', {});
    }
    for (const [path, body] of billing) await call(path, body);
    ended = await server.stop();
  }
  const again = await startServer(home, environment);
  const ask = async (path: string) =>
    (await fetch(`${again.url}${path}`, { headers: { authorization: `Bearer ${key}` } })).json();
  const { data = [] } = (await ask(`/v1/meter-points/${meter}/readings`)) as { data?: { start: string }[] };
  const known = data.map(({ start }) => Date.parse(start) / 1000);
  const lost = acknowledged.filter(start => !known.includes(start));
  const phantom = known.filter(start => !sent.includes(start));
  expect({ inject, lost, phantom }).toEqual({ inject, lost: [], phantom: [] });
  // Whatever of it was done, doing it again ends in the one invoice.
  for (const [path, body] of billing) await callOf(again, key)(path, body);
  const { data: invoices } = (await ask('/v1/invoices')) as { data: unknown[] };
  expect({ inject, invoices }).toMatchObject({
    inject,
    invoices: [{ number: '2026-000001', currentCharges: '139.74' }],
  });
  expect(await again.stop()).toBe(0);
  expect({ inject, ...(await cli(home, ['verify'])) }).toMatchObject({ inject, code: 0 });
  return acknowledged.length < posts || answers < posts || ended !== 0;
}

/** The command that starts the server with a tracer beside it. */
function tracing(home: string, inject: string): string[] {
  const places = ['data', 'data/wattledger.db', 'data/wattledger.db-wal', 'logs', 'archive'].map(name =>
    join(home, name),
  );
  const traced = [...places, ...todaysJournals(home)].flatMap(path => ['-P', path]);
  // A rename names a temporary file, so all of them are counted; of other calls only those on the home, because a Node that
  // cannot load its own code would show nothing.
  const where = inject.startsWith('rename') ? [] : traced;
  return ['strace', '-D', '-f', '-qq', '-o', '/dev/null', ...where, '-e', `inject=${inject}`];
}

/** Taken, refused because of the disk, unknown because the registration of the meter failed, or the server is gone. */
function isHonest(status: number): boolean {
  return [200, 404, 422, 503, 507, 0].includes(status);
}

function callOf({ url }: RunningServer, key: string) {
  return async (path: string, body: unknown): Promise<number> => {
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }).catch(() => undefined);
    await answer?.arrayBuffer().catch(() => undefined);
    return answer?.status ?? 0;
  };
}

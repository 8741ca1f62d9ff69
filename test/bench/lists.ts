import { join } from 'node:path';
import { openAccess } from '../../src/access/access.ts';
import { addUser } from '../../src/access/add-user.ts';
import { folders } from '../../src/config.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { openDatabase } from '../../src/kernel/database.ts';
import { d0010 } from './files.ts';
import type { BenchHome } from './home.ts';
import { type RunningServer, startOurs } from './processes.ts';
import { atMost, figure, median, type Row } from './table.ts';

const user = { name: 'bench', role: 'viewer', password: 'Seventeen-Grey-Herons', by: 'bench' };
const askedTimes = 21;

/** What is asked for, and how long it may take, in ms. */
const asked: [what: string, path: string, mostMs: number][] = [
  ['page Meter points', '/admin/meter-points', 50],
  ['the same, its last page', '/admin/meter-points?page=LAST', 50],
  ['the same, searched for a part of few', '/admin/meter-points?q=77777', 50],
  ['the same, searched for a part of most', '/admin/meter-points?q=12', 50],
  ['the same, searched for what none has', '/admin/meter-points?q=nowhere', 50],
  ['page Meters', '/admin/meters', 50],
  ['the same, searched', '/admin/meters?q=77777', 50],
  ['page Readings', '/admin/readings', 50],
  ['the same, searched', '/admin/readings?q=77777', 50],
  ['GET /v1/meter-points', '/v1/meter-points', 50],
  ['the same, searched', '/v1/meter-points?search=77777', 50],
  ['GET /api/meter-points/', '/api/meter-points/', 50],
  ['the same, searched', '/api/meter-points/?search=77777', 50],
  ['GET /api/meters/?search=', '/api/meters/?search=77777', 50],
  ['GET /api/readings/', '/api/readings/', 50],
  ['the same, searched', '/api/readings/?search=77777', 50],
  ['the same, searched for a part of most', '/api/readings/?search=12', 50],
  ['page Overview', '/admin', 300],
];

/**
 * Pages and lists as one person after the other asks for them, of `registers` meter points with a dial value each beside the channels of the
 * home, which have a month of readings.
 */
export async function measureLists(home: BenchHome, registers: number): Promise<Row[]> {
  const database = openDatabase(join(folders(home.path).data, 'wattledger.db'));
  await addUser(openAccess(database, systemClock), user);
  database.close();
  const ours = await startOurs(home.path);
  try {
    await importDials(ours, home.key, registers);
    const headers = { authorization: `Bearer ${home.key}`, cookie: await signIn(ours) };
    const rows: Row[] = [];
    for (const [what, path, mostMs] of asked) {
      const last = String(Math.ceil((registers + 1) / 50));
      const ms = await timesOf(`http://127.0.0.1:${ours.port}${path.replace('LAST', last)}`, headers);
      rows.push({
        what,
        ours: `p50 ${figure(median(ms))} ms, first ${figure(ms[0]!)}, longest of the others ${figure(Math.max(...ms.slice(1)))} ms`,
        mark: atMost(median(ms), mostMs, 'ms p50'),
      });
    }
    return rows;
  } finally {
    await ours.kill('SIGKILL');
  }
}

async function timesOf(url: string, headers: Record<string, string>): Promise<number[]> {
  const ms: number[] = [];
  for (let time = 0; time < askedTimes; time++) {
    const begun = performance.now();
    const answer = await fetch(url, { headers, redirect: 'error' });
    const text = await answer.text();
    ms.push(performance.now() - begun);
    if (!answer.ok) throw new Error(`${url}: ${answer.status} ${text}`);
  }
  return ms;
}

async function importDials({ port }: RunningServer, key: string, registers: number): Promise<void> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/octet-stream' };
  const url = `http://127.0.0.1:${port}/v1/imports`;
  const handedIn = await fetch(url, { method: 'POST', headers, body: d0010(registers) });
  if (handedIn.status !== 202) throw new Error(await handedIn.text());
  for (;;) {
    const answer = await fetch(url, { headers });
    const { data } = (await answer.json()) as { data: { state: string }[] };
    if (data[0]?.state === 'finished') return;
    if (data[0]?.state === 'failed') throw new Error('the import failed');
    await new Promise(resolve => setTimeout(resolve, 200));
  }
}

async function signIn({ port }: RunningServer): Promise<string> {
  const url = `http://127.0.0.1:${port}/admin/sign-in`;
  const form = await fetch(url);
  const csrf = /name="csrf" value="([^"]+)"/.exec(await form.text())?.[1] ?? '';
  const body = new URLSearchParams({ name: user.name, password: user.password, csrf });
  const cookie = cookieOf(form);
  const answer = await fetch(url, { method: 'POST', body, headers: { cookie }, redirect: 'manual' });
  if (answer.status !== 303) throw new Error(`signing in was answered ${answer.status}`);
  return cookieOf(answer);
}

function cookieOf(answer: Response): string {
  return answer.headers
    .getSetCookie()
    .map(each => each.split(';')[0])
    .join('; ');
}

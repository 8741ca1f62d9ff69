import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMailServer } from './kernel/mail-server.ts';
import {
  decimal,
  dice,
  halfHour,
  linesFor,
  load,
  local,
  money,
  month,
  shuffled,
  slotCount,
  startOf,
  utc,
  wall,
  withGst,
  zone,
} from './month.ts';
import { cli, createKey, type RunningServer, startServer, temporaryHome } from './server.ts';
import { embeddedNetwork } from './tariffs/fixtures.ts';
import { d0010File, nem12File } from './trade-files.ts';

// From the first account to the invoice in the mail, as somebody outside sees it: over HTTP, by commands, by files on disk.

const register = { meter: 'm-register', energies: load(1), opening: 12_345_678_901n };
const interval = { meter: 'm-interval', energies: load(2) };
const mixed = { meter: 'm-mixed', energies: load(3) };

const home = temporaryHome();
const environment: Record<string, string> = {
  TIME_ZONE: zone,
  FLUSH_SECONDS: '1',
  INVOICE_NUMBERING: 'per-account',
};
let server: RunningServer;
let key: string;
let mail: Awaited<ReturnType<typeof startMailServer>>;

beforeAll(async () => {
  mail = await startMailServer();
  environment.SMTP_URL = mail.url;
  key = await createKey(home);
  server = await startServer(home, environment);
});
afterAll(() => mail.stop());

async function call<Body = Record<string, unknown>>(method: string, path: string, body?: unknown) {
  const answer = await fetch(`${server.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Body };
}

/** What a reading is known by: meter and instant; and what it must read. */
interface Sent {
  meter: string;
  at: string;
  value: string;
}
interface Post {
  path: string;
  body?: unknown;
  sent: Sent[];
}

const single = (sent: Sent, body: unknown): Post => ({ path: '/v1/readings', body, sent: [sent] });

/** The register's values, the one at the end of the month included: by the old path, by the new one, one by one and in arrays. */
function registerPosts(): Post[] {
  let value = register.opening;
  const all = Array.from({ length: slotCount + 1 }, (_, slot) => {
    if (slot > 0) value += register.energies[slot - 1]!;
    const at = startOf(slot);
    return { meter: register.meter, at, value: decimal(value) };
  });
  return grouped(all, ({ meter, at, value: text }, slot) => {
    const sent = { meter, at: utc(at), value: text };
    if (slot % 7 === 0) {
      const query = new URLSearchParams({ meter_id: meter, timestamp: wall(at), reading: text });
      return { path: `/receive_meter_reading?${query}`, sent: [sent] };
    }
    if (slot % 7 === 1) {
      return {
        path: '/receive_meter_reading',
        body: { meter_id: meter, timestamp: local(at), reading: text },
        sent: [sent],
      };
    }
    return { item: { meterPoint: meter, at: utc(at), value: text }, sent };
  });
}

function intervalPosts(): Post[] {
  return grouped(interval.energies, (energy, slot) => {
    const at = startOf(slot);
    const sent = { meter: interval.meter, at: utc(at), value: decimal(energy) };
    return { item: { meterPoint: interval.meter, start: utc(at), energy: sent.value }, sent };
  });
}

/** The same instants and energies in every way they may be written. */
function mixedPosts(): Post[] {
  return grouped(mixed.energies, (energy, slot) => {
    const at = startOf(slot);
    const start = [utc(at), local(at), wall(at), at, String(at), utc(at).replace('Z', '+00:00')][slot % 6];
    const written = [
      { energy: decimal(energy) },
      { energy: decimal(energy * 1000n), unit: 'Wh' },
      { energy: Number(decimal(energy)), unit: 'kWh' },
      { energy: Number(energy) / 1000, unit: 'Wh' },
    ][slot % 4]!;
    const sent = { meter: mixed.meter, at: utc(at), value: decimal(energy) };
    return { item: { meterPoint: mixed.meter, start, channel: 'E1', ...written }, sent };
  });
}

type Written = Post | { item: unknown; sent: Sent };

/** Every tenth by itself, the others in arrays of up to thirty that follow no order. */
function grouped<Source>(source: readonly Source[], write: (source: Source, at: number) => Written): Post[] {
  const posts: Post[] = [];
  const items: { item: unknown; sent: Sent }[] = [];
  for (const [at, each] of source.entries()) {
    const written = write(each, at);
    if ('path' in written) posts.push(written);
    else if (at % 10 === 9) posts.push(single(written.sent, written.item));
    else items.push(written);
  }
  const random = dice(source.length);
  const mixedUp = shuffled(items, random);
  while (mixedUp.length > 0) {
    const batch = mixedUp.splice(0, 1 + Math.floor(random() * 30));
    posts.push({ path: '/v1/readings', body: batch.map(({ item }) => item), sent: batch.map(({ sent }) => sent) });
  }
  return posts;
}

/** Sends until nothing is left or the server is gone; returns what was acknowledged and what was not. */
async function sendAll(posts: Post[], onAnswer: () => void): Promise<{ acknowledged: Sent[]; unanswered: Post[] }> {
  const waiting = [...posts];
  const acknowledged: Sent[] = [];
  const unanswered: Post[] = [];
  const sender = async () => {
    for (let post = waiting.pop(); post; post = waiting.pop()) {
      const answer = await call<Record<string, unknown>>('POST', post.path, post.body).catch(() => undefined);
      if (!answer) {
        unanswered.push(post);
        continue;
      }
      expect(answer).toMatchObject({ status: 200 });
      if (Array.isArray(post.body)) expect(answer.body).toMatchObject({ conflict: 0, rejected: 0 });
      acknowledged.push(...post.sent);
      onAnswer();
    }
  };
  await Promise.all(Array.from({ length: 16 }, sender));
  return { acknowledged, unanswered };
}

interface Listed {
  at?: string;
  start?: string;
  value?: string;
  energy?: string;
  versions?: unknown[];
}

/** Everything the server knows of a meter, page by page. */
async function known(meter: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  let next: string | undefined = `/v1/meter-points/${meter}/readings?limit=700`;
  while (next) {
    const answer: Response = await fetch(`${server.url}${next}`, { headers: { authorization: `Bearer ${key}` } });
    expect(answer.status).toBe(200);
    for (const { at, start, value, energy, versions } of ((await answer.json()) as { data: Listed[] }).data) {
      expect(versions).toBeUndefined();
      found.set((at ?? start)!, (value ?? energy)!);
    }
    next = /<([^>]+)>/.exec(answer.headers.get('link') ?? '')?.[1];
  }
  return found;
}

const meters = [register.meter, interval.meter, mixed.meter];

describe('the journey', () => {
  it('begins with accounts', async () => {
    for (const meter of meters) {
      const query = new URLSearchParams({ owner_name: `Owner of ${meter}`, address: `Shop ${meter}`, meter_id: meter });
      const { status, body } = await call('POST', `/register_account?${query}`);
      expect({ status, body }).toEqual({
        status: 200,
        body: { meter_id: meter, message: 'Account successfully created' },
      });
    }
  });

  it('takes a month of half-hours, shuffled and with duplicates, through three kills, and loses nothing', async () => {
    const random = dice(42);
    const once = [...registerPosts(), ...intervalPosts(), ...mixedPosts()];
    const expected = new Map(once.flatMap(({ sent }) => sent).map(({ meter, at, value }) => [`${meter} ${at}`, value]));
    expect(expected.size).toBe(3 * slotCount + 1);
    let posts = shuffled([...once, ...once.filter(() => random() < 0.3)], random);
    for (const killAfter of [60, 60, 60, Number.POSITIVE_INFINITY]) {
      let answers = 0;
      let killed: Promise<void> | undefined;
      const { acknowledged, unanswered } = await sendAll(posts, () => {
        answers += 1;
        if (answers === killAfter) killed = server.kill9();
      });
      if (killed) {
        await killed;
        expect(unanswered.length).toBeGreaterThan(0);
        // Nothing but a start: no command, no call.
        server = await startServer(home, environment);
      }
      const found = new Map<string, string>();
      for (const meter of meters) for (const [at, value] of await known(meter)) found.set(`${meter} ${at}`, value);
      const lost = acknowledged.filter(({ meter, at, value }) => found.get(`${meter} ${at}`) !== value);
      expect(lost).toEqual([]);
      // Nor does it know anything that nobody sent.
      expect([...found].filter(([name, value]) => expected.get(name) !== value)).toEqual([]);
      if (!killed) expect(found).toEqual(new Map([...expected].sort(byMeterAndTime)));
      posts = shuffled(unanswered, random);
    }
  });

  it('imports a NEM12 and a D0010 file while the server runs, each once whatever its name', async () => {
    const nem12 = join(home, 'half-hours.csv');
    const d0010 = join(home, 'dials.uff');
    writeFileSync(nem12, nem12File(['6001000017', '6001000018'], 3));
    writeFileSync(d0010, d0010File('56311.0', '56320.5'));
    const [intervals, dials] = await importAll(nem12, d0010);
    // Interval i of day d has i + 1 + d watt-hours: 48 · 49 / 2 + 48 · d a day.
    const watthours = 3 * 1176 + 48 * (0 + 1 + 2);
    expect(intervals).toMatchObject({ counts: { new: 288, rejected: 0 }, problems: [] });
    for (const channel of intervals!.channels)
      expect(channel).toMatchObject({ readings: 144, sum: decimal(BigInt(watthours) * 1000n) });
    expect(dials).toMatchObject({ counts: { new: 2, rejected: 0 } });
    expect([...(await known('1200023305967'))]).toEqual([
      ['2016-02-22T00:00:00Z', '56311'],
      ['2016-02-23T00:00:00Z', '56320.5'],
    ]);
    await expectKnown(nem12, 288, 'half-hours.csv');
    await expectKnown(d0010, 2, 'dials.uff');
  });

  it('saves a plan and puts the meters on it', async () => {
    expect(await call('POST', '/v1/plans', embeddedNetwork)).toMatchObject({ status: 201, body: { version: 1 } });
    const tenant = {
      number: 'A-1001',
      name: 'Ana Example',
      email: 'ana@tenant.example',
      postalAddress: 'Shop 1\nAdelaide',
    };
    expect(await call('POST', '/v1/accounts', tenant)).toMatchObject({ status: 201 });
    for (const [account, meterPoint] of [
      ['A-1001', interval.meter],
      ['A-1001', mixed.meter],
      [register.meter, register.meter],
    ]) {
      const supply = { meterPoint, plan: 'IO_CI_01', from: '2025-10-01' };
      expect(await call('POST', `/v1/accounts/${account}/supplies`, supply)).toMatchObject({ status: 201 });
    }
  });

  const [intervalLines, mixedLines, registerLines] = [interval, mixed, register].map(({ energies }) =>
    linesFor(energies),
  );
  const tenantBill = withGst([intervalLines!, mixedLines!]);
  const registerBill = withGst([registerLines!]);

  it('bills the month, to the cent and to the last decimal', async () => {
    const billed = await cli(home, ['bill', '--month', month, '--check', '--json'], environment);
    expect(billed).toMatchObject({ code: 0, stderr: '' });
    const report = JSON.parse(billed.stdout) as { bills: { account: string }[]; mail: unknown };
    expect(report.bills.toSorted((a, b) => a.account.localeCompare(b.account))).toEqual([
      { account: 'A-1001', verdict: 'issued', number: 'A-1001/01', totalDue: money(tenantBill.total) },
      {
        account: register.meter,
        verdict: 'issued',
        number: `${register.meter}/01`,
        totalDue: money(registerBill.total),
      },
    ]);
    for (const [number, bill, supplies] of [
      ['A-1001/01', tenantBill, { [interval.meter]: intervalLines, [mixed.meter]: mixedLines }],
      [`${register.meter}/01`, registerBill, { [register.meter]: registerLines }],
    ] as const) {
      const { status, body } = await call<InvoiceBody>('GET', `/v1/invoices/${encodeURIComponent(number)}`);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        chargesExTax: money(bill.exGst),
        tax: money(bill.gst),
        currentCharges: money(bill.total),
      });
      const lines = body.supplies.map(supply => [
        supply.meterPoint,
        supply.lines.map(({ code, quantity, amount }) => ({ code, quantity, amount })),
      ]);
      const expected = Object.entries(supplies).map(([meter, of]) => [
        meter,
        of!.map(({ code, quantity, cents }) => ({ code, quantity, amount: money(cents) })),
      ]);
      expect(lines).toEqual(expected);
      for (const supply of body.supplies) expect(supply).toMatchObject({ days: 31, estimatedPercent: '0' });
    }
  });

  it('books what is billed', async () => {
    for (const [account, { total }] of [
      ['A-1001', tenantBill],
      [register.meter, registerBill],
    ] as const) {
      const { body } = await call<{ data: unknown[] }>('GET', `/v1/accounts/${account}/statement`);
      expect(body.data).toMatchObject([{ amount: money(total), balance: money(total) }]);
    }
  });

  it('mails the invoice to the one customer who has an address', async () => {
    // The command sends what is due itself, unless the server's own round came first.
    await expect.poll(() => mail.received.map(({ recipients }) => recipients)).toEqual([['ana@tenant.example']]);
    const { source } = mail.received[0]!;
    expect(source).toMatch(/^Subject: .*A-1001\/01/m);
    const [words = ''] = source.split('application/pdf');
    const text = words.replaceAll(/=\r\n/g, '');
    expect(text).toContain(grouping(money(tenantBill.total)));
    expect(text).not.toMatch(/undefined|NaN|Call {2}or/);
    const attached = /Content-Type: application\/pdf[\s\S]*?\r\n\r\n([A-Za-z0-9+/=\r\n]+)/.exec(source)?.[1];
    expect(Buffer.from(attached!, 'base64').equals(await pdfOf('A-1001/01'))).toBe(true);
  });

  const pdftotext = spawnSync('pdftotext', ['-v']).error === undefined;
  if (!pdftotext) console.warn('SKIPPED: pdftotext is not installed, so what the PDF says is not read');

  it.skipIf(!pdftotext)('prints all of it', async () => {
    const pdf = await pdfOf('A-1001/01');
    const { stdout: text } = spawnSync('pdftotext', ['-layout', '-', '-'], { input: pdf, encoding: 'utf8' });
    for (const words of ['A-1001/01', 'Ana Example', interval.meter, mixed.meter]) expect(text).toContain(words);
    for (const amount of [tenantBill.exGst, tenantBill.gst, tenantBill.total])
      expect(text).toContain(grouping(money(amount)));
    for (const { quantity, cents } of [...intervalLines!, ...mixedLines!]) {
      expect(text).toContain(grouping(quantity));
      expect(text).toContain(grouping(money(cents)));
    }
  });

  it('bills nothing twice', async () => {
    const again = await cli(home, ['bill', '--month', month], environment);
    expect(again).toMatchObject({ code: 0, stderr: '' });
    expect(again.stdout).toContain('· A-1001: already billed');
    expect(again.stdout).toContain('0 issued, 0 parked, 0 mailed.');
    const { body } = await call<{ data: unknown[] }>('GET', '/v1/accounts/A-1001/statement');
    expect(body.data).toHaveLength(1);
    expect(mail.received).toHaveLength(1);
  });

  it('leaves archives behind when it is stopped: each reading once by day and once by month', async () => {
    expect(await server.stop()).toBe(0);
    const folder = join(home, 'archive');
    const rowsOf = (names: string[]) =>
      names.flatMap(name => readFileSync(join(folder, name), 'utf8').trim().split(/\r?\n/).slice(1));
    const names = readdirSync(folder);
    const monthly = rowsOf([`monthly_${month}.csv`]);
    const daily = rowsOf(names.filter(name => name.startsWith(`daily_${month}-`)));
    expect(names.filter(name => name.startsWith(`daily_${month}-`))).toHaveLength(31);
    expect(daily.toSorted()).toEqual(monthly.toSorted());
    let dial = register.opening;
    const expected = Array.from({ length: slotCount }, (_, slot) => {
      const at = local(startOf(slot));
      const rows = [
        `${register.meter},${at},${decimal(dial)},register,1,kWh,actual,from-grid,0`,
        `${interval.meter},${at},${decimal(interval.energies[slot]!)},channel,E1,kWh,actual,from-grid,30`,
        `${mixed.meter},${at},${decimal(mixed.energies[slot]!)},channel,E1,kWh,actual,from-grid,30`,
      ];
      dial += register.energies[slot]!;
      return rows;
    }).flat();
    const ofMeters = monthly.filter(row => row.startsWith('m-'));
    expect(ofMeters.toSorted()).toEqual(expected.toSorted());
    // The value at the end of October begins November.
    const last = `${register.meter},${local(startOf(slotCount))},${decimal(dial)},register,1,kWh,actual,from-grid,0`;
    expect(rowsOf(['monthly_2025-11.csv'])).toEqual([last]);
    expect(startOf(slotCount) - startOf(0)).toBe(31 * 86_400 - 2 * halfHour);
    // What the files brought stands in the archives of their own days.
    expect(rowsOf(['monthly_2016-02.csv'])).toHaveLength(2);
    const imported = rowsOf(names.filter(name => name.startsWith('monthly_2025-'))).filter(row =>
      row.startsWith('6001'),
    );
    expect(imported).toHaveLength(288);
  });

  it('is all there at the next start', async () => {
    server = await startServer(home, environment);
    expect((await known(register.meter)).size).toBe(slotCount + 1);
    expect(await call('GET', '/v1/accounts/A-1001/statement')).toMatchObject({
      body: { data: [{ amount: money(tenantBill.total) }] },
    });
    expect(await server.stop()).toBe(0);
  });
});

interface InvoiceBody {
  supplies: { meterPoint: string; lines: { code: string; quantity: string; amount: string }[] }[];
}

function byMeterAndTime([a]: [string, string], [b]: [string, string]): number {
  return a < b ? -1 : 1;
}

/** As an invoice writes it: "12,345.67". */
function grouping(text: string): string {
  const [whole = '', fraction] = text.split('.');
  const groups = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? groups : `${groups}.${fraction}`;
}

async function pdfOf(number: string): Promise<Buffer> {
  const url = `${server.url}/v1/invoices/${encodeURIComponent(number)}/pdf`;
  const answer = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
  expect(answer.headers.get('content-type')).toBe('application/pdf');
  return Buffer.from(await answer.arrayBuffer());
}

interface Report {
  counts: { new: number; identical: number; rejected: number };
  importedBefore?: { file: string };
  channels: { meterPoint: string; code: string; meter: string; readings: number; missing: number; sum: string }[];
  problems: unknown[];
}

async function importAll(...paths: string[]): Promise<Report[]> {
  const { stdout, stderr } = await cli(home, ['import', '--json', ...paths], environment);
  expect(stderr).toBe('');
  return stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Report);
}

/** Imported again, and under another name, a file brings nothing, and says when it was known first. */
async function expectKnown(path: string, readings: number, firstName: string): Promise<void> {
  const other = join(home, 'renamed.dat');
  copyFileSync(path, other);
  for (const report of await importAll(path, other)) {
    expect(report).toMatchObject({ counts: { new: 0, identical: readings }, importedBefore: { file: firstName } });
  }
}

const data = join(import.meta.dirname, '../../shared/data');
const absent = !existsSync(data);
if (absent) console.warn(`SKIPPED: files of the trade are imported from ${data}, which is not there`);

function rowsOf(path: string, file: string): Record<string, string>[] {
  const [head = '', ...lines] = readFileSync(join(data, path), 'utf8').trim().split(/\r?\n/);
  const names = head.split(',');
  return lines
    .map(line => Object.fromEntries(line.split(',').map((value, at) => [names[at]!, value])))
    .filter(row => row.file === file);
}

describe.skipIf(absent)('files of the trade, beside the journey', () => {
  beforeAll(async () => {
    server = await startServer(home, environment);
  });

  it('NEM12 in a zip: every channel has the readings and the sum that others found', async () => {
    const file = 'Example_NEM12_ManyNMIs.zip';
    const rows = rowsOf('nem12/expected.csv', file);
    const path = join(data, 'nem12', file);
    const [report] = await importAll(path);
    const found = report!.channels.map(({ meterPoint, code, readings, missing, sum }) => ({
      meterPoint,
      code,
      readings,
      missing,
      sum: Number(sum),
    }));
    const expected = rows.map(({ nmi, suffix, intervals, missing_values, sum }) => ({
      meterPoint: nmi!,
      code: suffix!,
      readings: Number(intervals),
      missing: Number(missing_values),
      sum: Number(sum),
    }));
    const byName = (a: { meterPoint: string; code: string }, b: { meterPoint: string; code: string }) =>
      `${a.meterPoint} ${a.code}` < `${b.meterPoint} ${b.code}` ? -1 : 1;
    expect(found.toSorted(byName)).toEqual(expected.toSorted(byName));
    const total = expected.reduce((sum, { readings }) => sum + readings, 0);
    expect(report!.counts).toMatchObject({ new: total, identical: 0, rejected: 0 });
    await expectKnown(path, total, file);
  });

  it('D0010: every register shows what the file says, at local midnight', async () => {
    const file = 'DTC5259515123502080915D0010.uff';
    const rows = rowsOf('d0010/expected.csv', file);
    const path = join(data, 'd0010', file);
    const [report] = await importAll(path);
    // The journey's own file names one of these registers, with the same value for the same day.
    expect(report!.counts.new + report!.counts.identical).toBe(rows.length);
    expect(report!.counts.rejected).toBe(0);
    for (const { mpan, register_id: code, reading_date_local_london: date, register_reading: value } of rows) {
      const { body } = await call<{ data: (Listed & { register: string })[] }>(
        'GET',
        `/v1/meter-points/${mpan}/readings?register=${code}`,
      );
      // Winter in London is UTC.
      const at = date!.replace('+0000', 'Z');
      expect(body.data.find(each => each.at === at)?.value, `${mpan} ${code}`).toBe(String(Number(value)));
    }
    await expectKnown(path, rows.length, file);
    expect(await server.stop()).toBe(0);
  });
});

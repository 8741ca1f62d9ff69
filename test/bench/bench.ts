import { closeSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { periodOf } from '../../src/consumption/named-period.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { instantOfMs, parseZone } from '../../src/units/time.ts';
import type { BillsResult } from './bills.ts';
import { d0010, nem12, tables } from './files.ts';
import type { FleetResult } from './fleet.ts';
import { type BenchHome, makeHome } from './home.ts';
import { measureLists } from './lists.ts';
import { type LoadResult, meterName } from './load.ts';
import { load, type RunningServer, runChild, runOurs, startBare, startOurs } from './processes.ts';
import type { RatingResult } from './rating.ts';
import type { RecoveryResult } from './recovery.ts';
import type { StorageResult, Watched } from './storage.ts';
import { atLeast, atMost, figure, median, type Row, showTable } from './table.ts';

// What PERFORMANCE.md asks for. Everything is measured on 127.0.0.1 with real syncs and ends by itself; only figures of one run compare.
const size = {
  full: { rounds: 5, seconds: 4, meters: 10_000, nmis: 1_000, days: 365, registers: 100_000, tabled: 210, billed: 500 },
  quick: { rounds: 1, seconds: 1.5, meters: 10_000, nmis: 100, days: 31, registers: 10_000, tabled: 21, billed: 100 },
};
const { values } = parseArgs({ options: { quick: { type: 'boolean' }, only: { type: 'string' } } });
const { rounds, seconds, meters, nmis, days, registers, tabled, billed } = values.quick ? size.quick : size.full;

// With the marks of a batch of 1,000, in millions of readings a second.
const forms = [
  ['json', 'JSON', 1],
  ['ndjson', 'NDJSON', 2],
  ['csv', 'CSV', 2],
] as const;
type Form = (typeof forms)[number][0];

const parts: Record<string, () => Promise<Row[]>> = {
  ingest,
  queries,
  fleet,
  storage,
  lists,
  restart,
  recovery,
  imports,
  rating,
  bills,
};
const wanted = values.only?.split(',') ?? Object.keys(parts);
const rows: Row[] = [];
for (const [name, part] of Object.entries(parts)) {
  if (!wanted.includes(name)) continue;
  process.stderr.write(`${name} …\n`);
  rows.push(...(await part()));
}
process.stdout.write(`${showTable(rows)}\n`);

/** Both servers run the whole time and take turns, so that a noisy neighbour disturbs both. */
async function ingest(): Promise<Row[]> {
  // One meter more than posts: the one that is asked about.
  return withHome(meters + 1, async home => {
    const ours = await startOurs(home.path);
    const bare = await startBare();
    try {
      return await measureIngest(home, ours, bare);
    } finally {
      await ours.kill('SIGKILL');
      await bare.kill('SIGKILL');
    }
  });
}

async function measureIngest(home: BenchHome, ours: RunningServer, bare: RunningServer): Promise<Row[]> {
  let first = 0;
  const rows: Row[] = [];
  let singleAt64 = 0;
  /** Processor time of the server a reading, all threads, warm-up included. */
  const cpuNs = new Map<LoadResult, number>();
  for (const connections of [1, 64, 512]) {
    const { mine, yardstick, ratio } = await takeTurns(connections, 1);
    if (connections === 64) singleAt64 = rate(mine);
    rows.push({
      what: `POST one reading, ${connections} connection${connections > 1 ? 's' : ''}`,
      ours: describe(mine, 1),
      bare: describe(yardstick, 1),
      note: `ratio ${figure(ratio)}`,
      ...(connections > 1 && { mark: atLeast(ratio, 1, 'ratio') }),
    });
  }
  const paced = await post(ours, 64, 1, { pace: Math.round(singleAt64 / 2) });
  rows.push({
    what: 'POST one reading, 64 connections, half that rate',
    ours: describe([paced], 1),
    mark: atMost(paced.p99Ms, 15, 'ms p99'),
  });
  for (const [form, name, millions] of forms) {
    for (const batch of [100, 1000, 10_000]) {
      const { mine, yardstick, ratio } = await takeTurns(64, batch, form);
      const readings = rate(mine) * batch;
      rows.push({
        what: `POST ${figure(batch)} readings in ${name}, 64 connections`,
        ours: describe(mine, batch),
        bare: describe(yardstick, batch),
        note: `ratio ${figure(ratio)}, ${cpuOf(mine)}`,
        ...(batch === 1000 && { mark: atLeast(readings / 1e6, millions, 'M readings/s') }),
      });
    }
  }
  rows.push(...(await measureQueries(home.key, ours)));
  return rows;

  function cpuOf(results: LoadResult[]): string {
    return `${figure(median(results.map(each => cpuNs.get(each)!)))} ns of processor a reading`;
  }

  async function takeTurns(connections: number, batch: number, form: Form = 'json') {
    const mine: LoadResult[] = [];
    const yardstick: LoadResult[] = [];
    for (let round = 0; round < (batch === 1 ? rounds : Math.min(rounds, 3)); round++) {
      mine.push(await post(ours, connections, batch, { form }));
      yardstick.push(await post(bare, connections, batch, { form }));
    }
    return {
      mine,
      yardstick,
      ratio: median(mine.map((each, at) => each.requestsPerSecond / yardstick[at]!.requestsPerSecond)),
    };
  }

  async function post(server: RunningServer, connections: number, batch: number, more: object = {}) {
    const order = { port: server.port, key: home.key, connections, warmUpSeconds: seconds / 3, seconds, batch, meters };
    const cpuBefore = server.cpuSeconds();
    const result = await load({ ...order, first: server === ours ? first : 0, ...more });
    cpuNs.set(result, ((server.cpuSeconds() - cpuBefore) / result.answered / batch) * 1e9);
    if (server === ours) first = result.next;
    if (result.refused > 0) throw new Error(`${result.refused} requests were refused: the figures would mean nothing`);
    return result;
  }
}

/** The same on a server that has just started and has one month of one meter. */
async function queries(): Promise<Row[]> {
  return withHome(meters + 1, async home => {
    const ours = await startOurs(home.path);
    try {
      return (await measureQueries(home.key, ours)).map(row => ({ ...row, what: `${row.what}, freshly started` }));
    } finally {
      await ours.kill('SIGKILL');
    }
  });
}

/**
 * The last month of a meter, asked for a thousand times a second, in turns with a bare node:http that has the same bytes ready: what the
 * client, the kernel and neighbours do to the slowest of a hundred is in both.
 */
async function measureQueries(key: string, ours: RunningServer): Promise<Row[]> {
  const meterPoint = meterName(meters);
  await fillLastMonth(ours.port, key, meterPoint);
  const rows: Row[] = [];
  for (const [what, get] of [
    ['GET last month of a meter, 1,000/s', `/get_consumption?meter_id=${meterPoint}&period=last_month`],
    ['the same by day', `/v1/meter-points/${meterPoint}/consumption?period=last_month`],
  ] as const) {
    const bare = await startBare(await answerOf(ours.port, key, get));
    try {
      const [mine, yardstick]: [LoadResult[], LoadResult[]] = [[], []];
      const cpu: [number[], number[]] = [[], []];
      for (let round = 0; round < rounds; round++) {
        for (const [at, server] of [ours, bare].entries()) {
          const before = server.cpuSeconds();
          const order = {
            port: server.port,
            key,
            connections: 64,
            warmUpSeconds: seconds / 3,
            seconds,
            batch: 1,
            meters,
          };
          const result = await load({ ...order, first: 0, pace: 1000, get });
          if (result.refused > 0) throw new Error(`${result.refused} were refused: the figures would mean nothing`);
          (at === 0 ? mine : yardstick).push(result);
          cpu[at]!.push(((server.cpuSeconds() - before) / result.answered) * 1e6);
        }
      }
      const ratio = median(mine.map(({ p99Ms }, at) => p99Ms / yardstick[at]!.p99Ms));
      rows.push({
        what,
        ours: describe(mine, 1, 'answers'),
        bare: describe(yardstick, 1, 'answers'),
        note: `p99 ${figure(ratio)} times bare; ${figure(median(cpu[0]))} µs of processor an answer, bare ${figure(median(cpu[1]))}`,
        mark: atMost(median(mine.map(({ p99Ms }) => p99Ms)), 5, 'ms p99'),
      });
    } finally {
      await bare.kill('SIGKILL');
    }
  }
  return rows;
}

/** What a server adds to every answer by itself is left out. */
async function answerOf(
  port: number,
  key: string,
  get: string,
): Promise<{ headers: Record<string, string>; body: string }> {
  const answer = await fetch(`http://127.0.0.1:${port}${get}`, { headers: { authorization: `Bearer ${key}` } });
  const body = await answer.text();
  if (!answer.ok) throw new Error(body);
  const own = ['connection', 'date', 'keep-alive'];
  return { headers: Object.fromEntries([...answer.headers].filter(([name]) => !own.includes(name))), body };
}

async function fillLastMonth(port: number, key: string, meterPoint: string): Promise<void> {
  const { from, to } = periodOf('last_month', instantOfMs(systemClock.now()), parseZone('UTC')!);
  const readings = [];
  for (let start: number = from; start < to; start += 1800) readings.push({ meterPoint, start, energy: '0.250' });
  const answer = await fetch(`http://127.0.0.1:${port}/v1/readings`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(readings),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

async function fleet(): Promise<Row[]> {
  return withHome(meters, async ({ path }) => {
    const result = await runChild<FleetResult>(['--expose-gc', script('fleet.ts'), path]);
    const readings = figure(result.readings);
    return [
      {
        what: `decide, journal and index ${readings} readings`,
        ours: `${figure(result.decidedPerSecond / 1e6)} M readings/s`,
      },
      {
        what: 'memory a reading',
        ours: `${figure(result.heapBytes)} B held, ${figure(result.residentBytes)} B resident`,
      },
      { what: 'journal a reading', ours: `${figure(result.journalBytes)} B` },
      {
        what: 'database a reading, by day',
        ours: `${figure(result.databaseBytes)} B`,
      },
      {
        what: `flush of ${readings} readings`,
        ours: `${figure(result.flushMs)} ms, nobody served for ${figure(result.blockedMs)} ms`,
      },
    ];
  });
}

async function storage(): Promise<Row[]> {
  return withHome(meters, async ({ path }) => {
    const empty = await runChild<number>([script('storage.ts'), path, 'prepare']);
    const result = await runChild<StorageResult>([script('storage.ts'), path, 'weigh', String(empty)]);
    const readings = figure(result.readings);
    return [
      { what: `disk a reading, ${readings} by day`, ours: `${figure(result.dayBytes)} B` },
      {
        what: 'disk a reading, by month',
        ours: `${figure(result.monthBytes)} B`,
        mark: atMost(result.monthBytes, 1.6, 'B'),
      },
      {
        what: 'a month of a meter from disk, p50',
        ours: `${figure(result.monthReadMicroseconds)} µs`,
        note: `the same once more ${figure(result.monthReadAgainMicroseconds)} µs`,
        mark: atMost(result.monthReadMicroseconds, 17, 'µs'),
      },
      {
        what: `totals of ${figure(meters)} months`,
        ours: `${figure(result.totalsMs)} ms`,
        mark: atMost(result.totalsMs, 20, 'ms'),
      },
      longestBlock(`flush of ${figure(result.flushedReadings)} readings while more come`, result.flush),
      longestBlock(`flush of ${figure(meters)} meters with a reading each`, result.waveFlush),
      longestBlock('the same coming in without a flush', result.quiet),
      { ...longestBlock('slices that do nothing', result.nothing), mark: undefined },
      longestBlock(`packing of ${readings} readings`, result.compact),
      longestBlock(`archives of ${readings} readings`, result.archive),
      longestBlock(`verification of ${readings} readings`, result.verify),
    ];
  });
}

/** Pages and lists when there is much: a month of every meter, and registers enough for a hundred thousand meter points. */
async function lists(): Promise<Row[]> {
  return withHome(meters, async home => {
    await runChild<number>([script('storage.ts'), home.path, 'last-days']);
    return measureLists(home, registers - meters);
  });
}

/** R15 of the safety notes: how long a start takes after a kill, with a day of every meter in the journal and with three. */
async function restart(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [days, most] of [
    [1, 1],
    [3, 2],
  ] as const) {
    await withHome(meters, async ({ path }) => {
      await runChild([script('fleet.ts'), path, 'kill', String(days)], 'SIGKILL');
      const begun = performance.now();
      const server = await startOurs(path);
      const readySeconds = (performance.now() - begun) / 1000;
      await server.kill('SIGKILL');
      const what = `start after kill -9, ${figure(meters * 48 * days)} readings in the journal`;
      rows.push({ what, ours: `${figure(readySeconds)} s`, mark: atMost(readySeconds, most, 's') });
    });
  }
  return rows;
}

/** What a process that listens already does before it is ready. */
async function recovery(): Promise<Row[]> {
  return withHome(meters, async ({ path }) => {
    await runChild([script('fleet.ts'), path, 'kill', '3'], 'SIGKILL');
    const { readings, replay, app } = await runChild<RecoveryResult>([script('recovery.ts'), path]);
    return [
      longestBlock(`recovery of ${figure(readings)} readings`, replay),
      longestBlock('routes and pages after it', app),
    ];
  });
}

async function imports(): Promise<Row[]> {
  return withHome(0, async ({ path }) => {
    const { text, intervals } = nem12(nmis, days);
    const file = join(path, 'bench.nem12');
    writeFileSync(file, text);
    const first = await runOurs(path, ['import', file]);
    // In the same minutes as the imports: the machine is not the same from one to the next.
    const scanned = scanSeconds(file);
    const again = await runOurs(path, ['import', file]);
    writeFileSync(file, d0010(registers));
    const flow = await runOurs(path, ['import', file]);
    const describeImport = (count: number, what: string, { seconds, peakBytes }: typeof first) =>
      `${figure(count / seconds)} ${what}/s in ${figure(seconds)} s, ${figure(peakBytes / 1e6)} MB at most`;
    const csv: Row[] = [];
    for (const [name, write] of Object.entries(tables)) {
      // A hundred days from May on: the clocks do not change in them.
      const table = write(tabled, 100);
      writeFileSync(file, table.text);
      const taken = await runOurs(path, ['import', file]);
      const bare = scanSeconds(file);
      csv.push({
        what: `import CSV of ${name}, ${figure(table.intervals)} intervals`,
        ours: describeImport(table.intervals, 'intervals', taken),
        bare: `${figure(bare)} s to look at each byte`,
        note: `${figure(taken.seconds / bare)} times that`,
      });
    }
    rmSync(file);
    return [
      {
        what: `import NEM12, ${figure(intervals)} intervals`,
        ours: describeImport(intervals, 'intervals', first),
        bare: `${figure(scanned)} s to look at each byte`,
        note: `${figure(first.seconds / scanned)} times that`,
        mark: atLeast(intervals / first.seconds / 1e6, 17.5 / 6, 'M intervals/s'),
      },
      {
        what: 'the same file again',
        ours: describeImport(intervals, 'intervals', again),
        note: `${figure(again.seconds / scanned)} times that`,
        mark: atLeast(intervals / again.seconds / 1e6, 17.5 / 4, 'M intervals/s'),
      },
      {
        what: `import D0010, ${figure(registers)} register readings`,
        ours: describeImport(registers, 'readings', flow),
        mark: atLeast(registers / flow.seconds, 50_000, 'readings/s'),
      },
      ...csv,
    ];
  });
}

/** The least that whoever reads a file of numbers has to do: every byte once, every cell added up. */
function scanSeconds(path: string): number {
  const begun = performance.now();
  const file = openSync(path, 'r');
  const portion = Buffer.allocUnsafe(1024 * 1024);
  let [sum, cell] = [0, 0];
  for (let read = readSync(file, portion); read > 0; read = readSync(file, portion)) {
    for (let at = 0; at < read; at++) {
      const byte = portion[at]!;
      if (byte >= 48 && byte <= 57) cell = cell * 10 + byte - 48;
      else if (byte !== 46) {
        sum += cell;
        cell = 0;
      }
    }
  }
  closeSync(file);
  if (sum === 0) throw new Error(`${path} holds no number`);
  return (performance.now() - begun) / 1000;
}

async function rating(): Promise<Row[]> {
  const { compiled, secondOpinion, objectsAndDates } = await runChild<RatingResult>([script('rating.ts')]);
  const what = 'rate a month of 1,488 half-hours, time of use and demand';
  return [
    { what, ours: `${figure(compiled)} /s`, note: `${figure(compiled / objectsAndDates)} times objects and dates` },
    { what: 'the same with an object and a zoned date for each interval', ours: `${figure(objectsAndDates)} /s` },
    {
      what: 'second opinion on it, minute by minute',
      ours: `${figure(secondOpinion)} /s`,
      mark: atLeast(secondOpinion, 3000, '/s'),
    },
  ];
}

async function bills(): Promise<Row[]> {
  return withHome(billed, async ({ path }) => {
    const result = await runChild<BillsResult>([script('bills.ts'), path]);
    const accounts = `${figure(billed)} accounts`;
    return [
      {
        what: `from disk to stored lines, ${accounts}`,
        ours: `${figure(result.drafted)} bills/s`,
        mark: atLeast(result.drafted, 10_000, 'bills/s'),
      },
      {
        what: 'the same with a second opinion on each',
        ours: `${figure(result.checked)} bills/s`,
        mark: atLeast(result.checked, 3000, 'bills/s'),
      },
      {
        what: 'issue them, without paper',
        ours: `${figure(result.issued)} /s`,
        note: `drafted and issued ${figure(result.billed)} bills/s`,
      },
      { what: 'PDF', ours: `${figure(result.pdfs)} /s`, mark: atLeast(result.pdfs, 100, '/s') },
      longestBlock('the first bill run of a process', result.firstRun),
      longestBlock('the first with a second opinion', result.firstCheckedRun),
      longestBlock(`bill run of ${accounts} while readings come`, result.run),
      longestBlock('bill run with second opinion', result.checkedRun),
      longestBlock(`issuing of ${figure(billed / 2)} invoices`, result.issuing),
      longestBlock('printing of invoices', result.printing),
      longestBlock(`comparison of two plans for ${figure(result.compared)} accounts`, result.comparing),
      longestBlock(`flush that changes ${figure(result.candidates)} issued invoices`, result.raising),
    ];
  });
}

function longestBlock(what: string, { ms, blockMs, blockCpuMs }: Watched): Row {
  return {
    what: `event loop, ${what}: longest block`,
    ours: `${figure(blockMs)} ms, of which ours ${figure(blockCpuMs)} ms, in ${figure(ms / 1000)} s`,
    mark: atMost(blockMs, 20, 'ms'),
  };
}

async function withHome<T>(count: number, act: (home: BenchHome) => Promise<T>): Promise<T> {
  const home = makeHome(count);
  try {
    return await act(home);
  } finally {
    home.remove();
  }
}

function script(name: string): string {
  return join(import.meta.dirname, name);
}

function rate(results: LoadResult[]): number {
  return median(results.map(({ requestsPerSecond }) => requestsPerSecond));
}

function describe(results: LoadResult[], batch: number, what = 'readings'): string {
  const p50 = median(results.map(({ p50Ms }) => p50Ms));
  const p99 = median(results.map(({ p99Ms }) => p99Ms));
  return `${figure(rate(results) * batch)} ${what}/s  p50 ${figure(p50)} ms  p99 ${figure(p99)} ms`;
}

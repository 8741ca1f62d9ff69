import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { FoundProblems, listedMax } from '../../src/imports/found-problems.ts';
import { type ImportProblem, problemAt } from '../../src/imports/problem.ts';
import { problemsCsv } from '../../src/imports/problems-csv.ts';
import { type TestHouse, testHouse } from '../open-house.ts';

const problem = (line: number, rule = 'N12-20', severity: 'error' | 'warning' = 'error'): ImportProblem =>
  problemAt('', line, { rule, severity, says: 'wrong', action: severity === 'error' ? 'rejected' : 'ignored' });

const pause = () => Promise.resolve();

describe('problems that are found', () => {
  it('are kept in their order, whenever they are handed on, and those taken back are not', async () => {
    const rows: ImportProblem[] = [];
    const found = new FoundProblems({
      keep: (position, problems) => {
        expect(position).toBe(rows.length);
        expect(problems.length).toBeLessThanOrEqual(500);
        rows.push(...problems);
      },
      cut: position => rows.splice(Math.max(position, rows.length - 300)).length > 0,
    });
    for (let line = 1; line <= 1200; line++) found.add(problem(line));
    await found.keep(pause);
    found.add(problem(1201));
    const takeBack = found.mark();
    for (let line = 1; line <= 700; line++) found.add(problem(line, 'D10-18'));
    await found.keep(pause);
    expect(rows).toHaveLength(1901);
    await takeBack(pause);
    expect(rows).toHaveLength(1201);
    found.add(problem(1202, 'N12-4', 'warning'));
    await found.keep(pause);
    expect(rows.map(({ line }) => line)).toEqual(Array.from({ length: 1202 }, (_, at) => at + 1));
    expect(found.rejected).toBe(1201);
    expect(found.rules).toMatchObject([
      { rule: 'N12-20', count: 1201, example: 'line 1, column 1: wrong' },
      { rule: 'N12-4', count: 1, severity: 'warning' },
    ]);
    expect(found.list()).toEqual([]);
  });

  it('that nobody keeps are counted, the first of them listed, and how many are not', () => {
    const found = new FoundProblems();
    for (let line = 1; line <= listedMax + 5; line++) found.add(problem(line));
    expect(found.list()).toHaveLength(listedMax + 1);
    expect(found.list().at(-1)).toMatchObject({ rule: 'X-3', message: expect.stringContaining('5 more problems') });
    expect(found.rejected).toBe(listedMax + 5);
  });
});

describe('a file with more bad lines than anybody lists', () => {
  const bad = listedMax + 2_000;
  const lines = Array.from(
    { length: bad },
    (_, at) => `300,202610${at % 2 === 0 ? '32' : 'xx'},1,2,3,A,,,20261101000000,`,
  );
  const content = [
    '100,NEM12,202611020000,MDP,RETAILER',
    '200,6001000017,E1,1,E1,,METER1,KWH,480,',
    ...lines,
    '300,20261001,1,2,3,A,,,20261101000000,',
    '900',
    '',
  ].join('\r\n');

  async function imported({ house }: TestHouse, dryRun: boolean, strict: boolean) {
    const kept = await house.importQueue.keep(Readable.from([Buffer.from(content)]), { dryRun });
    const order = { ...kept, name: 'bad.csv', strict, importedBy: 'test', profile: '', meterPoint: '' };
    const { id } = house.importQueue.order(order, { dryRun });
    return house.importQueue.settled(id);
  }

  it.each([false, true])('has all of them in its table and CSV, counted by rule (strict: %s)', async strict => {
    const test = await testHouse();
    const { importQueue: queue } = test.house;
    const run = await imported(test, false, strict);
    expect(run.report?.counts).toMatchObject({ new: strict ? 0 : 3, rejected: bad });
    expect(queue.runs.countProblems(run.id, { action: 'rejected' })).toBe(bad);
    expect(queue.runs.countByRule(run.id)).toMatchObject([
      { rule: 'N12-29', count: bad },
      { rule: 'N12-21', count: 1 },
    ]);
    expect(queue.runs.countByRule(run.id)).toEqual(
      test.house.imports
        .countByRule(run.id)
        .map(({ rule, severity, action, count, example }) => ({ rule, severity, action, count, example })),
    );
    const csv = [...problemsCsv(queue.runs, run, { action: 'rejected' })].join('').trimEnd().split('\r\n');
    expect(csv).toHaveLength(bad + 1);
    expect(csv.slice(1).every((row, at) => row.startsWith(`bad.csv,,${at + 3},`))).toBe(true);
    expect(queue.runs.countProblems(run.id, { search: 'xx' })).toBe(bad / 2);
  });

  it('is rehearsed with the first of them, and with how many there are', async () => {
    const test = await testHouse();
    const { importQueue: queue } = test.house;
    const run = await imported(test, true, false);
    expect(run.report?.counts).toMatchObject({ new: 3, rejected: bad });
    expect(queue.runs.countByRule(run.id)).toMatchObject([{ count: bad }, { count: 1 }]);
    const listed = queue.runs.listProblems(run.id, {}, 1e6, 0);
    expect(listed).toHaveLength(listedMax + 1);
    expect(listed.at(-1)).toMatchObject({ rule: 'X-3', message: expect.stringContaining('2001 more') });
    expect(queue.runs.countProblems(run.id)).toBe(listedMax + 1);
  });
});

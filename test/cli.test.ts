import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  type Dirent,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { run } from '../src/cli.ts';
import { commands } from '../src/commands/index.ts';
import { variables } from '../src/config.ts';
import { acquireLock, type Lock } from '../src/kernel/lock.ts';
import { fileHeader, frameGroup } from '../src/readings/journal-frame.ts';
import { cli, createKey, type Finished, mainFile, nodeOfProject, startServer, temporaryHome } from './server.ts';
import { d0010File, nem12File } from './trade-files.ts';

const nmi = '6001000017';

/** A file in a home, to be imported from there. */
function fileIn(home: string, name: string, content: string | Uint8Array): string {
  const path = join(home, name);
  writeFileSync(path, content);
  return path;
}

const linesOf = ({ stdout }: Finished) => stdout.trim().split('\n');
const objectsOf = (finished: Finished) => linesOf(finished).map(line => JSON.parse(line) as Record<string, unknown>);

/** The same command line in this process: starting one takes half a second, and for help and wrong usage nothing else differs. */
async function here(home: string, words: string[], environment: Record<string, string> = {}): Promise<Finished> {
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[stream], 'write').mockImplementation(text => {
      said[stream] += text;
      return true;
    });
  }
  for (const [name, value] of Object.entries({ WATTLEDGER_HOME: home, ...environment })) vi.stubEnv(name, value);
  try {
    return { code: await run(words), ...said };
  } finally {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  }
}

// Half a minute of waiting, begun before everything else so that nobody waits for it.
const heldHome = temporaryHome();
let held: { lock: Lock | undefined; waiting: Promise<Finished> };
beforeAll(() => {
  const lock = acquireLock(join(heldHome, 'data', 'owner.lock'));
  held = { lock, waiting: cli(heldHome, ['bill', '--month', '2025-10']) };
});
afterAll(() => held.lock?.release());

/** Whether the home has the whole of a file that is to be imported. */
function isFileKept(home: string): boolean {
  const folder = join(home, 'data', 'imports');
  return existsSync(folder) && readdirSync(folder).some(name => name.length === 64);
}

describe('help', () => {
  it('lists every command and every variable, and is no error', async () => {
    const { code, stdout, stderr } = await cli(temporaryHome(), ['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const { name } of commands) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
    for (const { name } of variables) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
    expect(stdout).toContain('Exit: 0 ok · 1 some input was rejected · 2 wrong usage · 3 storage');
    expect(await here(temporaryHome(), [])).toEqual({ code, stdout, stderr });
  });

  it.each([
    [['plan', '--help'], 0, /^Commands.*\n {2}plan import FILE .*\n {2}plan schema .*\n$/],
    [['help', 'plan'], 0, /^Commands.*\n {2}plan import FILE /],
    [['help', 'bill'], 0, /^Usage: wattledger bill /],
    [['user'], 2, /^wattledger: there is no command "user"\.\nCommands.*\n {2}user add NAME /],
    [['fly', '--help'], 2, /^wattledger: there is no command "fly --help"\.\n"wattledger --help" lists them all\.\n$/],
  ] as const)('of %j is of what begins with these words', async (words, code, said) => {
    const finished = await here(temporaryHome(), [...words]);
    expect(finished.code).toBe(code);
    expect([finished.stdout, finished.stderr][code === 0 ? 0 : 1]).toMatch(said);
    expect([finished.stdout, finished.stderr][code === 0 ? 1 : 0]).toBe('');
  });

  it('is folded for a window of usual size', async () => {
    const { stdout } = await here(temporaryHome(), ['--help']);
    expect(stdout.split('\n').filter(line => line.length > 120)).toEqual([]);
  });

  it.each(commands.map(({ name }) => name))('of %s shows its options and does nothing', async name => {
    const home = temporaryHome();
    const { code, stdout, stderr } = await here(home, [...name.split(' '), '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^Usage: wattledger ${name}`));
    const { options } = commands.find(each => each.name === name)!;
    for (const option of Object.keys(options)) expect(stdout).toContain(`--${option}`);
    expect(readdirSync(home)).toEqual([]);
  });
});

describe('exit 2: wrong usage', () => {
  it.each([
    [['fly'], 'there is no command "fly"'],
    [['import'], 'name at least one file'],
    [['import', '--fast', 'x'], "Unknown option '--fast'"],
    [['bill'], 'name the month, as in --month 2026-10'],
    [['bill', '--month', '2026-13'], 'name the month'],
    [['bill', 'everything', '--month', '2026-10'], 'everything'],
    [['key', 'create'], 'give the key one name'],
    [['key', 'create', 'two', 'names'], 'give the key one name'],
    [['user', 'add'], 'give the user one name'],
    // What does not apply is not passed over: whoever said it expects something else than what would be done.
    [['import', 'undo', '1', '--strict', '--profile', 'x'], 'and not --strict, --profile'],
    [['import', 'undo', '1', '--expected-kwh', '3'], 'and not --expected-kwh'],
    [['archive', 'rebuild', '--day', '2026-11-21', '--all'], 'say one thing: --day or --all'],
    [['archive', 'rebuild', '--day', '2026-11-21', '--month', '2026-11'], 'say one thing: --day or --month'],
    [['archive', 'rebuild'], 'say which: --day, --month or --all'],
    [['restore', 'folder', '--json'], '--json goes with --verify'],
    [['bill', '--month', '2026-10', '--account', ''], '--account says nothing'],
    [['export', '--format', 'csv', '--meter-point', ''], '--meter-point says nothing'],
    [['bill', '--month', '2026-10', '--account', 'A', '--account', 'B'], '--account may be said once'],
  ])('%j says "%s"', async (words, sentence) => {
    const { code, stdout, stderr } = await here(temporaryHome(), words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(sentence);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it.each([
    ['PORT', 'eighty', 'PORT=8000'],
    ['TIME_ZONE', 'Mars/Olympus', 'TIME_ZONE=Australia/Adelaide'],
    ['SMTP_URL', 'mail.example', 'SMTP_URL=smtp://'],
    ['SMTP_URL', 'smtp://', 'SMTP_URL=smtp://'],
    ['CURRENCY', 'JPY', 'CURRENCY=AUD'],
    ['CURRENCY', 'XYZ', 'CURRENCY=AUD'],
    ['FLUSH_SECONDS', '0', 'FLUSH_SECONDS=60'],
    // The journal would be moved away as a file that nobody can read.
    ['WATTLEDGER_WATCH', 'logs', 'WATTLEDGER_WATCH=in'],
    ['WATTLEDGER_WATCH', './data/imports/', 'WATTLEDGER_WATCH=in'],
    ['WATTLEDGER_WATCH', '.', 'WATTLEDGER_WATCH=in'],
  ])('%s=%s is named with an example of a right one', async (name, value, example) => {
    const home = temporaryHome();
    const { code, stderr } = await here(home, ['serve'], { [name]: value });
    expect(code).toBe(2);
    expect(stderr).toContain(`${name}="${value}" cannot be used`);
    expect(stderr).toContain(`for example ${example}`);
    expect(readdirSync(home)).toEqual([]);
  });

  it('a seller file that is not there is named', async () => {
    const { code, stderr } = await cli(temporaryHome(), ['serve'], { SELLER_FILE: 'nowhere.json' });
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('nowhere.json') });
  });
});

describe('import', () => {
  it.concurrent('takes several files, says one object a line, and ends with 1 when one was bad', async () => {
    const home = temporaryHome();
    const paths = [
      fileIn(home, 'good.csv', nem12File([nmi])),
      fileIn(home, 'invoice.csv', '%PDF-1.7 and so on'),
      join(home, 'missing.csv'),
      fileIn(home, 'backwards.uff', d0010File('100.0', '99.0', '101.0')),
    ];
    const imported = await cli(home, ['import', '--json', ...paths]);
    expect(imported).toMatchObject({ code: 1, stderr: '' });
    const [good, pdf, missing, backwards, ...more] = objectsOf(imported);
    expect(more).toEqual([]);
    expect(good).toMatchObject({ file: 'good.csv', format: 'nem12', counts: { new: 48, rejected: 0 }, problems: [] });
    expect(pdf).toMatchObject({ file: 'invoice.csv', format: 'unknown', counts: { new: 0, rejected: 1 } });
    expect(JSON.stringify(pdf)).toContain('a PDF document');
    expect(missing).toMatchObject({
      file: 'missing.csv',
      refused: 'file-unreadable',
      why: expect.stringContaining('ENOENT'),
    });
    expect(backwards).toMatchObject({ format: 'd0010', counts: { new: 2, rejected: 1 } });
    expect(backwards?.problems).toMatchObject([{ line: 5, rule: 'D10-18', action: 'rejected' }]);

    const again = await cli(home, ['import', paths[0]!, paths[0]!.replace('good', './good')]);
    expect(again.code).toBe(0);
    expect(again.stdout).toContain('✓ good.csv: nem12, 0 new, 48 identical');
    expect(again.stdout).toContain('the same bytes were imported before, as good.csv at ');
  });

  it.concurrent('of nothing but good files ends with 0, in words', async () => {
    const home = temporaryHome();
    const { code, stdout } = await cli(home, ['import', fileIn(home, 'a.csv', nem12File([nmi, '6001000018'], 2))]);
    expect(code).toBe(0);
    expect(stdout).toContain('✓ a.csv: nem12, 192 new');
    expect(stdout).toContain('2 meter points met for the first time');
    // They are many where the file is long, so they are left due, and made by whoever maintains.
    expect(stdout).toContain('"maintain daily" writes them at once');
    expect(existsSync(join(home, 'archive'))).toBe(false);
    expect((await cli(home, ['maintain', 'daily'])).code).toBe(0);
    expect(readdirSync(join(home, 'archive'))).toContain('manifest.json');
  });

  it('says of D0010 files what the D0010 importer said, and a dry run says it too and changes nothing', async () => {
    const home = temporaryHome();
    const [first, second] = [
      fileIn(home, 'a.uff', d0010File('100.0', '101.0', '103.5')),
      fileIn(home, 'b.uff', '%PDF-1.7 and so on'),
    ];
    const dry = await here(home, ['import', 'd0010', first, second, '--dry-run']);
    const expected = [
      'Starting import of 2 file(s)...',
      `✓ ${first}: 3 readings imported`,
      `✗ ${second}: no format knows this file: it looks like a PDF document`,
      'Import completed. Total readings: 3',
      '',
    ].join('\n');
    expect(dry).toMatchObject({ code: 1, stdout: expected, stderr: '' });
    expect(await here(home, ['import', 'd0010', first, second])).toEqual(dry);
    const again = await here(home, ['import', 'd0010', first]);
    expect(again.code).toBe(0);
    expect(again.stdout).toContain(`✓ ${first}: 0 readings imported\nImport completed. Total readings: 0\n`);
  });

  it('takes the files of a folder by name, and a dry run of them changes nothing', async () => {
    const home = temporaryHome();
    const folder = join(home, 'in');
    mkdirSync(join(folder, 'below'), { recursive: true });
    fileIn(folder, 'b.csv', nem12File([nmi]));
    fileIn(folder, 'a.csv', nem12File([nmi], 2));
    fileIn(folder, '.hidden.csv', 'x');
    const dry = await here(home, ['import', '--dry-run', folder]);
    expect(dry.stdout).toContain('✓ a.csv: nem12, 96 new');
    expect(dry.stdout).toContain('✓ b.csv: nem12, 48 new');
    expect(dry.stdout).toContain('(dry run, nothing was changed)');
    const real = await here(home, ['import', '--json', folder]);
    expect(real).toMatchObject({ code: 0, stderr: '' });
    expect(objectsOf(real)).toMatchObject([
      { file: 'a.csv', run: 1, counts: { new: 96 } },
      { file: 'b.csv', run: 2, counts: { new: 0, identical: 48 } },
    ]);
    // A pipe is of the process that opens it: a server that is asked could not say more than that somebody went away.
    const [device, nothing] = [await here(home, ['import', '/dev/zero']), await here(home, ['import', home])];
    expect(device).toMatchObject({ code: 1, stderr: '' });
    expect(device.stdout).toContain('✗ zero: /dev/zero is a pipe or a device');
    expect(nothing).toEqual({ code: 0, stdout: `There are no files in ${home}.\n`, stderr: '' });
  });

  it.concurrent('says what an unknown file looks like', async () => {
    const home = temporaryHome();
    for (const [name, content, words] of [
      ['page.csv', '<!doctype html><title>Sign in</title>', 'a web page, perhaps a login page'],
      ['book.csv', Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'an Excel workbook'],
    ] as const) {
      const { code, stdout } = await cli(home, ['import', fileIn(home, name, content)]);
      expect({ code, stdout }).toMatchObject({ code: 1, stdout: expect.stringContaining(words) });
    }
  });

  it.concurrent('takes nothing of a bad file when it is to be strict', async () => {
    const home = temporaryHome();
    const torn = fileIn(home, 'torn.csv', nem12File([nmi]).replace('900\r\n', ''));
    const strict = await cli(home, ['import', '--strict', '--json', torn]);
    expect(strict.code).toBe(1);
    expect(objectsOf(strict)).toMatchObject([{ counts: { new: 0 } }]);
    expect(objectsOf(await cli(home, ['import', '--json', torn]))).toMatchObject([{ counts: { new: 48 } }]);
  });

  it.concurrent('asks the server when one holds the home, and gets the same report', async () => {
    const home = temporaryHome();
    const path = fileIn(home, 'good.csv', nem12File([nmi]));
    const server = await startServer(home);
    const first = await cli(home, ['import', '--json', path]);
    expect(objectsOf(first)).toMatchObject([{ format: 'nem12', counts: { new: 48 } }]);
    const authorization = `Bearer ${await createKey(home, 'readings:read')}`;
    const answer = await fetch(`${server.url}/v1/meter-points/${nmi}/readings`, { headers: { authorization } });
    const { data } = (await answer.json()) as { data: { source: unknown }[] };
    expect(data).toHaveLength(48);
    expect(data[0]?.source).toMatchObject({ kind: 'import', line: 3 });
    expect((await cli(home, ['import', path])).stdout).toContain('0 new, 48 identical');
    expect(await server.stop()).toBe(0);
    const alone = await cli(home, ['import', '--json', path]);
    expect(alone.code).toBe(0);
    expect(objectsOf(alone)).toMatchObject([
      { counts: { new: 0, identical: 48 }, importedBefore: { file: 'good.csv' } },
    ]);
  });

  it.concurrent('is stopped between two slices with its server, which goes on with it at its next start and says so', async () => {
    const home = temporaryHome();
    const nmis = Array.from({ length: 40 }, (_, at) => String(6_001_000_100 + at));
    const path = fileIn(home, 'big.csv', nem12File(nmis, 60));
    const server = await startServer(home);
    const importing = cli(home, ['import', '--json', path]);
    // The bytes are kept before the first reading is decided.
    while (!isFileKept(home)) await sleep(2);
    expect(await server.stop()).toBe(0);
    const { code, stderr } = await importing;
    // On a quick machine it may be over before the signal comes.
    if (code !== 0) {
      expect(code).toBe(3);
      expect(stderr).toContain('goes on at its next start');
    }
    const key = await createKey(home);
    const next = await startServer(home);
    const run = async () =>
      (await (await fetch(`${next.url}/v1/imports/1`, { headers: { authorization: `Bearer ${key}` } })).json()) as {
        state: string;
        takenUpAgain: number;
        counts: { new: number; identical: number };
      };
    while ((await run()).state !== 'finished') await sleep(20);
    const { counts, takenUpAgain } = await run();
    expect(counts.new + counts.identical).toBe(40 * 60 * 48);
    // On a slow machine the signal comes before the work has begun; the tests of the queue stop it in the middle.
    expect(takenUpAgain).toBeLessThanOrEqual(code === 0 ? 0 : 1);
    expect(await next.stop()).toBe(0);
    // All of it, not what had come when the signal did, is in the archives.
    const archived = readdirSync(join(home, 'archive')).filter(name => name.startsWith('daily_'));
    const rows = archived.map(
      name =>
        readFileSync(join(home, 'archive', name), 'utf8')
          .trim()
          .split('\n').length - 1,
    );
    expect(rows.reduce((sum, count) => sum + count)).toBe(40 * 60 * 48);
  });

  it.concurrent('ends with 3 and says why when the server is killed meanwhile', async () => {
    const home = temporaryHome();
    const nmis = Array.from({ length: 60 }, (_, at) => String(6_001_000_100 + at));
    const path = fileIn(home, 'big.csv', nem12File(nmis, 60));
    const server = await startServer(home);
    const importing = cli(home, ['import', '--json', path]);
    while (!isFileKept(home)) await sleep(2);
    await server.kill9();
    const { code, stderr } = await importing;
    expect({ code, stderr }).toMatchObject({ code: 3, stderr: expect.stringContaining('ended before it answered') });
    expect(stderr).not.toMatch(/\n\s+at /);
    // What it took already is known now; the rest comes with the second try, and nothing twice.
    const [report] = objectsOf(await cli(home, ['import', '--json', path]));
    const { new: added, identical } = report!.counts as { new: number; identical: number };
    expect(added + identical).toBe(60 * 60 * 48);
    expect(report).toMatchObject({ counts: { conflicting: 0, rejected: 0 }, problems: [] });
    expect(report).not.toHaveProperty('importedBefore');
  });
});

describe('export', () => {
  it('takes the place of a file, behind its link, and never of a pipe, a folder or a link that leads nowhere', async () => {
    const home = temporaryHome();
    expect((await here(home, ['import', fileIn(home, 'in.csv', nem12File([nmi]))])).code).toBe(0);
    const out = join(home, 'out');
    mkdirSync(join(out, 'folder'), { recursive: true });
    spawnSync('mkfifo', [join(out, 'pipe')]);
    for (const name of ['file', 'target', 'standard-output']) fileIn(out, name, 'old');
    symlinkSync(join(out, 'target'), join(out, 'link'));
    symlinkSync(join(out, 'pipe'), join(out, 'link-to-pipe'));
    symlinkSync(join(out, 'gone'), join(out, 'link-to-nothing'));
    const listed = () => readdirSync(out, { withFileTypes: true }).map(each => `${each.name} ${kindOf(each)}`);
    const before = listed();
    const words = ['export', '--format', 'csv', '--out'];
    for (const [name, why] of [
      ['folder', 'folder is no file'],
      ['pipe', 'pipe is no file'],
      ['link-to-pipe', 'link-to-pipe is no file'],
      ['link-to-nothing', 'link-to-nothing is no file'],
      ['file/below.csv', 'file is no folder'],
    ] as const)
      expect(await here(home, [...words, join(out, name)])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(why),
      });
    for (const name of ['file', 'link']) expect((await here(home, [...words, join(out, name)])).code).toBe(0);
    const written = readFileSync(join(out, 'file'), 'utf8');
    expect(written).toContain(nmi);
    expect(readFileSync(join(out, 'target'), 'utf8')).toBe(written);
    // As with --out /dev/stdout >> FILE, where what stands in it already would be lost.
    const open = openSync(join(out, 'standard-output'), 'a');
    const { status, stderr } = spawnSync(nodeOfProject, [mainFile, ...words, join(out, 'standard-output')], {
      ...{ env: { ...process.env, WATTLEDGER_HOME: home }, stdio: ['ignore', open, 'pipe'], encoding: 'utf8' },
    });
    closeSync(open);
    expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringContaining('is standard output') });
    expect(readFileSync(join(out, 'standard-output'), 'utf8')).toBe('old');
    expect(listed()).toEqual(before);
  });

  const kindOf = (each: Dirent) =>
    each.isFile() ? 'file' : each.isFIFO() ? 'pipe' : each.isSymbolicLink() ? 'link' : 'folder';
});

describe('keys and users', () => {
  it.concurrent('are made while no server runs and while one does, and are good at once', async () => {
    const home = temporaryHome();
    const made = await cli(home, ['key', 'create', 'meters', '--json']);
    expect(made.code).toBe(0);
    const before = JSON.parse(made.stdout) as { key: string };
    expect(before).toMatchObject({
      key: expect.stringMatching(/^wl_/),
      id: 1,
      name: 'meters',
      scopes: ['readings:write'],
    });
    const server = await startServer(home);
    const during = await createKey(home, 'accounts:read,bills:read');
    const status = async (key: string, path: string) =>
      (await fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${key}` } })).status;
    expect(await status(before.key, '/v1/accounts')).toBe(403);
    expect(await status(during, '/v1/accounts')).toBe(200);
    expect(await status(`${during}x`, '/v1/accounts')).toBe(401);

    const user = await cli(home, ['user', 'add', 'ana', '--role', 'viewer', '--json']);
    expect(JSON.parse(user.stdout)).toEqual({ user: 'ana', role: 'viewer', password: expect.any(String) });
    const twice = await cli(home, ['user', 'add', 'Ana']);
    expect(twice).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('(user-exists)') });
    const scope = await cli(home, ['key', 'create', 'x', '--scopes', 'everything']);
    expect(scope).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no scope "everything"') });
    await server.stop();
  });
});

describe('exit 3: storage', () => {
  it.concurrent('what breaks inside the server is no fault of the file', async () => {
    const home = temporaryHome();
    const server = await startServer(home);
    // Where the bytes of imported files are to be kept stands something else.
    writeFileSync(join(home, 'data', 'imports'), '');
    // Also when the server knows before it has all of the file.
    for (const text of [nem12File([nmi]), 'x'.repeat(20_000_000)]) {
      const { code, stdout, stderr } = await cli(home, ['import', fileIn(home, 'good.csv', text)]);
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
      expect(stderr).toContain('See the log of the server.');
      expect(stderr).not.toContain('the server ended');
    }
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    await server.stop();
  });

  it.concurrent('a damaged journal stops server and command, names the byte, and is left as it is', async () => {
    const home = temporaryHome();
    const path = join(home, 'logs', 'readings-2026-01-01.log');
    const header = Buffer.from(fileHeader('2026-01-01'));
    const first = frameGroup(1, 0, 'v 1 1767225600 100 0 0 1 0 0 1767225600 0\n');
    const second = frameGroup(2, first.checksum, 'v 1 1767227400 101 0 0 1 0 0 1767227400 0\n');
    const bytes = Buffer.concat([header, first.bytes, second.bytes]);
    bytes[header.length + first.bytes.length - 5]! ^= 1;
    mkdirSync(join(home, 'logs'));
    writeFileSync(path, bytes);
    for (const words of [['serve'], ['import', fileIn(home, 'good.csv', nem12File([nmi]))]]) {
      const { code, stdout, stderr } = await cli(home, words, { PORT: '0' });
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
      expect(stderr).toContain(`${path} is damaged at byte ${header.length}`);
      expect(stderr).toContain('Restore the file from a backup');
      expect(stderr).not.toMatch(/\n\s+at /);
    }
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  it.concurrent.each([
    [
      'a database that is none',
      (home: string) => fileIn(home, 'data/wattledger.db', 'x'.repeat(9000)),
      'wattledger.db',
    ],
    ['a file where a folder belongs', (home: string) => fileIn(home, 'logs', ''), 'logs'],
  ])('%s is named in a sentence', async (_what, spoil, name) => {
    const home = temporaryHome();
    mkdirSync(join(home, 'data'));
    spoil(home);
    const { code, stdout, stderr } = await cli(home, ['serve'], { PORT: '0' });
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain(join(home, name.endsWith('.db') ? join('data', name) : name));
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it.concurrent('a journal that speaks of meters the database does not have is refused', async () => {
    const home = temporaryHome();
    const server = await startServer(home);
    const headers = { authorization: `Bearer ${await createKey(home)}`, 'content-type': 'application/json' };
    await fetch(`${server.url}/register_account?owner_name=O&address=S&meter_id=m-1`, {
      method: 'POST',
      headers: { authorization: headers.authorization },
    });
    const body = JSON.stringify({ meterPoint: 'm-1', at: '2025-10-01T00:00:00Z', value: '1' });
    expect((await fetch(`${server.url}/v1/readings`, { method: 'POST', headers, body })).status).toBe(200);
    await server.kill9();
    // As when the database alone is lost, or comes from an older backup: its next meter would get these readings.
    for (const name of readdirSync(join(home, 'data')).filter(each => each.startsWith('wattledger.db'))) {
      rmSync(join(home, 'data', name));
    }
    const { code, stdout, stderr } = await cli(home, ['serve'], { PORT: '0' });
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain('wattledger.db is older than the readings journal');
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it.concurrent('a port that is taken is named in a sentence', async () => {
    const server = await startServer(temporaryHome());
    const { port } = new URL(server.url);
    const { code, stdout, stderr } = await cli(temporaryHome(), ['serve'], { PORT: port });
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain(`127.0.0.1:${port}`);
    expect(stderr).toContain('set PORT to another');
    expect(stderr).not.toMatch(/\n\s+at /);
    await server.stop();
  });

  it.concurrent('a command that never says all it wants does not keep the server from ending', async () => {
    const home = temporaryHome();
    const server = await startServer(home);
    const socket = connect(join(home, 'data', 'control.sock'));
    socket.on('error', () => undefined);
    socket.write('POST /import-file HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n100,');
    await once(socket, 'connect');
    expect(await server.stop()).toBe(0);
    socket.destroy();
  });

  it.concurrent('a home that another server holds is refused at once', async () => {
    const home = temporaryHome();
    const server = await startServer(home);
    const second = await cli(home, ['serve'], { PORT: '0' });
    expect(second).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining(`${home} is in use`) });
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    await server.stop();
  });

  it.concurrent('a home that is held for a moment is waited for', async () => {
    const home = temporaryHome();
    const lock = acquireLock(join(home, 'data', 'owner.lock'));
    const billing = cli(home, ['bill', '--month', '2025-10']);
    await sleep(1000);
    lock?.release();
    expect(await billing).toMatchObject({ code: 0, stdout: '0 issued, 0 parked, 0 mailed.\n', stderr: '' });
  });

  it('a home whose holder does not answer is given up after half a minute', async () => {
    const { code, stdout, stderr } = await held.waiting;
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain(`${heldHome} is in use by another wattledger that does not answer`);
  });
});

/** A Node of this machine that is too old for the project. */
const oldNode = ['/usr/bin/node', '/usr/local/bin/node'].find(path => {
  const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  return /^v(1\d|2[0-3])\./.test(stdout ?? '');
});
if (!oldNode) console.warn('SKIPPED: no Node older than 24 is installed, so its refusal cannot be tried');

describe.skipIf(!oldNode)('a Node that is too old', () => {
  it('is told in one sentence, with what to do', () => {
    const { status, stdout, stderr } = spawnSync(oldNode!, [mainFile, 'serve'], { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^wattledger needs Node 24\.\d+ or newer and this is [\d.]+: run it by .*\n$/);
  });
});

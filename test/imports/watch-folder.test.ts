import {
  appendFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { WatchFolder } from '../../src/imports/watch-folder.ts';
import { type TestHouse, testHouse } from '../open-house.ts';
import { nem12, nem12WithBadLine } from './nem12-text.ts';

interface Watched extends TestHouse {
  folder: string;
  watch: WatchFolder;
  /** A look, and what it took is put away. */
  look(): Promise<void>;
  put(name: string, text: string): void;
  files(below?: string): string[];
  report(path: string): { state: string; report: { counts: Record<string, number> } };
}

async function watched(bytesMax?: number): Promise<Watched> {
  const test = await testHouse();
  const folder = join(test.home, 'in');
  mkdirSync(folder);
  const { importQueue: queue, imports, log } = test.house;
  const watch = new WatchFolder({ folder, queue, imports, log, ...(bytesMax !== undefined && { bytesMax }) });
  return {
    ...test,
    folder,
    watch,
    look: async () => {
      await watch.look();
      await watch.quiet();
    },
    put: (name, text) => writeFileSync(join(folder, name), text),
    files: (below = '') => readdirSync(join(folder, below)).sort(),
    report: path => JSON.parse(readFileSync(join(folder, `${path}.report.json`), 'utf8')),
  };
}

const whole = nem12('2001000016', ['20261101']);
const withoutTrailer = whole.replace('900\r\n', '');

describe('a watched folder', () => {
  it('takes a file with its trailer at once and puts it away with a report that a person can read', async () => {
    const { look, put, files, report, folder } = await watched();
    put('a.csv', nem12WithBadLine('2001000016'));
    await look();
    expect(files()).toEqual(['failed', 'processed']);
    expect(files('processed')).toEqual(['a.csv', 'a.csv.report.json', 'a.csv.report.txt']);
    expect(report('processed/a.csv')).toMatchObject({
      state: 'finished',
      report: { counts: { new: 48, rejected: 1 } },
    });
    const text = readFileSync(join(folder, 'processed/a.csv.report.txt'), 'utf8');
    for (const words of ['48 new', 'E1: 48 readings', '24 kWh', 'line 4, column', '"5x6"'])
      expect(text).toContain(words);
  });

  it('waits while somebody writes, and takes what two looks found the same', async () => {
    const { look, put, files, folder } = await watched();
    put('slow.csv', withoutTrailer.slice(0, 100));
    await look();
    appendFileSync(join(folder, 'slow.csv'), withoutTrailer.slice(100));
    await look();
    expect(files('processed')).toEqual([]);
    await look();
    expect(files('processed')).toContain('slow.csv');
  });

  it('leaves NAME.part alone, however long it stands, and takes it as soon as it is renamed', async () => {
    const { look, put, files, folder } = await watched();
    put('b.csv.part', withoutTrailer);
    for (let looks = 0; looks < 3; looks += 1) await look();
    expect(files('processed')).toEqual([]);
    renameSync(join(folder, 'b.csv.part'), join(folder, 'b.csv'));
    await look();
    expect(files('processed')).toContain('b.csv');
  });

  it('knows the same name with new content from the old one, and keeps both', async () => {
    const { look, put, files, report } = await watched();
    put('a.csv', whole);
    await look();
    put('a.csv', nem12('2001000016', ['20261102']));
    await look();
    expect(files('processed').filter(name => !name.includes('report'))).toEqual(['a.csv', 'a.csv.2']);
    expect(report('processed/a.csv.2')).toMatchObject({ report: { counts: { new: 48 } } });
    put('again.csv', whole);
    await look();
    expect(report('processed/again.csv')).toMatchObject({ report: { counts: { new: 0, identical: 48 } } });
  });

  it('puts a file apart that replaced another while that was imported', async () => {
    const { watch, look, put, files, house } = await watched();
    put('a.csv', whole);
    await watch.look();
    // The import has its own copy; the path has another content by the time it is over.
    put('a.csv', nem12('2001000024', ['20261101', '20261102']));
    await watch.quiet();
    expect(files()).toContain('a.csv');
    await look();
    expect(files('processed').filter(name => !name.includes('report'))).not.toEqual([]);
    expect(['2001000016', '2001000024'].map(nmi => house.meterPoints.find(nmi)?.identifier)).toEqual([
      '2001000016',
      '2001000024',
    ]);
  });

  it('goes on when a file is deleted between two looks or while it is imported', async () => {
    const { watch, look, put, files, folder } = await watched();
    put('gone.csv', withoutTrailer);
    await look();
    rmSync(join(folder, 'gone.csv'));
    put('c.csv', whole);
    await watch.look();
    rmSync(join(folder, 'c.csv'));
    await watch.quiet();
    await look();
    expect(files('processed')).toEqual(['c.csv.report.json', 'c.csv.report.txt']);
    expect(files('failed')).toEqual([]);
  });

  it('never follows a link, and sets it aside', async () => {
    const { look, put, files, home, folder, house } = await watched();
    writeFileSync(join(home, 'secret.csv'), whole);
    symlinkSync(join(home, 'secret.csv'), join(folder, 'link.csv'));
    symlinkSync('/dev/zero', join(folder, 'zero.csv'));
    symlinkSync(home, join(folder, 'folder'));
    mkdirSync(join(folder, 'below'));
    put('below/inside.csv', whole);
    linkSync(join(home, 'secret.csv'), join(folder, '.hidden.csv'));
    await look();
    await look();
    expect(files()).toEqual(['.hidden.csv', 'below', 'failed', 'processed']);
    expect(files('failed').filter(name => !name.includes('report'))).toEqual(['folder', 'link.csv', 'zero.csv']);
    expect(readFileSync(join(folder, 'failed/link.csv.report.txt'), 'utf8')).toContain('never followed');
    expect(existsSync(join(home, 'secret.csv'))).toBe(true);
    expect(house.imports.count()).toBe(0);
  });

  it('sets aside what is empty and what is larger than is read, unread', async () => {
    const { look, put, files, folder, house } = await watched(1e6);
    put('empty.csv', '');
    put('sparse.csv', '');
    truncateSync(join(folder, 'sparse.csv'), 2e9);
    await look();
    await look();
    expect(files('failed').filter(name => !name.includes('report'))).toEqual(['empty.csv', 'sparse.csv']);
    expect(readFileSync(join(folder, 'failed/sparse.csv.report.txt'), 'utf8')).toContain('2000000000 bytes');
    expect(house.imports.count()).toBe(0);
  });

  it('shows and keeps names without what a terminal or a page would obey', async () => {
    const { look, files, folder, house } = await watched();
    writeFileSync(join(folder, 'a\n\x1b[31m\u202e.csv'), whole);
    // A name that is no UTF-8.
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0x66, 0xff, 0x2e, 0x63])]), whole);
    await look();
    expect(files()).toEqual(['failed', 'processed']);
    expect(files('processed').filter(name => !name.includes('report'))).toEqual(['a__[31m_.csv', 'f\ufffd.c']);
    expect(house.imports.list().map(({ name }) => name)).toEqual(['f\ufffd.c', 'a__[31m_.csv']);
  });

  it('puts a file of which nothing entered to the failed ones, from where it can be tried again', async () => {
    const { look, put, files, watch } = await watched();
    put('letter.txt', 'Dear Sir or Madam,\n');
    await look();
    await look();
    expect(files('failed')).toContain('letter.txt');
    expect(watch.listPutAway('failed')).toMatchObject([{ name: 'letter.txt', report: 'letter.txt.report.txt' }]);
    expect(() => watch.retry('../processed')).toThrow('there is no failed file');
    watch.retry('letter.txt');
    expect(files()).toContain('letter.txt');
    expect(files('failed')).toEqual([]);
    expect(watch.listWaiting()).toEqual([{ name: 'letter.txt', size: 19, run: undefined }]);
  });

  it('looks at nothing while reception is off', async () => {
    const { look, put, files, house } = await watched();
    house.reception.stop('test');
    put('a.csv', whole);
    await look();
    expect(files()).toEqual(['a.csv']);
    house.reception.resume('test');
    await look();
    expect(files('processed')).toContain('a.csv');
  });
});

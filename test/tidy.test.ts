import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { refusals } from '../src/kernel/errors.ts';

const root = join(import.meta.dirname, '..');
const source = join(root, 'src');

interface SourceFile {
  /** Below src/, "readings/journal.ts". */
  name: string;
  text: string;
  /** Files of src/ it imports, types included, or starts as a thread. */
  imports: string[];
}

const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter(name => /\.(ts|js)$/.test(name))
  .map(name => name.replaceAll('\\', '/'))
  .map((name): SourceFile => {
    const text = readFileSync(join(source, name), 'utf8');
    const imports = [...text.matchAll(/(?:from|import|new Worker\(new URL)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)].map(match =>
      normalize(join(dirname(name), match[1]!)).replaceAll('\\', '/'),
    );
    return { name, text, imports: imports.filter(each => !each.startsWith('..')) };
  });

/** What each file of src/ loads as it is loaded: types are taken out. */
const loads = new Map(
  files.map(({ name, text }) => [
    name,
    [...text.matchAll(/^(?:import|export)(?! type)[^;]*?from '(\.{1,2}\/[^']+)'/gm)].map(match =>
      normalize(join(dirname(name), match[1]!)).replaceAll('\\', '/'),
    ),
  ]),
);

/** From the street to the foundations: a room may import its own floor's room and everything below (src/README.md). */
const floors = [
  ['main.js'],
  ['cli.ts'],
  ['commands'],
  ['demo'],
  ['serve.ts'],
  ['lock-home.ts'],
  ['app.ts', 'control.ts'],
  ['operations.ts'],
  ['admin', 'compat', 'jobs', 'ops', 'safekeeping'],
  ['house.ts'],
  ['settings'],
  ['config.ts'],
  ['collections'],
  ['billing'],
  ['ledger', 'tariffs', 'imports', 'exports', 'maintenance'],
  ['consumption'],
  ['readings'],
  ['accounts'],
  ['access'],
  ['http'],
  ['units'],
  ['kernel'],
];

function roomOf(name: string): string {
  return name.includes('/') ? name.slice(0, name.indexOf('/')) : name;
}

function floorOf(name: string): number {
  return floors.findIndex(rooms => rooms.includes(roomOf(name)));
}

describe('the house is tidy', () => {
  it('has a floor for every room', () => {
    expect(files.filter(({ name }) => floorOf(name) < 0).map(({ name }) => name)).toEqual([]);
  });

  it('imports downward only', () => {
    const upward = files.flatMap(({ name, imports }) =>
      imports
        .filter(other => roomOf(other) !== roomOf(name))
        .filter(other => floorOf(other) <= floorOf(name))
        .map(other => `${name} → ${other}`),
    );
    expect(upward).toEqual([]);
  });

  it('loads no file that waits for itself', () => {
    const waiting: string[] = [];
    const loaded = new Set<string>();
    const load = (name: string) => {
      if (waiting.includes(name)) return [[...waiting.slice(waiting.indexOf(name)), name].join(' → ')];
      if (loaded.has(name)) return [];
      waiting.push(name);
      const circles: string[] = (loads.get(name) ?? []).flatMap(load);
      loaded.add(waiting.pop()!);
      return circles;
    };
    expect(files.flatMap(({ name }) => load(name))).toEqual([]);
  });

  it('has no file that nothing uses', () => {
    const used = new Set(files.flatMap(({ imports }) => imports));
    const dead = files.map(({ name }) => name).filter(name => !used.has(name) && name !== 'main.js');
    expect(dead).toEqual([]);
  });

  it('imports only files that are there', () => {
    const names = new Set(files.map(({ name }) => name));
    const missing = files.flatMap(({ name, imports }) =>
      imports.filter(other => !names.has(other)).map(other => `${name} → ${other}`),
    );
    expect(missing).toEqual([]);
  });

  it('speaks SQL in stores and in kernel/database.ts alone', () => {
    const sql = /\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE TABLE)\s+[\w*(`]/;
    const speaking = files
      .filter(({ name, text }) => sql.test(withoutComments(text)) && !/-store\.ts$/.test(name))
      .map(({ name }) => name);
    expect(speaking).toEqual(['kernel/database.ts']);
  });

  it('asks for the time in kernel/clock.ts alone', () => {
    const asking = files
      .filter(({ text }) => /Date\.now\(|new Date\(\)|Temporal\.Now/.test(withoutComments(text)))
      .map(({ name }) => name);
    // The simulated meters stand outside the house, as real ones do.
    expect(asking.sort()).toEqual(['demo/simulated-meters.ts', 'kernel/clock.ts']);
  });

  it('writes files in kernel/files.ts and readings/journal-file.ts alone', () => {
    const writing = files
      .filter(({ text }) =>
        /\b(writeFileSync|writeSync|appendFileSync|createWriteStream|writeFile)\(/.test(withoutComments(text)),
      )
      .map(({ name }) => name);
    expect(writing.sort()).toEqual(['kernel/files.ts', 'readings/journal-file.ts']);
  });

  it('keeps money out of binary fractions', () => {
    const rooms = ['tariffs', 'billing', 'ledger', 'collections'];
    const floating = files
      .filter(
        ({ name, text }) => rooms.includes(roomOf(name)) && /parseFloat\(|\.toFixed\(/.test(withoutComments(text)),
      )
      .map(({ name }) => name);
    expect(floating).toEqual([]);
  });

  it('keeps nouns pure: no disk, no database, no network, no clock', () => {
    // By the last word of the name (src/README.md): what is no store, route, page, journal, file or verb of the edge is a noun.
    const nouns = [
      'units',
      'ledger/posting.ts',
      'readings/judge.ts',
      'readings/reading.ts',
      'readings/day-block.ts',
      'readings/bits.ts',
    ];
    const impure = files
      .filter(
        ({ name }) =>
          nouns.some(noun => name === noun || name.startsWith(`${noun}/`)) ||
          /^tariffs\/(?!.*-(store|routes)\.ts)/.test(name),
      )
      .filter(({ text }) =>
        /from 'node:(fs|http|net|child_process)|better-sqlite3|kernel\/(database|clock|files)/.test(text),
      )
      .map(({ name }) => name);
    expect(impure).toEqual([]);
  });

  it('raises every refusal it documents and documents every one it raises', () => {
    const text = files
      .filter(({ name }) => name !== 'kernel/errors.ts')
      .map(each => each.text)
      .join('\n');
    const unused = Object.keys(refusals).filter(code => !text.includes(`'${code}'`));
    expect(unused).toEqual([]);
    const raised = [...text.matchAll(/new Refusal\(\s*'([^']+)'/g)].map(match => match[1]!);
    expect(raised.filter(code => !(code in refusals))).toEqual([]);
  });

  it.each([
    ['imports/formats', /export const (\w+): Format\b/],
    ['exports/formats', /export const (\w+): ExportFormat\b/],
    ['tariffs/components', /export const (\w+) = component\(/],
    ['admin/pages', /export const (\w+): AdminPage\b/],
    ['commands', /export const (\w+): Command\b/],
  ])('lists everything %s declares in its index', (folder, declaration) => {
    const index = files.find(({ name }) => name === `${folder}/index.ts`)!.text;
    const declared = files
      .filter(({ name }) => dirname(name) === folder && !name.endsWith('/index.ts'))
      .flatMap(({ text }) => declaration.exec(text)?.[1] ?? []);
    expect(declared.length).toBeGreaterThan(0);
    expect(declared.filter(name => !new RegExp(`\\b${name}\\b`).test(index))).toEqual([]);
  });

  it('has no export that nothing outside its file uses', () => {
    const others = [...files, ...testFiles()];
    const lonely = files.flatMap(({ name, text }) =>
      [...text.matchAll(/^export (?:async )?(?:const|function\*?|class) (\w+)/gm)]
        .map(match => match[1]!)
        .filter(
          exported => !others.some(other => other.name !== name && new RegExp(`\\b${exported}\\b`).test(other.text)),
        )
        .map(exported => `${name}: ${exported}`),
    );
    expect(lonely).toEqual([]);
  });

  it('says nothing of the machine it was written on', () => {
    const paths = files.filter(({ text }) => /\/(work|root|home|tmp)\//.test(text)).map(({ name }) => name);
    expect(paths).toEqual([]);
  });
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');
}

function testFiles(): SourceFile[] {
  const folder = join(root, 'test');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => ({
      name: relative(root, join(folder, name)),
      text: readFileSync(join(folder, name), 'utf8'),
      imports: [],
    }));
}

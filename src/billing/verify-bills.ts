import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Refusal } from '../kernel/errors.ts';
import { type BillCase, billCaseSchema } from './bill-case.ts';
import { judgeBillCase } from './judge-bill-case.ts';
import { type CaseBills, runBillCase } from './run-bill-case.ts';

export interface CaseVerdict {
  /** The file's name without .json. */
  case: string;
  verdict: 'green' | 'red';
  expected: BillCase['expected'] | null;
  /** Our bills, or the refusal in their place; null when the case could not be read. */
  ours: CaseBills | { refused: { code: string; says: string } } | null;
  /** Every difference; '' when green. */
  why: string;
}

/** A text file beside the cases that names further folders of series, relative to it, one a line. */
const seriesPathFile = 'series.path';

/**
 * Runs every case of `folder` (its *.json files) through the code that bills customers. Series files are looked for beside the cases,
 * in the folders of `seriesFolders`, then in those that series.path names. Nothing is written. A case that cannot be run is red and
 * says why: a plan field nobody can bill, a series file that is not there.
 */
export function verifyBills(folder: string, seriesFolders: string[]): CaseVerdict[] {
  const folders = [folder, ...seriesFolders, ...foldersNamedIn(folder)];
  return readdirSync(folder)
    .filter(name => name.endsWith('.json'))
    .sort()
    .map(name => verifyCase(basename(name, '.json'), join(folder, name), folders));
}

function foldersNamedIn(folder: string): string[] {
  const file = join(folder, seriesPathFile);
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split(/\r?\n/)
    .filter(line => line.trim() !== '')
    .map(line => join(folder, line.trim()));
}

function verifyCase(name: string, file: string, folders: string[]): CaseVerdict {
  const read = readCase(file);
  if ('why' in read) return { case: name, verdict: 'red', expected: null, ours: null, why: read.why };
  const { expected } = read.billCase;
  const { ours, whys } = bill(read.billCase, folders);
  return { case: name, verdict: whys.length === 0 ? 'green' : 'red', expected, ours, why: whys.join('; ') };
}

function readCase(file: string): { billCase: BillCase } | { why: string } {
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    return { why: `not a JSON file: ${error instanceof Error ? error.message : String(error)}` };
  }
  const { data, error } = billCaseSchema.safeParse(document);
  if (data) return { billCase: data };
  return {
    why: error.issues
      .map(issue =>
        issue.code === 'unrecognized_keys'
          ? `/${[...issue.path, issue.keys[0]].join('/')}: a bill case has no field "${issue.keys.join('", "')}"`
          : `/${issue.path.join('/')}: ${issue.message}`,
      )
      .join('; '),
  };
}

function bill(billCase: BillCase, folders: string[]): { ours: CaseVerdict['ours']; whys: string[] } {
  const { refused } = billCase.expected;
  try {
    const ours = runBillCase(billCase, name => readSeries(name, folders));
    if (refused) return { ours, whys: [`a bill of ${ours.total}, not the refusal ${refused.code}`] };
    return { ours, whys: judgeBillCase(billCase.expected, ours) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const code = error instanceof Refusal ? error.code : 'internal';
    const says = sentences(error);
    const asExpected = refused?.code === code && says.includes(refused.says ?? '');
    return { ours: { refused: { code, says } }, whys: asExpected ? [] : [`${code}: ${says}`] };
  }
}

/** All of a refusal's fields, so that every missing feature is named. */
function sentences(error: Error): string {
  if (!(error instanceof Refusal) || error.code !== 'plan-invalid') return error.message;
  return error.fields.map(({ pointer, message }) => `${pointer}: ${message}`).join('; ');
}

function readSeries(name: string, folders: string[]): string {
  // A case names a file, not a way through the disk.
  const found = folders.map(folder => join(folder, basename(name))).find(existsSync);
  if (!found) throw new Refusal('bill-case-invalid', `the series file ${name} is in none of the folders of series`);
  return readFileSync(found, 'utf8');
}

import { folders } from '../config.ts';
import { flushHouse, type House } from '../house.ts';
import { type CheckResult, check } from './check.ts';
import { NotedEnds } from './noted-ends.ts';
import { verifyArchives } from './verify-archives.ts';
import { verifyImports } from './verify-imports.ts';
import { verifyJournal } from './verify-journal.ts';
import { verifyStore } from './verify-store.ts';

/**
 * Holds what is kept of readings against each other: the journal's chain, every reading of the journal in the store, every block of the
 * store, the archives against the store and their manifest, the imported files. A part that is damaged does not hide the next one.
 * Runs beside everything else, in slices; the books have a look of their own (verify-books).
 */
export async function verify(house: House): Promise<CheckResult[]> {
  // What the store knows by now comes out of the part of the journal that is looked at.
  const ends = await NotedEnds.of(house.store);
  // What is still only in the journal goes to the store first, and the archives follow: then all of them must agree.
  await flushHouse(house);
  const { logs } = folders(house.config.home);
  return [
    await check('journal', () => verifyJournal(logs, house.store, ends)),
    await check('store', () => verifyStore(house)),
    await check('archives', () => verifyArchives(house.archiver)),
    await check('imported files', () => verifyImports(house.importFolder)),
  ];
}

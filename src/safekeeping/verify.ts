import { folders } from '../config.ts';
import { flushHouse, type House } from '../house.ts';
import { quickCheck } from '../kernel/database.ts';
import { DamageFound } from '../kernel/errors.ts';
import { type CheckResult, check, restoreAdvice } from './check.ts';
import { verifyArchives } from './verify-archives.ts';
import { verifyImports } from './verify-imports.ts';
import { verifyJournal } from './verify-journal.ts';
import { verifyStore } from './verify-store.ts';

export interface VerifyReport {
  sound: boolean;
  checks: CheckResult[];
}

/**
 * Looks at everything that is kept, each part against another: the journal's chain, every reading of the journal in the store, every
 * block of the store, the archives against the store and their manifest, the books and the audit trail. A part that is damaged does
 * not hide the next one. Runs beside everything else, in slices.
 */
export async function verify(house: House): Promise<VerifyReport> {
  // What is still only in the journal goes to the store first, and the archives follow: then all of them must agree.
  await flushHouse(house);
  const { logs } = folders(house.config.home);
  const checks = [
    await check('database', () => verifyDatabase(house)),
    await check('journal', () => verifyJournal(logs, house.store)),
    await check('store', () => verifyStore(house)),
    await check('archives', () => verifyArchives(house.archiver)),
    await check('imported files', () => verifyImports(house.importFolder)),
    await check('ledger', () => verifyLedger(house)),
    await check('audit trail', () => verifyAudit(house)),
  ];
  return { sound: checks.every(({ damage }) => damage === undefined), checks };
}

function verifyDatabase({ database }: House): string {
  const problem = quickCheck(database);
  if (problem) throw new DamageFound(`data/wattledger.db is damaged: ${problem}`, restoreAdvice);
  return 'every page and index';
}

function verifyLedger({ ledger }: House): string {
  const verdict = ledger.verify();
  if (verdict.intact) return `${verdict.transactions} transactions`;
  throw new DamageFound(`transaction ${verdict.transactionId} of the ledger is damaged: ${verdict.why}`, restoreAdvice);
}

function verifyAudit({ access }: House): string {
  const broken = access.audit.findBreak();
  if (broken === undefined) return 'every entry follows the one before';
  throw new DamageFound(`entry ${broken} of the audit trail does not follow the one before`, restoreAdvice);
}

import { AuditStore } from '../access/audit-store.ts';
import { type Database, quickCheck } from '../kernel/database.ts';
import { DamageFound } from '../kernel/errors.ts';
import { LedgerStore } from '../ledger/ledger-store.ts';
import { type CheckResult, check, restoreAdvice } from './check.ts';

/**
 * The database file, the ledger's chain and the audit trail's. Each is one long look that cannot be cut into slices, so it is for a
 * connection, and a process, of its own.
 */
export async function verifyBooks(database: Database): Promise<CheckResult[]> {
  const file = await check('database', () => verifyFile(database));
  if (file.damage) return [file];
  return [
    file,
    await check('ledger', () => verifyLedger(new LedgerStore(database))),
    await check('audit trail', () => verifyAudit(new AuditStore(database))),
  ];
}

function verifyFile(database: Database): string {
  const problem = quickCheck(database);
  if (problem) throw new DamageFound(`data/wattledger.db is damaged: ${problem}`, restoreAdvice);
  return 'every page and index';
}

function verifyLedger(ledger: LedgerStore): string {
  const verdict = ledger.verify();
  if (verdict.intact) return `${verdict.transactions} transactions`;
  throw new DamageFound(`transaction ${verdict.transactionId} of the ledger is damaged: ${verdict.why}`, restoreAdvice);
}

function verifyAudit(audit: AuditStore): string {
  const broken = audit.findBreak();
  if (broken === undefined) return 'every entry follows the one before';
  throw new DamageFound(`entry ${broken} of the audit trail does not follow the one before`, restoreAdvice);
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { invoiceFileName } from '../../src/billing/invoice-file.ts';
import { temporaryDatabase, temporaryHome } from '../ledger/books.ts';
import { addDraft, addTenant, type Office, openOffice, sumOfBooks } from './office.ts';

const child = fileURLToPath(new URL('./issue-child.ts', import.meta.url));

function startIssuing(home: string): ChildProcess {
  return spawn(process.execPath, [child, home], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function finished(process: ChildProcess): Promise<number> {
  let said = '';
  process.stdout!.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  const [code] = await once(process, 'close');
  expect(code).toBe(0);
  return Number(/issued (\d+)/.exec(said)?.[1]);
}

function issuedCount({ database }: Office): number {
  return database.prepare<[], { count: number }>('SELECT count(*) AS count FROM invoice').get()!.count;
}

function draftMany(home: string, tenants: number): Office {
  const books = openOffice(temporaryDatabase(home), home);
  books.database.transaction(() => {
    for (let number = 1; number <= tenants; number++) {
      const tenant = addTenant(books, String(number));
      addDraft(books, tenant, '2021-07-01', '2021-08-01');
      addDraft(books, tenant, '2021-08-01', '2021-09-01');
    }
  })();
  return books;
}

/** Numbers 1 to n without a hole; each with one posting and one mail promised; drafts and invoices never both; books at zero. */
function expectWhole(books: Office): number {
  const { database } = books;
  const list = (sql: string) =>
    database
      .prepare<[], { value: string }>(sql)
      .all()
      .map(row => row.value);
  const numbers = list('SELECT number AS value FROM invoice ORDER BY id');
  expect(numbers).toEqual(numbers.map((_, at) => `2021-${String(at + 1).padStart(6, '0')}`));
  expect(list("SELECT reference AS value FROM ledger_transaction WHERE kind = 'invoice' ORDER BY id")).toEqual(numbers);
  expect(list('SELECT substr(reference, 9) AS value FROM outbox_message ORDER BY id')).toEqual(numbers);
  expect(books.ledger.verify()).toMatchObject({ intact: true, transactions: numbers.length });
  expect(sumOfBooks(database)).toBe(0n);
  const both = `SELECT invoice.number AS value FROM invoice JOIN invoice_draft
    ON invoice_draft.account_id = invoice.account_id AND invoice_draft.from_day = invoice.from_day`;
  expect(list(both)).toEqual([]);
  return numbers.length;
}

it('keeps the numbers gapless and every invoice whole when the process is killed while it issues', async () => {
  const home = temporaryHome();
  const books = draftMany(home, 120);
  let killedWhileIssuing = 0;
  for (let kill = 0; kill < 5; kill++) {
    const before = expectWhole(books);
    const issuing = startIssuing(home);
    // Seen from outside, so that the kill falls among the invoices on a slow machine too.
    const enough = before + 1 + Math.floor(Math.random() * 20);
    while (issuedCount(books) < enough && issuing.exitCode === null) await setTimeout(Math.random() * 3);
    issuing.kill('SIGKILL');
    await once(issuing, 'close');
    const after = expectWhole(books);
    if (after > before && after < 240) killedWhileIssuing += 1;
  }
  expect(killedWhileIssuing, 'a test that never kills in the middle shows nothing').toBeGreaterThan(2);
  await finished(startIssuing(home));
  expect(expectWhole(books)).toBe(240);

  // The second invoice of a customer carries the first one over.
  const { document } = books.invoices.listOfAccount(1)[0]!;
  expect(document.balance).toMatchObject({ previous: '110.00', totalDue: '220.00' });

  // A PDF is there whole or not at all; what a kill prevented, the next run has made.
  const names = readdirSync(books.invoiceFolder).filter(name => !name.startsWith('.tmp-'));
  expect(names.sort()).toEqual(
    Array.from({ length: 240 }, (_, at) => invoiceFileName(`2021-${String(at + 1).padStart(6, '0')}`)),
  );
  for (const name of names) {
    const { document: snapshot } = books.invoices.get(name.replace(/\.pdf$/, ''));
    expect(readFileSync(join(books.invoiceFolder, name))).toEqual(await books.renderPdf(snapshot));
  }
});

it('two processes that issue at once share the work and never a number', async () => {
  const home = temporaryHome();
  const books = draftMany(home, 60);
  const issued = await Promise.all([startIssuing(home), startIssuing(home)].map(finished));
  expect(issued[0]! + issued[1]!).toBe(120);
  expect(expectWhole(books)).toBe(120);
});

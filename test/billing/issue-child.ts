import { issueInvoices } from '../../src/billing/issue-invoices.ts';
import { openDatabase } from '../../src/kernel/database.ts';
import { databasePath } from '../ledger/books.ts';
import { openOffice } from './office.ts';

// Run as a process of its own by issue-crash.test.ts, so that it can be killed: issues every draft in the home folder named.
const home = process.argv[2]!;
const books = openOffice(openDatabase(databasePath(home)), home);
process.stdout.write('ready\n');
const verdicts = await issueInvoices(books, books.drafts.listIds());
process.stdout.write(`issued ${verdicts.filter(({ verdict }) => verdict === 'issued').length}\n`);

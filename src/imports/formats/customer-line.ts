import { parseCsvLine } from '../../kernel/csv.ts';
import type { CustomerRecord, Format } from '../format.ts';
import { firstLineOf } from '../head.ts';
import { quote } from '../problem.ts';
import { LineFileReader, rejected } from './line-file.ts';

interface CustomerFile {
  name: string;
  title: string;
  /** Names of the columns, in their order; the header line is how such a file is known. */
  columns: readonly string[];
  rule: string;
  /** Which cells make what: a cell is '' when it was empty. */
  customer: (cells: Record<string, string>) => Omit<CustomerRecord, 'line'>;
}

const idPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/;
// As much as forms and the API take of a name or an address.
const cellLengthMax = 200;

/** A CSV list of customers, each with one meter whose id is also the number of the account: the predecessors knew no other. */
export function customerList({ name, title, columns, rule, customer }: CustomerFile): Format {
  const isHeader = (text: string) =>
    parseCsvLine(text)
      ?.map(cell => cell.trim())
      .join() === columns.join();
  return {
    name,
    title,
    looksLike: head => isHeader(firstLineOf(head)),
    reader: (sink, context) =>
      new LineFileReader(sink, context, columns.join(), (text, line) => {
        if (isHeader(text)) return 'skipped';
        const cells = parseCsvLine(text);
        if (cells?.length !== columns.length)
          return rejected(rule, text, `the line does not have the ${columns.length} cells ${columns.join()}`);
        const named = Object.fromEntries(columns.map((column, at) => [column, cells[at]!.trim()]));
        const record = { ...customer(named), line };
        if (!idPattern.test(record.meterPoint))
          return rejected(rule, record.meterPoint, `${quote(record.meterPoint)} is not a meter id`);
        const wrong = wrongCell(named) ?? (record.name === '' ? 'the customer has no name' : undefined);
        if (wrong) return rejected(rule, text, wrong);
        sink.customer(record);
        return 'record';
      }),
  };
}

/** What no other way lets in: it would stand on bills. */
function wrongCell(cells: Record<string, string>): string | undefined {
  for (const [column, cell] of Object.entries(cells)) {
    // What stands in place of bytes that are no UTF-8, as a spreadsheet writes them that saves in its own code page.
    if (cell.includes('\uFFFD')) return `${column} has letters that are not UTF-8: save the file as UTF-8`;
    if (/\p{Cc}/u.test(cell)) return `${column} has a control character`;
    if (cell.length > cellLengthMax) return `${column} is longer than ${cellLengthMax} characters`;
  }
}

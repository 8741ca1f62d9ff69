/** One CSV line of text and number cells (RFC 4180), CRLF at its end. */
export function csvLine(cells: readonly (string | number)[]): string {
  return `${cells.map(cell => (typeof cell === 'number' ? cell : csvText(cell))).join(',')}\r\n`;
}

/** The cells of one line, quotation marks taken off; undefined when a quotation mark is not closed or stands inside a bare cell. */
export function parseCsvLine(line: string): string[] | undefined {
  const cells: string[] = [];
  for (let at = 0; ; ) {
    const match = /^(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/.exec(line.slice(at));
    if (!match) return undefined;
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    at += match[0].length;
    if (match[3] === '') return cells;
  }
}

/**
 * What csvLine writes for a text before any quotation marks. Spreadsheets run a cell that begins like a formula, so such text gets an
 * apostrophe in front, and so does one that has some there already, which tells the two apart; plain decimal numbers are left as they
 * are, or -5 would no longer be one.
 */
function safeCell(text: string): string {
  return /^'*[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
}

/** The text that csvLine wrote as `cell`. */
export function plainCell(cell: string): string {
  return /^'+[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell;
}

function csvText(text: string): string {
  const safe = safeCell(text);
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

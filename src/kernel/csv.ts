/** One CSV line of text and number cells (RFC 4180), CRLF at its end. */
export function csvLine(cells: readonly (string | number)[]): string {
  return `${cells.map(cell => (typeof cell === 'number' ? cell : csvText(cell))).join(',')}\r\n`;
}

/**
 * A text cell. Spreadsheets run a cell that begins like a formula, so such text gets an apostrophe in front; plain decimal numbers
 * are left as they are, or -5 would no longer be one.
 */
function csvText(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

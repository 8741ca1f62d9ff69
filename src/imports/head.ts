const headMax = 4096;

/** The first line of a file that says something: without byte order mark, surrounding blanks, and empty or all-comma lines (N12-4, N12-8). */
export function firstLineOf(head: Uint8Array): string {
  for (const line of headText(head).split(/[\r\n]+/)) {
    if (!/^[\s,]*$/.test(line)) return line.trim();
  }
  return '';
}

/** The first kilobytes as text, each byte one character. */
export function headText(head: Uint8Array): string {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, headMax)).toString('latin1');
  return text.startsWith('\u00ef\u00bb\u00bf') ? text.slice(3) : text;
}

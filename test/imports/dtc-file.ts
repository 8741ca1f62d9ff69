/** The sender's part of a flow of the Data Transfer Catalogue: groups between a right header and a right trailer. */
export function dtcFile(flow: string, groups: readonly string[]): string {
  const root = groups[0]?.slice(0, 3) ?? '';
  const flows = groups.filter(group => group.startsWith(root)).length;
  const header = `ZHV|0000000042|${flow}|D|UDMS|X|RETL|20260302153151||||OPER|`;
  return `${[header, ...groups, `ZPT|0000000042|${groups.length}||${flows}|20260302154650|`].join('\r\n')}\r\n`;
}

/** A day of half-hours as such flows send it: one group each. */
export function halfHours(code: string, count: number, of: (at: number) => string): string[] {
  return Array.from({ length: count }, (_, at) => `${code}|${of(at)}|`);
}

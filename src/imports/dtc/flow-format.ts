import type { Format } from '../format.ts';
import { firstLineOf } from '../head.ts';
import { FlowReader } from './flow-reader.ts';
import type { FlowTable } from './flow-table.ts';

/** The format of a flow's files, known by the flow that the header names. */
export function flowFormat(title: string, table: FlowTable): Format {
  const header = new RegExp(`^ZHV\\s*\\|[^|]*\\|\\s*${table.flow}\\d{3}\\s*\\|`);
  return {
    name: table.flow.toLowerCase(),
    title,
    looksLike: head => header.test(firstLineOf(head)),
    reader: (sink, context) => new FlowReader(table, sink, context),
  };
}

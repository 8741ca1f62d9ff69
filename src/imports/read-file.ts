import type { Zone } from '../units/time.ts';
import { detect } from './detect.ts';
import type { CustomerRecord, FileFacts, FormatContext, IntervalRun, RegisterReading } from './format.ts';
import { type ImportProblem, problemAt } from './problem.ts';
import { readZip } from './zip.ts';

/** Everything a file or a zip member said, staged: nothing of it is current until the end was seen. */
export interface StagedMember {
  /** "archive.zip!member", '' for a plain file. */
  member: string;
  /** undefined when no format knows it. */
  format: string | undefined;
  runs: IntervalRun[];
  registers: RegisterReading[];
  customers: CustomerRecord[];
  problems: ImportProblem[];
  facts: FileFacts | undefined;
}

export interface ReadOptions {
  strict: boolean;
  siteZone: Zone;
}

const headBytes = 8192;

/** Reads a file, or each member of a zip, by its content. Throws the Refusals of readZip; an unknown file is a problem, not a throw. */
export async function* readFile(
  name: string,
  bytes: Buffer,
  { strict, siteZone }: ReadOptions,
): AsyncGenerator<StagedMember> {
  if (detect(bytes.subarray(0, headBytes)).kind !== 'zip') {
    yield stage(bytes, { strict, siteZone, fileName: name, member: '' });
    return;
  }
  const outside: ImportProblem[] = [];
  for await (const { member, name: inner, chunks } of readZip(bytes, name, problem => outside.push(problem))) {
    const parts: Uint8Array[] = [];
    for await (const chunk of chunks) parts.push(chunk);
    const content = Buffer.concat(parts);
    yield stage(content, { strict, siteZone, fileName: inner, member });
  }
  if (outside.length > 0) yield { ...emptyMember(name), problems: outside };
}

function emptyMember(member: string): StagedMember {
  return { member, format: undefined, runs: [], registers: [], customers: [], problems: [], facts: undefined };
}

function stage(content: Buffer, context: FormatContext): StagedMember {
  const { member } = context;
  const staged = emptyMember(member);
  const detection = detect(content.subarray(0, headBytes));
  if (detection.kind !== 'format') {
    const looksLike = detection.kind === 'unknown' ? detection.looksLike : 'a zip inside a zip';
    const says = `no format knows this file: it looks like ${looksLike}`;
    staged.problems.push(problemAt(member, 0, { rule: 'X-10', severity: 'error', says, action: 'rejected' }));
    return staged;
  }
  staged.format = detection.format.name;
  const reader = detection.format.reader(
    {
      opened: () => undefined,
      intervals: run => void staged.runs.push(run),
      registerReading: reading => void staged.registers.push(reading),
      // Index reads beside intervals are kept in the file; they bill nothing.
      indexRead: () => undefined,
      customer: customer => void staged.customers.push(customer),
      problem: problem => void staged.problems.push(problem),
      closed: facts => {
        staged.facts = facts;
      },
    },
    context,
  );
  reader.push(content);
  reader.end();
  return staged;
}

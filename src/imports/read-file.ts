import { detect } from './detect.ts';
import type { FileFacts, IntervalRun, RegisterReading } from './format.ts';
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
  problems: ImportProblem[];
  facts: FileFacts | undefined;
}

const headBytes = 8192;

/** Reads a file, or each member of a zip, by its content. Throws the Refusals of readZip; an unknown file is a problem, not a throw. */
export async function* readFile(name: string, bytes: Buffer, strict: boolean): AsyncGenerator<StagedMember> {
  if (detect(bytes.subarray(0, headBytes)).kind !== 'zip') {
    yield stage(name, '', [bytes], bytes.subarray(0, headBytes), strict);
    return;
  }
  const outside: ImportProblem[] = [];
  for await (const { member, name: inner, chunks } of readZip(bytes, name, problem => outside.push(problem))) {
    const parts: Uint8Array[] = [];
    for await (const chunk of chunks) parts.push(chunk);
    const content = Buffer.concat(parts);
    yield stage(inner, member, [content], content.subarray(0, headBytes), strict);
  }
  if (outside.length > 0)
    yield { member: name, format: undefined, runs: [], registers: [], problems: outside, facts: undefined };
}

function stage(
  fileName: string,
  member: string,
  chunks: Uint8Array[],
  head: Uint8Array,
  strict: boolean,
): StagedMember {
  const staged: StagedMember = { member, format: undefined, runs: [], registers: [], problems: [], facts: undefined };
  const detection = detect(head);
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
      problem: problem => void staged.problems.push(problem),
      closed: facts => {
        staged.facts = facts;
      },
    },
    { strict, fileName, member },
  );
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return staged;
}

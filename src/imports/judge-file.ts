import { Slices } from '../kernel/slices.ts';
import { type ComingChannel, ComingChannels } from './coming-channels.ts';
import type { FileTotal } from './expected-total.ts';
import type { FileFacts } from './format.ts';
import type { FoundProblems } from './found-problems.ts';
import { type ImportProblem, problemAt } from './problem.ts';
import { type FileSource, membersOf, type ReadOptions, readMember } from './read-file.ts';

/** What the first reading of a file found: nothing of it is current until its end was seen. */
export interface JudgedFile {
  /** 'unknown', or the formats of the members: 'nem12+d0010'. */
  format: string;
  files: FileFacts[];
  /** Members that may be taken, each with the channels it brings; '' is a plain file. */
  admitted: Map<string, readonly ComingChannel[]>;
}

/**
 * Reads the whole file and keeps of it only what is wrong with it, in `problems`, and adds it up in `total`. `passed` is told of bytes read;
 * undefined when it said to stop.
 */
export async function judgeFile(
  source: FileSource,
  options: ReadOptions,
  problems: FoundProblems,
  passed: (bytes: number) => boolean,
  total?: FileTotal,
): Promise<JudgedFile | undefined> {
  const formats = new Set<string>();
  const judged: JudgedFile = { format: 'unknown', files: [], admitted: new Map() };
  const outside: ImportProblem[] = [];
  const slices = new Slices();
  let isStopped = false;
  for await (const member of membersOf(source, problem => outside.push(problem))) {
    let facts: FileFacts | undefined;
    const channels = new ComingChannels();
    const format = await readMember(member, options, {
      sink: {
        opened: () => undefined,
        intervals: run => {
          channels.addRun(run);
          total?.addRun(run);
        },
        registerReading: () => total?.addReading(),
        indexRead: () => undefined,
        customer: () => undefined,
        registerMapping: () => undefined,
        problem: problem => problems.add(problem),
        closed: closed => {
          facts = closed;
        },
      },
      drain: async bytes => {
        isStopped ||= !passed(bytes);
        await problems.keep(() => slices.pause());
        await slices.pause();
        return !isStopped;
      },
    });
    if (isStopped) return undefined;
    if (facts) judged.files.push(facts);
    const refusal = facts && whyRefused(member.member, facts, options.strict);
    if (refusal) problems.add(refusal);
    if (format !== undefined) formats.add(format);
    if (format !== undefined && !refusal) judged.admitted.set(member.member, channels.list());
  }
  for (const problem of outside) problems.add(problem);
  await problems.keep(() => slices.pause());
  if (formats.size > 0) judged.format = [...formats].join('+');
  return judged;
}

/** Files that may not enter as a whole, with the reason. */
function whyRefused(member: string, facts: FileFacts, strict: boolean): ImportProblem | undefined {
  if (facts.isTest) {
    const says = `this is a test file (flag ${facts.testFlag}) and never enters live data`;
    return problemAt(member, 0, {
      rule: 'D10-1',
      severity: 'error',
      raw: facts.testFlag,
      says,
      action: 'rejected',
    });
  }
  if (strict && !facts.complete) {
    const says = 'the trailer is missing, so the file may be cut off';
    return problemAt(member, 0, { rule: 'N12-7', severity: 'error', says, action: 'rejected' });
  }
  return undefined;
}

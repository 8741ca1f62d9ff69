import type { ComingChannel } from './coming-channels.ts';
import type { FoundProblems } from './found-problems.ts';
import type { ImportDeps } from './import-file.ts';
import type { ImportReport } from './import-report.ts';
import { MemberTaker } from './member-taker.ts';
import { type FileSource, membersOf, type ReadOptions, readMember } from './read-file.ts';
import { Totals } from './totals.ts';

/** A file that was judged, and those of its members that may be taken, each with the channels it brings. */
export interface JudgedSource {
  source: FileSource;
  options: ReadOptions;
  admitted: ReadonlyMap<string, readonly ComingChannel[]>;
}

/**
 * Reads the file again and takes in what the members in `admitted` say, portion by portion; `passed` is told of bytes taken and says
 * whether to go on. What was taken is durable when it returns, and counted in `report`.
 */
export async function takeFile(
  deps: ImportDeps,
  { source, options, admitted }: JudgedSource,
  report: ImportReport,
  problems: FoundProblems,
  passed: (bytes: number) => boolean,
): Promise<void> {
  const totals = new Totals();
  // What is wrong with the archive or with a member was said when the file was judged.
  const members = membersOf(source, () => undefined);
  for await (const member of members) {
    if (report.cancelled) break;
    const coming = admitted.get(member.member);
    if (!coming) continue;
    const reference = member.member === '' ? `${report.run}` : `${report.run}!${member.name}`;
    const taker = new MemberTaker(deps, member.member, deps.sources.idOf('import', reference), {
      report,
      problems,
      totals,
      coming,
    });
    await readMember(member, options, {
      sink: {
        opened: () => undefined,
        intervals: run => taker.addRun(run),
        registerReading: reading => void taker.registers.push(reading),
        withdrawal: reading => taker.addWithdrawal(reading),
        // Index reads beside intervals are kept in the file; they bill nothing.
        indexRead: () => undefined,
        customer: customer => void taker.customers.push(customer),
        registerMapping: mapping => void taker.mappings.push(mapping),
        problem: () => undefined,
        closed: () => undefined,
      },
      drain: async bytes => {
        report.cancelled ||= !passed(bytes);
        // What was read when the import is told to end is taken as well: it need not be read again.
        if (bytes === 0 || taker.isFull || report.cancelled) await taker.take();
        else await taker.pause();
        await problems.keep(() => taker.pause());
        return !report.cancelled;
      },
    });
    await taker.finish();
  }
  report.channels = totals;
  report.channelCount = totals.length;
  await deps.journal.durable();
}

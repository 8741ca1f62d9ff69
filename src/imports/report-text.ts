import { formatUtc, instant } from '../units/time.ts';
import type { ReportedRun, RuleCount } from './import-run.ts';
import { describeProblem, type ImportProblem } from './problem.ts';

/** What a person reads beside a file that was put into a folder: counts, totals to hold against the sender's, every problem given. */
export function reportText(run: ReportedRun, rules: readonly RuleCount[], problems: readonly ImportProblem[]): string {
  const { report } = run;
  const lines = [
    run.name,
    `run ${run.id}, ${run.strict ? 'strict: all of the file or nothing' : 'tolerant: what is right enters, the rest is listed'}`,
    `${run.state}${run.finishedAt === null ? '' : ` at ${formatUtc(instant(run.finishedAt))}`}`,
    `SHA-256 ${run.sha256}, ${run.size} bytes`,
  ];
  if (run.failure) lines.push(`${run.failure.message} (${run.failure.code})`);
  if (report) {
    const counts = Object.entries(report.counts).map(([name, count]) => `${count} ${name}`);
    lines.push(`format ${report.format}: ${counts.join(', ')}`);
    const { importedBefore: before } = report;
    if (before)
      lines.push(`the same bytes were imported before, as ${before.file} at ${before.at} (run ${before.run})`);
    for (const { of, expected, found, difference } of report.expected ?? [])
      lines.push(
        `expected ${of}: ${expected}, found ${found}${difference === '0' ? ', as expected' : `, a difference of ${difference}`}`,
      );
    if (report.channels.length > 0) lines.push('', 'Totals');
    for (const { meterPoint, code, meter, readings, missing, sum, unit, qualities } of report.channels) {
      const quality = Object.entries(qualities).map(([name, count]) => `${count} ${name}`);
      lines.push(
        `  ${[meterPoint, meter, code].filter(Boolean).join(' ')}: ${readings} readings, ${missing} missing${sum && `, ${sum} ${unit}`} (${quality.join(', ')})`,
      );
    }
  }
  if (rules.length > 0) lines.push('', 'Problems by rule');
  for (const { rule, severity, action, count } of rules) lines.push(`  ${rule} ${severity}, ${action}: ${count}`);
  if (problems.length > 0) lines.push('', 'Problems', ...problems.map(problem => `  ${describeProblem(problem)}`));
  const all = rules.reduce((sum, { count }) => sum + count, 0);
  if (all > problems.length) lines.push(`  and ${all - problems.length} more: see run ${run.id}`);
  return `${lines.join('\n')}\n`;
}

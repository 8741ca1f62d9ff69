import type { Clock } from '../kernel/clock.ts';
import { sha256 } from '../kernel/ids.ts';
import { mailHtml } from '../kernel/mail-html.ts';
import type { Mail, Mailbox } from '../kernel/mailer.ts';
import type { OutboxMessage } from '../kernel/outbox.ts';
import type { OutboxStore } from '../kernel/outbox-store.ts';
import { instantOfMs } from '../units/time.ts';
import type { ReportedRun } from './import-run.ts';
import type { ImportRunStore } from './import-run-store.ts';

const prefix = 'import:';
const problemsMax = 10;

/** Puts a mail about a run that went wrong into the outbox. Call it in the transaction that ends the run. `to` is '' for nobody. */
export function alertOperator(
  { outbox, clock, to }: { outbox: OutboxStore; clock: Clock; to: string },
  run: ReportedRun,
): void {
  const reference = `${prefix}${run.id}`;
  if (to === '' || wrongWith(run) === undefined || outbox.find('mail', reference)) return;
  const recipient = { recipientName: 'Operator', recipientAddress: to };
  outbox.add({ kind: 'mail', reference, ...recipient }, instantOfMs(clock.now()));
}

export function isImportAlert({ reference }: OutboxMessage): boolean {
  return reference.startsWith(prefix);
}

/** The mail an outbox row promised: what went wrong, the first problems, and where to look. */
export function renderImportAlert(
  { imports, from, publicUrl }: { imports: ImportRunStore; from: Mailbox; publicUrl: string },
  message: OutboxMessage,
): Mail {
  const run = imports.get(Number(message.reference.slice(prefix.length)));
  const wrong = wrongWith(run) ?? '';
  const problems = imports.listProblems(run.id, { action: 'rejected' }, problemsMax);
  const counts = run.report?.counts;
  const paragraphs = [
    `${run.name}, handed in by ${run.importedBy}: ${wrong}.`,
    counts ? `New readings: ${counts.new}. Known already: ${counts.identical}. Revised: ${counts.revised}.` : '',
    problems.map(each => `line ${each.line}: ${each.message.replace(/^line \d+, column \d+: /, '')}`).join('\n'),
    `${publicUrl}/admin/imports/${run.id}`,
  ].filter(paragraph => paragraph !== '');
  return {
    messageId: `<${sha256(`${message.reference} ${run.sha256} ${run.startedAt}`).slice(0, 40)}@${from.address.split('@').at(-1)}>`,
    date: new Date(message.createdAt * 1000),
    from,
    to: { name: message.recipientName, address: message.recipientAddress },
    subject: `Import of ${run.name}: ${wrong}`.slice(0, 200),
    text: `${paragraphs.join('\n\n')}\n`,
    html: mailHtml(paragraphs),
    attachments: [],
  };
}

/** What a person has to look at; undefined when all is well, or when a person cancelled it. */
function wrongWith({ state, failure, report }: ReportedRun): string | undefined {
  if (state === 'failed') return `it could not be carried out, ${failure?.message ?? 'for a reason that is not known'}`;
  if (state !== 'finished' || !report) return undefined;
  const { rejected, conflicting } = report.counts;
  const parts = [
    rejected > 0 && `${rejected} of its records ${rejected === 1 ? 'was' : 'were'} rejected`,
    conflicting > 0 &&
      `${conflicting} ${conflicting === 1 ? 'reading contradicts' : 'readings contradict'} what is known`,
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(', ') : undefined;
}

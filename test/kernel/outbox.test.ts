import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { StoppedClock } from '../../src/kernel/clock.ts';
import { type Mail, openMailer } from '../../src/kernel/mailer.ts';
import type { OutboxMessage } from '../../src/kernel/outbox.ts';
import { OutboxStore } from '../../src/kernel/outbox-store.ts';
import { sendOutbox } from '../../src/kernel/send-outbox.ts';
import { temporaryDatabase, temporaryHome } from '../ledger/books.ts';
import { mailServer } from './mail-server.ts';

const folder = '/nonexistent/never-written';

function letter(message: OutboxMessage): Promise<Mail> {
  return Promise.resolve({
    messageId: `<${message.reference}@example.org>`,
    date: new Date('2026-08-01T00:00:00Z'),
    from: { name: 'Retailer', address: 'bills@example.org' },
    to: { name: message.recipientName, address: message.recipientAddress },
    subject: 'Your bill',
    text: 'Please pay 439.63.',
    html: '<p>Please pay 439.63.</p>',
    attachments: [{ filename: 'bill.pdf', contentType: 'application/pdf', content: Buffer.from('%PDF-') }],
  });
}

function newMessage(reference: string, recipientName = 'Ada', recipientAddress = 'ada@example.com') {
  return { kind: 'mail' as const, reference, recipientName, recipientAddress };
}

function office(smtpUrl: string) {
  const clock = new StoppedClock('2026-08-01T00:00:00Z');
  const outbox = new OutboxStore(temporaryDatabase());
  return { clock, outbox, mailer: openMailer({ smtpUrl, folder }), render: letter };
}

it('sends what is due once, with its attachment, to its one recipient', async () => {
  const server = await mailServer();
  const deps = office(server.url);
  deps.outbox.add(newMessage('invoice:1'), 0);
  expect(await sendOutbox(deps)).toEqual({ sent: 1, postponed: 0, failed: 0 });
  expect(await sendOutbox(deps)).toEqual({ sent: 0, postponed: 0, failed: 0 });
  expect(server.received).toHaveLength(1);
  expect(server.received[0]!.recipients).toEqual(['ada@example.com']);
  expect(server.received[0]!.source).toContain('Message-ID: <invoice:1@example.org>');
  expect(server.received[0]!.source).toContain('filename=bill.pdf');
});

it('tries a bad mail server again after 1 m, 5 m, 30 m, 2 h and 12 h, then asks for a person', async () => {
  let broken = true;
  const server = await mailServer(() => (broken ? new Error('disk full') : undefined));
  const deps = office(server.url);
  const { clock, outbox } = deps;
  outbox.add(newMessage('invoice:1'), 0);
  for (const minutes of [1, 5, 30, 120, 720]) {
    expect(await sendOutbox(deps)).toMatchObject({ postponed: 1 });
    clock.advance(minutes * 60_000 - 1000);
    expect(await sendOutbox(deps), `a second before ${minutes} minutes`).toMatchObject({ postponed: 0, failed: 0 });
    clock.advance(1000);
  }
  expect(await sendOutbox(deps)).toMatchObject({ postponed: 0, failed: 1 });
  clock.advance(30 * 86_400_000);
  expect(await sendOutbox(deps)).toEqual({ sent: 0, postponed: 0, failed: 0 });
  const message = outbox.find('mail', 'invoice:1')!;
  expect(message).toMatchObject({ attempts: 6, lastError: expect.stringContaining('disk full') });
  expect([outbox.count('waiting'), outbox.count('failed'), outbox.count('sent')]).toEqual([0, 1, 0]);

  broken = false;
  outbox.retry(message.id, clock.now() / 1000);
  expect(await sendOutbox(deps)).toMatchObject({ sent: 1 });
  expect(server.received).toHaveLength(1);
});

it('asks a mail server that is not there once a round, and not once a message', async () => {
  const deps = office('smtp://127.0.0.1:1');
  for (const reference of ['invoice:1', 'invoice:2']) deps.outbox.add(newMessage(reference), 0);
  expect(await sendOutbox(deps)).toEqual({ sent: 0, postponed: 1, failed: 0 });
  expect(deps.outbox.find('mail', 'invoice:2')).toMatchObject({ attempts: 0 });
  expect(await sendOutbox(deps)).toEqual({ sent: 0, postponed: 1, failed: 0 });
  expect(deps.outbox.find('mail', 'invoice:2')).toMatchObject({ attempts: 1 });
});

it('hangs up on a mail server that never answers, and leaves what is due for the next start', async () => {
  const silent = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void silent.close());
  await once(silent, 'listening');
  const connected = once(silent, 'connection');
  const deps = office(`smtp://127.0.0.1:${(silent.address() as AddressInfo).port}`);
  for (const reference of ['invoice:1', 'invoice:2']) deps.outbox.add(newMessage(reference), 0);
  const sending = sendOutbox(deps);
  const [socket] = (await connected) as [Socket];
  deps.mailer.close();
  expect(await sending).toEqual({ sent: 0, postponed: 1, failed: 0 });
  expect(deps.outbox.find('mail', 'invoice:1')!.lastError).toContain('hung up');
  expect(deps.outbox.count('waiting')).toBe(2);
  socket.destroy();
});

it('waits when nobody answers at all', async () => {
  const deps = office('smtp://127.0.0.1:1');
  deps.outbox.add(newMessage('invoice:1'), 0);
  expect(await sendOutbox(deps)).toMatchObject({ postponed: 1 });
  expect(deps.outbox.find('mail', 'invoice:1')!.lastError).toContain('ECONNREFUSED');
});

it('sends again with the same Message-ID when the process died between the server taking it and the row saying so', async () => {
  const server = await mailServer();
  const deps = office(server.url);
  const { clock, outbox } = deps;
  outbox.add(newMessage('invoice:1'), 0);
  const claimed = outbox.claim(clock.now() / 1000)!;
  await deps.mailer.send(await letter(claimed)); // and now the process dies
  expect(await sendOutbox(deps)).toEqual({ sent: 0, postponed: 0, failed: 0 });
  clock.advance(600_000);
  expect(await sendOutbox(deps)).toMatchObject({ sent: 1 });
  const ids = server.received.map(mail => /^Message-ID: (.*)$/im.exec(mail.source)?.[1]);
  expect(ids).toEqual(['<invoice:1@example.org>', '<invoice:1@example.org>']);
});

it('two senders at once send each message once', async () => {
  const server = await mailServer();
  const home = temporaryHome();
  const deps = office(server.url);
  const outboxes = [new OutboxStore(temporaryDatabase(home)), new OutboxStore(temporaryDatabase(home))];
  for (let at = 0; at < 12; at++) outboxes[0]!.add(newMessage(`invoice:${at}`), 0);
  const reports = await Promise.all(outboxes.map(outbox => sendOutbox({ ...deps, outbox })));
  expect(reports[0]!.sent + reports[1]!.sent).toBe(12);
  expect(Math.min(...reports.map(report => report.sent))).toBeGreaterThan(0);
  expect(server.received).toHaveLength(12);
});

it('asks for one message about one thing', () => {
  const outbox = new OutboxStore(temporaryDatabase());
  outbox.add(newMessage('invoice:1'), 0);
  expect(() => outbox.add(newMessage('invoice:1'), 0)).toThrow('UNIQUE');
});

const evilNames = [
  'Ada\r\nBcc: thief@evil.example',
  'Ada\nRCPT TO:<thief@evil.example>',
  'thief@evil.example, Ada',
  'Ada" <thief@evil.example>, "x',
  'Ada <thief@evil.example>',
  'friends: thief@evil.example;',
  '=?utf-8?q?Ada=0D=0ABcc:_thief@evil.example?=',
];

it.each(evilNames)('a recipient named %j is still one recipient', async name => {
  const server = await mailServer();
  const deps = office(server.url);
  deps.outbox.add(newMessage('invoice:1', name), 0);
  expect(await sendOutbox(deps)).toMatchObject({ sent: 1 });
  expect(server.received[0]!.recipients).toEqual(['ada@example.com']);
  const headers = server.received[0]!.source.split('\r\n\r\n')[0]!;
  expect(headers).not.toMatch(/^(bcc|cc|rcpt to):/im);
  expect(headers.match(/^to:/gim)).toHaveLength(1);
});

const evilAddresses = [
  'ada@example.com\r\nBcc: thief@evil.example',
  'ada@example.com, thief@evil.example',
  'ada@example.com>\r\nRCPT TO:<thief@evil.example',
  'ada@example.com thief@evil.example',
  '"thief@evil.example"@example.com',
  'thief@evil.example <ada@example.com>',
  'friends:ada@example.com,thief@evil.example;',
  'ada@[127.0.0.1]',
  'ada',
  '',
];

it.each(evilAddresses)('an address %j is nobody: nothing is sent and the row says why', async address => {
  const server = await mailServer();
  const deps = office(server.url);
  deps.outbox.add(newMessage('invoice:1', 'Ada', address), 0);
  expect(await sendOutbox(deps)).toMatchObject({ sent: 0 });
  expect(server.received).toEqual([]);
  expect(deps.outbox.find('mail', 'invoice:1')!.lastError).toContain('is not one e-mail address');
});

it('lays a file into the outbox folder when there is no mail server', async () => {
  const home = temporaryHome();
  const outboxFolder = join(home, 'data', 'outbox');
  const deps = { ...office('smtp://unused'), mailer: openMailer({ smtpUrl: undefined, folder: outboxFolder }) };
  deps.outbox.add(newMessage('invoice:1', 'Zoë'), 0);
  expect(await sendOutbox(deps)).toMatchObject({ sent: 1 });
  await deps.mailer.send(await letter(deps.outbox.find('mail', 'invoice:1')!)); // sent again: the file is replaced
  const files = readdirSync(outboxFolder);
  expect(files).toHaveLength(1);
  expect(files[0]).toMatch(/^[0-9a-f]{32}\.eml$/);
  const mail = readFileSync(join(outboxFolder, files[0]!), 'utf8');
  expect(mail).toContain('To: =?UTF-8?Q?Zo=C3=AB?= <ada@example.com>');
  expect(mail).toContain('application/pdf');
});

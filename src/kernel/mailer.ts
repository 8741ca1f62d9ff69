import { join } from 'node:path';
import { writeAtomic } from './files.ts';
import { sha256 } from './ids.ts';

/** A person at an address. Always an object: a string would be parsed, and a name such as "x, y@z" would become a recipient. */
export interface Mailbox {
  name: string;
  address: string;
}

export interface Mail {
  /** "<…@…>", the same for the same message however often it is sent. */
  messageId: string;
  date: Date;
  from: Mailbox;
  to: Mailbox;
  subject: string;
  text: string;
  html: string;
  attachments: { filename: string; contentType: string; content: Buffer }[];
}

export interface Mailer {
  /** Resolves when the mail was accepted; rejects with a sentence for the operator. */
  send(mail: Mail): Promise<void>;
  /** Hangs up, for the process is to end: what is being sent, and what would be, is rejected at once. */
  close(): void;
  readonly closed: boolean;
}

/** Sends by SMTP when a URL is given ("smtps://user:secret@mail.example.org"), else lays .eml files into `folder`. */
export function openMailer({ smtpUrl, folder }: { smtpUrl: string | undefined; folder: string }): Mailer {
  return smtpUrl ? smtpMailer(smtpUrl) : fileMailer(folder);
}

// With the first mail: a tenth of what a start loads is this.
const nodemailer = () => import('nodemailer');
// Together well below the ten minutes for which the outbox lends a message out.
const timeouts = { connectionTimeout: 15_000, greetingTimeout: 15_000, socketTimeout: 60_000 };

function smtpMailer(smtpUrl: string): Mailer {
  const opened = async () => (await nodemailer()).createTransport({ url: smtpUrl, ...timeouts });
  let transport: ReturnType<typeof opened> | undefined;
  const closing = new AbortController();
  const hungUp = new Promise<never>((_, reject) => {
    closing.signal.addEventListener('abort', () => reject(new Error('hung up, because the process was to end')));
  });
  hungUp.catch(() => undefined);
  return {
    async send(mail) {
      transport ??= opened();
      await Promise.race([hungUp, transport.then(smtp => smtp.sendMail(message(mail)))]);
    },
    close: () => closing.abort(),
    get closed() {
      return closing.signal.aborted;
    },
  };
}

/** One file per Message-ID, so that sending again replaces the file. */
function fileMailer(folder: string): Mailer {
  return {
    async send(mail) {
      const { createTransport } = await nodemailer();
      const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
      const { message: bytes } = await transport.sendMail(message(mail));
      if (!Buffer.isBuffer(bytes)) throw new Error('the mail was not rendered into memory');
      writeAtomic(join(folder, `${sha256(mail.messageId).slice(0, 32)}.eml`), bytes);
    },
    // Files do not keep anybody waiting.
    close: () => undefined,
    closed: false,
  };
}

function message(mail: Mail) {
  const to = { name: oneLine(mail.to.name), address: onlyAddress(mail.to.address) };
  const from = { name: oneLine(mail.from.name), address: onlyAddress(mail.from.address) };
  return {
    ...mail,
    to,
    from,
    subject: oneLine(mail.subject),
    // Said outright, so that no header decides who receives it.
    envelope: { from: from.address, to: [to.address] },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

// One mailbox and nothing a header or an SMTP command could be continued with: no space, quote, bracket, comma, colon or control character.
const plainAddress = /^[^\s\p{Cc}"(),:;<>@[\\\]]+@[^\s\p{Cc}"(),:;<>@[\\\]]+$/u;

function onlyAddress(text: string): string {
  const address = text.trim();
  if (!plainAddress.test(address) || address.length > 254) {
    throw new Error(`${JSON.stringify(text)} is not one e-mail address; correct it at the account, then send again`);
  }
  return address;
}

function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trim();
}

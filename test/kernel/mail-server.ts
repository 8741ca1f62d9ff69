import type { AddressInfo } from 'node:net';
import { type SMTPServer as Server, SMTPServer } from 'smtp-server';
import { onTestFinished } from 'vitest';

export interface ReceivedMail {
  recipients: string[];
  source: string;
}

/** A mail server that stops with the test. */
export async function mailServer(answer: () => Error | undefined = () => undefined) {
  const { stop, ...server } = await startMailServer(answer);
  onTestFinished(stop);
  return server;
}

/** A real SMTP server on a free port of this machine. `answer` may refuse a mail after its data came. */
export async function startMailServer(answer: () => Error | undefined = () => undefined) {
  const received: ReceivedMail[] = [];
  const server: Server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const refusal = answer();
        if (!refusal) {
          const recipients = session.envelope.rcptTo.map(recipient => recipient.address);
          received.push({ recipients, source: Buffer.concat(chunks).toString('utf8') });
        }
        callback(refusal);
      });
    },
  });
  server.on('error', () => undefined); // A client that hangs up mid-way is part of the test.
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.server.address() as AddressInfo;
  const stop = () => new Promise<void>(resolve => server.close(() => resolve()));
  return { url: `smtp://127.0.0.1:${port}`, received, stop };
}

import pino, { type DestinationStream, type Logger } from 'pino';

export type Log = Pick<Logger, 'info' | 'warn' | 'error' | 'debug'>;

const secretNames = ['password', 'key', 'secret', 'token', 'apiKey', 'authorization', 'cookie', 'csrf', 'smtpUrl'];

// Whatever field they stand in: API keys, bearer tokens, password hashes, cookies of ours, credentials in a URL.
const secretShapes = [
  /wl_[A-Za-z0-9_-]{12,}/g,
  /(?<=\bBearer )[^\s"\\]+/gi,
  /\$argon2id\$[^"\\\s]+/g,
  /(?<=wattledger_(?:session|visit)=)[^;"\\\s]+/g,
  /(?<=:\/\/)[^/@"\\\s]+:[^/@"\\\s]+(?=@)/g,
];

/**
 * The application log: one JSON line an event, to stdout and to `more`, secrets left out both by the name of their field and by how
 * they look. The readings journal is something else entirely.
 */
export function createLog(level: string, more: DestinationStream[] = []): Logger {
  const stdout = pino.destination({ dest: 1, sync: true });
  // The logger itself leaves out what is below its level.
  const streams = [stdout, ...more].map(stream => ({ stream, level: 'trace' as const }));
  return pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: secretNames.flatMap(name => [name, `*.${name}`, `*.*.${name}`, `*.*.*.${name}`]),
        censor: '[redacted]',
      },
      hooks: { streamWrite: redactShapes },
    },
    pino.multistream(streams),
  );
}

function redactShapes(line: string): string {
  return secretShapes.reduce((text, shape) => text.replace(shape, '[redacted]'), line);
}

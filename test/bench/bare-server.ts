import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

// The yardstick: what node:http itself costs to take a body, parse it as most would and say yes. It checks nothing and stores nothing.
const answer = JSON.stringify({ verdict: 'accepted' });
/** What it answers to whoever asks for something: head and body of an answer of ours, to the byte. */
const asked = JSON.parse(process.argv[2] ?? '{}') as { headers?: Record<string, string>; body?: string };

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.writeHead(200, asked.headers);
    response.end(asked.body);
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = parse(request.headers['content-type'], Buffer.concat(chunks).toString('utf8'));
    response.writeHead(typeof body === 'object' ? 200 : 400, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': answer.length,
    });
    response.end(answer);
  });
});

function parse(type: string | undefined, text: string): unknown {
  if (type === 'text/csv') return text.split('\n').map(line => line.split(','));
  if (type !== 'application/x-ndjson') return JSON.parse(text);
  return text.split('\n').map((line): unknown => (line === '' ? undefined : JSON.parse(line)));
}

server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listens on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});

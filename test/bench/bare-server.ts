import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

// The yardstick: what node:http itself costs to take a JSON body and say yes. It checks nothing and stores nothing.
const answer = JSON.stringify({ verdict: 'accepted' });

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    response.writeHead(typeof body === 'object' ? 200 : 400, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': answer.length,
    });
    response.end(answer);
  });
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listens on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});

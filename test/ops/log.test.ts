import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newApiKeySecret } from '../../src/access/api-key.ts';
import { StoppedClock } from '../../src/kernel/clock.ts';
import { createLog } from '../../src/kernel/log.ts';
import { LogFile } from '../../src/kernel/log-file.ts';
import { testFolder } from '../open-house.ts';
import { createKey, startServer, temporaryHome } from '../server.ts';

/** The log of this process writes to stdout too; what these tests say there is cut short by the level of the rest. */
function logTo(lines: string[]) {
  return createLog('error', [{ write: (line: string) => void lines.push(line) }]);
}

describe('the application log', () => {
  it('leaves secrets out by the name of their field, however deep, and by how they look, wherever they stand', () => {
    const canary = 'canary-4711';
    const key = newApiKeySecret();
    const lines: string[] = [];
    const log = logTo(lines);
    for (const name of ['password', 'key', 'secret', 'token', 'apiKey', 'authorization', 'cookie', 'csrf', 'smtpUrl']) {
      log.error({ [name]: canary, one: { [name]: canary }, two: { deep: { [name]: canary } } }, 'by name');
    }
    log.error({ req: { headers: { authorization: `Bearer ${canary}`, cookie: `wattledger_session=${canary}` } } }, 'x');
    log.error({ err: new Error(`refused ${key} of Authorization: Bearer ${canary}`) }, `told ${key}`);
    log.error(
      { url: `smtp://user:${canary}@mail.example:587` },
      'could not reach smtp://user:canary-4711@mail.example',
    );
    log.error({ found: `$argon2id$v=19$m=1,t=1,p=1$${canary}$${canary}` }, 'hash');
    log.error({ headers: [`Cookie: __Host-wattledger_session=${canary}; theme=dark`] }, 'raw');
    const written = lines.join('');
    expect(lines).toHaveLength(14);
    expect(written).not.toContain(canary);
    expect(written).not.toContain(key);
    expect(written).toContain('smtp://[redacted]@mail.example');
    for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
  });

  it('writes one JSON line an event, whatever line breaks and escapes a stranger sends', () => {
    const lines: string[] = [];
    logTo(lines).error({ agent: 'a\r\n{"level":60,"msg":"forged"}\u001b[31m' }, 'b\nc');
    expect(lines).toHaveLength(1);
    expect(lines[0]!.trimEnd()).not.toMatch(/\p{Cc}/u);
    expect(JSON.parse(lines[0]!)).toMatchObject({ msg: 'b\nc' });
  });

  it('P1-21 P1-22 goes to a file a day apart from the readings journal, kept for thirty days', () => {
    const folder = testFolder();
    for (const name of ['app-2026-10-22.log', 'app-2026-10-23.log', 'app-notes.log', 'readings-2025-01-01.log'])
      writeFileSync(join(folder, name), '');
    const clock = new StoppedClock('2026-11-20T23:59:59Z');
    const file = new LogFile(folder, clock);
    file.write('{"msg":"before"}\n');
    expect(readdirSync(folder).sort()).toEqual([
      'app-2026-10-22.log',
      'app-2026-10-23.log',
      'app-2026-11-20.log',
      'app-notes.log',
      'readings-2025-01-01.log',
    ]);
    clock.moveTo('2026-11-21T00:00:00Z');
    file.write('{"msg":"after"}\n');
    expect(readdirSync(folder).sort()).toEqual([
      'app-2026-10-23.log',
      'app-2026-11-20.log',
      'app-2026-11-21.log',
      'app-notes.log',
      'readings-2025-01-01.log',
    ]);
    expect(readFileSync(join(folder, 'app-2026-11-20.log'), 'utf8')).toBe('{"msg":"before"}\n');
    expect(readFileSync(join(folder, 'app-2026-11-21.log'), 'utf8')).toBe('{"msg":"after"}\n');
    new LogFile(folder, clock).write('{"msg":"again"}\n');
    expect(readFileSync(join(folder, 'app-2026-11-21.log'), 'utf8')).toBe('{"msg":"after"}\n{"msg":"again"}\n');
  });

  it('S14 of a server at work holds no key, no password and no session', async () => {
    const home = temporaryHome();
    const server = await startServer(home, { LOG_LEVEL: 'debug', SMTP_URL: 'smtp://user:canary-smtp@127.0.0.1:1' });
    const key = await createKey(home);
    const bearer = { authorization: `Bearer ${key}` };
    const send = (path: string, body: string, headers: Record<string, string> = {}) =>
      fetch(server.url + path, { method: 'POST', body, redirect: 'manual', headers: { ...bearer, ...headers } });
    await send('/v1/readings', '{"broken', { 'content-type': 'application/json' });
    await send('/v1/meter-points', '{"identifier":"m-1","password":"canary-field"}', {
      'content-type': 'application/json',
    });
    await send('/admin/sign-in', 'name=admin&password=canary-password', {
      'content-type': 'application/x-www-form-urlencoded',
      cookie: 'wattledger_session=canary-session',
    });
    await send(`/csp-report`, `{"document-uri":"/admin?key=${key}"}`, { 'content-type': 'application/csp-report' });
    await fetch(`${server.url}/readyz?key=${key}`, { headers: { cookie: 'wattledger_session=canary-session' } });
    expect(await (await fetch(`${server.url}/metrics`)).text()).not.toContain(key);
    await server.stop();
    const files = readdirSync(join(home, 'logs')).filter(name => name.startsWith('app-'));
    expect(files).toHaveLength(1);
    const written = readFileSync(join(home, 'logs', files[0]!), 'utf8');
    expect(written.trim().split('\n').length).toBeGreaterThan(0);
    const [password] = /with (\S+) \(shown this once\)/.exec(server.output())!.slice(1);
    // What is printed for a person is not logged: the same lines stand on stdout, and once more in the file.
    for (const text of [written, server.output().replace(/^First start.*$/m, '')]) {
      expect(text).toContain('content security policy violated');
      for (const secret of ['canary-', key, password!]) expect(text).not.toContain(secret);
    }
  });
});

import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/kernel/database.ts';
import { sha256 } from '../../src/kernel/ids.ts';
import { nodeOfProject } from '../server.ts';
import { campaign } from './campaign.ts';
import { pause } from './load.ts';

const project = join(import.meta.dirname, '../..');
const migrations = readdirSync(join(project, 'migrations')).sort();
const folder = mkdtempSync(join(tmpdir(), 'wattledger-upgrade-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** R14 of the safety notes. */
describe('an upgrade', () => {
  const fresh = schemaOf(join(folder, 'fresh.db'));

  it.each(migrations.map((name, at) => [at, name] as const))(
    'from %i migrations, before %s, ends at the schema of today',
    at => {
      const path = join(folder, `from-${at}.db`);
      const database = new Sqlite(path);
      database.exec(
        'CREATE TABLE migration (name TEXT PRIMARY KEY, sha256 TEXT NOT NULL, applied_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP) STRICT',
      );
      for (const name of migrations.slice(0, at)) {
        const sql = readFileSync(join(project, 'migrations', name), 'utf8');
        database.exec(sql);
        database.prepare('INSERT INTO migration (name, sha256) VALUES (?, ?)').run(name, sha256(sql));
      }
      database.close();
      expect(schemaOf(path)).toEqual(fresh);
    },
  );

  it('that is killed leaves a database that the next start upgrades', async () => {
    const path = join(folder, 'killed.db');
    const upgrade = `import { openDatabase } from ${JSON.stringify(join(project, 'src/kernel/database.ts'))};
      console.log('begins'); openDatabase(process.argv[1]).close();`;
    for (let kill = 0; kill < Math.min(campaign.kills, 30); kill++) {
      const child = spawn(nodeOfProject, ['--input-type=module', '-e', upgrade, path], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await new Promise(resolve => child.stdout.once('data', resolve));
      await pause(Math.random() * 20);
      const closed = new Promise(resolve => child.once('close', resolve));
      child.kill('SIGKILL');
      await closed;
      expect(schemaOf(path)).toEqual(fresh);
      rmSync(path);
    }
  });
});

/** Everything the database is made of, after it was opened by this version. */
function schemaOf(path: string): unknown[] {
  const database = openDatabase(path);
  const schema = database.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name').all();
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
  database.close();
  return schema;
}

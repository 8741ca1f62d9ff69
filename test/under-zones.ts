// Runs the tests of tariffs, billing and consumption with the host in four zones, and every bill case: the same tests must pass and the
// bills be the same bytes. `.ci/run` does it after the suite; host-zone.test.ts has the short form.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const hostZones = ['UTC', 'Australia/Lord_Howe', 'America/St_Johns', 'Asia/Kathmandu'];

const project = join(import.meta.dirname, '..');
/** Others may be named on the command line. */
const foldersDefault = ['test/tariffs', 'test/billing', 'test/consumption'];

if (import.meta.main) {
  const results = hostZones.map(zone => ({ zone, tests: testsIn(zone), bills: billsIn(zone) }));
  const [first] = results;
  for (const { zone, tests, bills } of results) {
    const failed = tests.filter(({ status }) => status === 'failed');
    const same = JSON.stringify(tests) === JSON.stringify(first!.tests) && bills === first!.bills;
    console.log(`${zone}: ${tests.length} tests, ${failed.length} failed, ${bills.length} bytes of bills`);
    for (const { name } of failed) console.log(`  ${name}`);
    if (tests.length === 0 || bills.length === 0 || failed.length > 0 || !same) {
      if (!same) console.log(`  differs from ${first!.zone}`);
      process.exitCode = 1;
    }
  }
}

interface TestResult {
  name: string;
  status: string;
}

interface Report {
  testResults: { name: string; status: string; assertionResults: { fullName: string; status: string }[] }[];
}

function testsIn(zone: string): TestResult[] {
  const file = join(tmpdir(), `wattledger-zones-${process.pid}.json`);
  const named = process.argv.slice(2);
  const folders = named.length > 0 ? named : foldersDefault;
  const args = ['vitest', 'run', ...folders, '--reporter=json', `--outputFile=${file}`];
  spawnSync('npx', args, { cwd: project, env: { ...process.env, HOST_ZONE: zone }, stdio: 'ignore' });
  const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as Report;
  rmSync(file);
  return testResults
    .flatMap(({ name, status, assertionResults }) => [
      // A file that could not even be read has no tests that failed.
      { name, status },
      ...assertionResults.map(each => ({ name: each.fullName, status: each.status })),
    ])
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Every bill case with its lines, as the shell prints it. */
function billsIn(zone: string): string {
  const args = [join(project, 'src/main.js'), 'bills', 'verify', join(project, 'test/bill-cases'), '--json'];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    env: { ...process.env, TZ: zone },
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  process.stderr.write(stderr);
  return stdout;
}

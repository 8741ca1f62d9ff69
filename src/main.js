#!/usr/bin/env node
// Plain JavaScript, so that a Node too old for the rest can still say so: TypeScript is stripped from 22.18 on, and the SQLite
// binding crashes older versions without a word.
import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

const neededMajor = 24;
const neededMinor = 12;
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < neededMajor || (major === neededMajor && minor < neededMinor)) {
  console.error(
    `wattledger needs Node ${neededMajor}.${neededMinor} or newer and this is ${process.versions.node}: run it by "npm start" or "npx wattledger", which bring their own.`,
  );
  process.exit(1);
}
// What is cached is run: it lies where only those write who could change the program itself, and not in a folder for everybody.
nodeModule.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)));
// Whoever reads our output may stop early (| head): that is no failure of the command.
process.stdout.on('error', error => {
  if (!('code' in error) || error.code !== 'EPIPE') throw error;
});
// What is loaded stays: a young generation that grew for it would be 32 MB that nobody needs and V8 keeps.
setFlagsFromString('--semi-space-growth-factor=1');
const { run } = await import('./cli.ts');
setFlagsFromString('--semi-space-growth-factor=2');
process.exitCode = await run(process.argv.slice(2));

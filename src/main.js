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
loadQuickly();
// Whoever reads our output may stop early (| head): that is no failure of the command.
process.stdout.on('error', error => {
  if (!('code' in error) || error.code !== 'EPIPE') throw error;
});
// What is not in the cache has its types taken out by WebAssembly. Compiled in one quick pass and never again it takes 13 MB less, and 0.2 s.
for (const flag of ['--liftoff-only', '--no-wasm-tier-up', '--no-wasm-dynamic-tiering']) setFlagsFromString(flag);
// What is loaded stays: a young generation that grew for it would be 32 MB that nobody needs and V8 keeps.
setFlagsFromString('--semi-space-growth-factor=1');
const { run } = await import('./cli.ts');
setFlagsFromString('--semi-space-growth-factor=2');
process.exitCode = await run(process.argv.slice(2));

/**
 * Of a thousand files that a start reads most are ours, and an import of ours says exactly which file is meant: Node need not look
 * whether it is there, follow links and ask each folder for its package. And of zod's fifty languages the one is read that is spoken.
 */
function loadQuickly() {
  const ours = new URL('./', import.meta.url).href;
  nodeModule.registerHooks({
    resolve: (specifier, context, next) => {
      const from = context.parentURL ?? '';
      if (from.startsWith(ours) && specifier.startsWith('.') && specifier.endsWith('.ts'))
        return { url: new URL(specifier, from).href, format: 'module-typescript', shortCircuit: true };
      if (specifier === '../locales/index.js' && from.endsWith('/zod/v4/classic/external.js'))
        return next('../locales/en.js', context);
      return next(specifier, context);
    },
  });
}

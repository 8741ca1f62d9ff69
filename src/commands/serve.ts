import { flushCompileCache } from 'node:module';
import { folders, readConfig } from '../config.ts';
import { systemClock } from '../kernel/clock.ts';
import { createLog } from '../kernel/log.ts';
import { LogFile } from '../kernel/log-file.ts';
import { type Command, type ExitCode, exitCodes } from './command.ts';

export const serveCommand: Command = {
  name: 'serve',
  operands: '',
  summary: 'Runs the server until SIGTERM or SIGINT.',
  optionHelp: [],
  options: {},
  run: async input => {
    const config = readConfig(input.environment);
    const log = createLog(config.logLevel, [new LogFile(folders(config.home).logs, systemClock)]);
    const ended = Promise.withResolvers<ExitCode>();
    // Here and not above: no other command needs all of HTTP, which is 35 MB and a fifth of a second.
    const { firstAdminName, serve } = await import('../serve.ts');
    const serving = await serve({
      config,
      log,
      onStorageFailure: error => {
        log.error({ err: error }, 'storage failed: nothing is acknowledged any more; start again to recover');
        // Answers under way get their 503 before the process ends.
        setTimeout(() => process.exit(exitCodes.storage), 500).unref();
      },
    });
    if (serving.newAdminPassword) {
      input.print(
        `First start: sign in at ${serving.url}/admin as ${firstAdminName} with ${serving.newAdminPassword} (shown this once)`,
      );
    }
    const stop = () =>
      void serving.stop().then(() => {
        ended.resolve(exitCodes.ok);
        // All is written and closed; a connection to a mail server that says nothing would keep the process for a minute.
        setTimeout(() => process.exit(exitCodes.ok), 500).unref();
      }, ended.reject);
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
    // Last: whoever waits for this line may end us at once.
    input.print(`wattledger listens on ${serving.url}`);
    // A process that is killed never writes what it compiled, and taking the types out of hundreds of files is half of the next start.
    setImmediate(flushCompileCache);
    return ended.promise;
  },
};

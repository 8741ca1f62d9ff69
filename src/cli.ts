import { parseArgs } from 'node:util';
import { type Command, type CommandInput, type ExitCode, exitCodes, UsageProblem } from './commands/command.ts';
import { serveCommand } from './commands/serve.ts';
import { ConfigProblem, variables } from './config.ts';
import { DamageFound, Refusal } from './kernel/errors.ts';
import { storageRefusal } from './kernel/storage-errors.ts';

// What a window of usual size shows without breaking words.
const widthMax = 118;

/** Runs one command line; never throws. The exit codes: 0 ok, 1 some input was rejected, 2 wrong usage, 3 storage. */
export async function run(line: string[]): Promise<ExitCode> {
  const words = line[0] === 'help' ? [...line.slice(1), '--help'] : line;
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  const tell = (line: string) => void process.stderr.write(`${line}\n`);
  const commands = await commandsOf(words[0]);
  const command = commands.find(each => each.name.split(' ').every((word, at) => words[at] === word));
  if (!command) return choice(words, commands, print, tell);
  if (words.includes('--help')) {
    print(helpOf(command));
    return exitCodes.ok;
  }
  try {
    const rest = words.slice(command.name.split(' ').length);
    return await command.run({
      ...parse(command, rest),
      environment: process.env,
      print,
      tell,
      interactive: process.stderr.isTTY,
    });
  } catch (error) {
    return explain(error, command, tell);
  }
}

/** Those that are wanted to start at once come without the others, whose files take a tenth of a second. */
async function commandsOf(word: string | undefined): Promise<readonly Command[]> {
  if (word === serveCommand.name) return [serveCommand];
  if (word === 'import') return (await import('./commands/import-commands.ts')).importCommands;
  return (await import('./commands/index.ts')).commands;
}

/** Of "plan", those that begin with it; of nothing, all. */
function choice(
  words: string[],
  commands: readonly Command[],
  print: (line: string) => void,
  tell: (line: string) => void,
): ExitCode {
  const [first = '--help'] = words;
  const group = commands.filter(({ name }) => name.startsWith(`${first} `));
  const wanted = first === '--help' ? overview(commands) : listOf(group).join('\n');
  if (first === '--help' || (group.length > 0 && words.includes('--help'))) {
    print(wanted);
    return exitCodes.ok;
  }
  const advice = group.length > 0 ? wanted : '"wattledger --help" lists them all.';
  tell(`wattledger: there is no command "${words.join(' ')}".\n${advice}`);
  return exitCodes.usage;
}

function parse(command: Command, words: string[]): Pick<CommandInput, 'operands' | 'options'> {
  try {
    const { values, positionals, tokens } = parseArgs({
      args: words,
      options: command.options,
      allowPositionals: command.operands !== '',
      tokens: true,
    });
    for (const [at, token] of tokens.entries())
      if (token.kind === 'option') refuseUnclear(token, command, tokens.slice(0, at));
    const options: CommandInput['options'] = {};
    for (const [name, value] of Object.entries(values))
      options[name] = Array.isArray(value) ? value.map(String) : value;
    return { operands: positionals, options };
  } catch (error) {
    throw new UsageProblem(error instanceof Error ? error.message : String(error));
  }
}

interface Said {
  kind: string;
  name?: string;
  value?: string | undefined;
}

/** Throws for an option that says nothing, as of a script's variable that is not set, and for one of whose two texts one would be lost. */
function refuseUnclear({ name = '', value }: Said, { options }: Command, before: readonly Said[]): void {
  if (value === undefined) return;
  if (value === '') throw new Error(`--${name} says nothing`);
  if (!options[name]?.multiple && before.some(each => each.kind === 'option' && each.name === name))
    throw new Error(`--${name} may be said once`);
}

function explain(error: unknown, command: Command, tell: (line: string) => void): ExitCode {
  if (error instanceof UsageProblem) {
    tell(`wattledger ${command.name}: ${error.message}\n\n${helpOf(command)}`);
    return exitCodes.usage;
  }
  if (error instanceof ConfigProblem) {
    tell(`wattledger: ${error.message}`);
    return exitCodes.usage;
  }
  if (error instanceof Refusal) {
    tell(`wattledger ${command.name}: ${error.message} (${error.code})`);
    // As another variable that cannot be used.
    if (error.code === 'home-setting-differs') return exitCodes.usage;
    return error.code.startsWith('storage-') ? exitCodes.storage : exitCodes.rejected;
  }
  if (error instanceof DamageFound) {
    tell(`wattledger: ${error.message}.\n${error.advice}`);
    return exitCodes.storage;
  }
  if (error instanceof Error && ('syscall' in error || storageRefusal(error))) {
    tell(`wattledger ${command.name}: ${error.message}.\n${adviceOn(error)}`);
    return exitCodes.storage;
  }
  tell(`wattledger ${command.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return exitCodes.storage;
}

/** What the machine refuses is said in its own words, which name the path or the address; a stack would add nothing. */
function adviceOn(error: Error & { syscall?: unknown }): string {
  return error.syscall === 'listen' || error.syscall === 'getaddrinfo'
    ? 'Stop what listens there, or set PORT to another; HOST is an address of this machine.'
    : 'Check that WATTLEDGER_HOME and what is in it can be read and written, and that the disk has room.';
}

function overview(commands: readonly Command[]): string {
  return [
    'wattledger: smart-meter readings in, correct bills out.',
    '',
    ...listOf(commands),
    '',
    'Environment:',
    ...variables.map(
      ({ name, what, fallback }) =>
        `  ${name.padEnd(18)}  ${what}${fallback && name !== 'WATTLEDGER_HOME' ? ` (${fallback})` : ''}`,
    ),
    '',
    'Exit: 0 ok · 1 some input was rejected · 2 wrong usage · 3 storage',
  ].join('\n');
}

function listOf(commands: readonly Command[]): string[] {
  const width = Math.max(...commands.map(({ name, operands }) => name.length + operands.length + 1));
  return [
    'Commands (each has --help):',
    ...commands.map(({ name, operands, summary }) => {
      const [first, ...rest] = folded(summary, widthMax - width - 4);
      return [
        `  ${`${name} ${operands}`.padEnd(width)}  ${first}`,
        ...rest.map(line => ' '.repeat(width + 4) + line),
      ].join('\n');
    }),
  ];
}

/** Lines of whole words. */
function folded(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    if (line !== '' && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}

function helpOf({ name, operands, summary, optionHelp }: Command): string {
  const usage = `Usage: wattledger ${name}${operands && ` ${operands}`}${optionHelp.length > 0 ? ' [options]' : ''}`;
  return [
    usage,
    '',
    ...folded(summary, widthMax),
    ...(optionHelp.length > 0 ? ['', 'Options:', ...optionHelp.map(line => `  ${line}`)] : []),
  ].join('\n');
}

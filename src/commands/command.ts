import type { ParseArgsOptionsConfig } from 'node:util';

/** What a command ends with; the same everywhere, so that scripts can rely on it. */
export const exitCodes = { ok: 0, rejected: 1, usage: 2, storage: 3 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export interface CommandInput {
  /** What stands after the command's words. */
  operands: string[];
  /** A list where the option may be repeated. */
  options: Record<string, string | boolean | string[] | undefined>;
  environment: Record<string, string | undefined>;
  /** Results, for people and pipes. */
  print: (line: string) => void;
  /** Progress and problems, on stderr. */
  tell: (line: string) => void;
  /** Whether stderr is a terminal that can show progress. */
  interactive: boolean;
}

/** One command: an object in one file, plus a line in commands/index.ts. */
export interface Command {
  /** "import", "key create". */
  name: string;
  /** After the name: "FILE…". */
  operands: string;
  summary: string;
  /** One line per option for --help. */
  optionHelp: string[];
  options: ParseArgsOptionsConfig;
  run: (input: CommandInput) => Promise<ExitCode>;
}

/** The command was called wrongly: said in one sentence, exit 2. */
export class UsageProblem extends Error {
  override name = 'UsageProblem';
}

/** The values of an option that may be given many times; none when it was not. */
export function listOption(input: CommandInput, name: string): string[] {
  const value = input.options[name];
  return Array.isArray(value) ? value : [];
}

/** The value of an option; undefined when it was not given, or is no text. */
export function textOption(input: CommandInput, name: string): string | undefined {
  const value = input.options[name];
  return typeof value === 'string' ? value : undefined;
}

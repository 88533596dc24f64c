/**
 * How a command of the command line registers, and what it gets to work with.
 *
 * Each `command/<name>.ts` exports `command`. `main.ts` loads the module only when its command is
 * asked for, hands its options to commander, and maps what `run` answers to the exit code.
 * A command never calls `process.exit`, never reads `process.argv` and never throws for what the
 * world does: it prints the problem (`output/report.ts`) and returns the problem's exit code.
 */

import type { ExitCode } from '../model/problem.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';

/** A stream for text. */
export interface TextStream {
  write(text: string): void;
  readonly isTty: boolean;
  /** Width in columns; 100 when it is not a terminal. */
  readonly columns: number;
}

/** Everything a command says or asks goes through here. */
export interface CliIo {
  /** Results. With `--json`: JSON and nothing else. */
  readonly stdout: TextStream;
  /** Problems; with `--json` all human text. */
  readonly stderr: TextStream;
  /** Escape codes for colour may be written to both streams. */
  readonly color: boolean;
  /** A question may be asked: stdin and stdout are terminals, no `--json`, no CI. */
  readonly interactive: boolean;
  /** Asks one question and answers the line typed, or `null` when the signal fired or input ended first. */
  ask(question: string, signal: AbortSignal): Promise<string | null>;
}

/** The options every command has. */
export interface GlobalOptions {
  /** `-f`, or `sqlferry.yaml`. `lab up` reads its `lab.yaml` from here when `fileGiven`. */
  readonly file: string;
  /** Whether `-f` was on the command line. */
  readonly fileGiven: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly debug: boolean;
  readonly stateDir: string;
}

/** What a command gets to work with. */
export interface CliContext {
  readonly io: CliIo;
  readonly globals: GlobalOptions;
  readonly clock: Clock;
  readonly random: Random;
  /** Aborted by the first SIGINT or SIGTERM; a second one ends the process at once. */
  readonly signal: AbortSignal;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** One option in commander's notation. */
export interface OptionSpec {
  /** For example `--out <plan.json>` or `--yes`. */
  readonly flags: string;
  readonly help: string;
  readonly fallback?: string;
}

/** One positional argument in commander's notation. */
export interface ArgumentSpec {
  /** For example `<id>` or `[name]`. */
  readonly syntax: string;
  readonly help: string;
}

/** What was typed after the command's name; option names in camelCase. */
export interface CommandInput {
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly args: readonly string[];
}

/** A command. */
export interface Command {
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  readonly options: readonly OptionSpec[];
  readonly arguments?: readonly ArgumentSpec[];
  run(context: CliContext, input: CommandInput): Promise<ExitCode>;
}

/** A command with commands of its own, for example `lab`. */
export interface CommandGroup {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly Command[];
}

/** What `command/<name>.ts` exports as `command`. */
export interface CommandModule {
  readonly command: Command | CommandGroup;
}

/** The value of an option that takes one; `null` when it was not given. */
export function textOption(input: CommandInput, name: string): string | null {
  const value = input.options[name];
  return typeof value === 'string' ? value : null;
}

/** Whether a switch was given. */
export function flagOption(input: CommandInput, name: string): boolean {
  return input.options[name] === true;
}

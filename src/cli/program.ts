/**
 * Turns the command line into one call of a command: global options, help, usage errors.
 *
 * Relies on commander for parsing; a command's own options are known to it only after the command's
 * module was loaded, so that a slow import is paid by the command that needs it.
 */

import { Command as Commander, CommanderError } from 'commander';

import { systemClock } from '../adapters/clock.ts';
import { systemRandom } from '../adapters/random.ts';
import { required } from '../base/assert.ts';
import { ExitCode } from '../model/problem.ts';
import type { CliContext, Command, CommandGroup, GlobalOptions } from './command-module.ts';
import { listenForInterrupt } from './interrupt.ts';
import { openTerminal } from './output/terminal.ts';
import { registry } from './registry.ts';

/** What commander parsed before a command ran. */
interface Parsed {
  exitCode: ExitCode;
}

/** Global options that take a value: the word after them is not the command's name. */
const VALUE_OPTIONS = new Set(['-f', '--file', '--state-dir']);

/** Runs one command line and answers the exit code. */
export async function runProgram(argv: readonly string[], version: string): Promise<ExitCode> {
  const parsed: Parsed = { exitCode: ExitCode.usage };
  const program = makeProgram(version);
  const wanted = commandName(argv);
  for (const entry of registry) {
    if (entry.name !== wanted) {
      program.command(entry.name).description(entry.summary);
      continue;
    }
    const { command } = await entry.load();
    addCommand(program, command, parsed);
  }
  if (wanted === null && !argv.includes('--help') && !argv.includes('-h')) {
    program.outputHelp({ error: true });
    return ExitCode.usage;
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return parsed.exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? ExitCode.done : ExitCode.usage;
  }
}

/** The first word that is neither an option nor an option's value. */
function commandName(argv: readonly string[]): string | null {
  for (let at = 0; at < argv.length; at += 1) {
    const word = required(argv[at], 'argument');
    if (VALUE_OPTIONS.has(word)) at += 1;
    else if (!word.startsWith('-')) return word;
  }
  return null;
}

function makeProgram(version: string): Commander {
  return new Commander('sqlferry')
    .description(
      'Moves SQL Server databases to SQL Server on Azure Virtual Machines with a distributed availability group (DAG): assessed, planned, watched, cut over with proof.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .option('-f, --file <file>', 'migration file (default: ./sqlferry.yaml); for lab up: lab.yaml')
    .option('--json', 'machine output on stdout, human text on stderr')
    .option('--quiet', 'only the result and problems')
    .option('--no-color', 'no colour, also with NO_COLOR set')
    .option('--debug', 'show every statement sent to a server')
    .option('--state-dir <dir>', 'where the journal is kept (default: ./.sqlferry)')
    .showSuggestionAfterError()
    .showHelpAfterError('(sqlferry --help lists the commands)')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .addHelpText(
      'after',
      '\nThe way through: assess, plan, migrate, cutover, finish; status at any time.\nExit codes: 0 done, 1 problem, 2 usage, 3 waits for a human or a gate not met,\n4 refused by the assessment, 5 outage open, 70 bug.',
    );
}

function addCommand(parent: Commander, command: Command | CommandGroup, parsed: Parsed): void {
  const node = parent.command(command.name).description(command.summary).helpCommand(false);
  node.copyInheritedSettings(parent);
  if ('commands' in command) {
    for (const child of command.commands) addCommand(node, child, parsed);
    return;
  }
  for (const argument of command.arguments ?? []) node.argument(argument.syntax, argument.help);
  for (const option of command.options) node.option(option.flags, option.help, option.fallback);
  node.action(async () => {
    parsed.exitCode = await runCommand(command, node);
  });
}

async function runCommand(command: Command, node: Commander): Promise<ExitCode> {
  const all: Record<string, unknown> = node.optsWithGlobals();
  const globals = readGlobals(all);
  const terminal = openTerminal({ globals, noColor: all['color'] === false });
  const interrupt = listenForInterrupt();
  const context: CliContext = {
    io: terminal,
    globals,
    clock: systemClock,
    random: systemRandom,
    signal: interrupt.signal,
    environment: process.env,
  };
  try {
    return await command.run(context, { options: node.opts(), args: node.args });
  } finally {
    interrupt.stop();
  }
}

function readGlobals(options: Readonly<Record<string, unknown>>): GlobalOptions {
  const file = options['file'];
  const stateDir = options['stateDir'];
  return {
    file: typeof file === 'string' ? file : 'sqlferry.yaml',
    fileGiven: typeof file === 'string',
    json: options['json'] === true,
    quiet: options['quiet'] === true,
    debug: options['debug'] === true,
    stateDir: typeof stateDir === 'string' ? stateDir : '.sqlferry',
  };
}

/**
 * Everything that can be wrong in the world around the program, as values.
 *
 * The catalogue is closed: a new problem gets a new code here, with what it means and what to do.
 * `docs/problems.md` is generated from it and `sqlferry explain <code>` prints it. Codes are never reused.
 */

import { ExitCode, type ProblemKind } from './problem-kind.ts';
import { serverProblems } from './problem-server.ts';

/** A SQL Server error as the server gave it. */
export interface ServerErrorEvidence {
  readonly number: number;
  readonly state: number;
  /** Severity (MS-TDS ERROR token: class). */
  readonly class: number;
  readonly message: string;
  readonly serverName: string;
}

export { ExitCode, type ProblemKind };

/** The catalogue. Areas: CFG file and options, NET reach, TDS protocol and TLS, AUTH login, SQL server errors, AG groups, SEED, CUT cutover, JRN journal, LAB, BUG. */
export const ProblemCatalogue = {
  'SF-CFG-001': {
    title: 'The migration file cannot be read',
    cause: 'The file does not exist, or this user may not read it.',
    remedy: 'Name the file with -f, or run the command in the folder that holds sqlferry.yaml.',
    exitCode: ExitCode.usage,
  },
  'SF-CFG-002': {
    title: 'The migration file is not valid YAML',
    cause: 'The text breaks the rules of YAML at the place that is named.',
    remedy: 'Mend the line; indentation with tabs and unclosed quotes are the usual reasons.',
    exitCode: ExitCode.usage,
  },
  'SF-CFG-003': {
    title: 'The migration file says something that is not allowed',
    cause: 'A key is unknown or missing, or a value has the wrong form.',
    remedy: 'Change the place that is named to what is allowed there.',
    exitCode: ExitCode.usage,
  },
  'SF-CFG-004': {
    title: 'A secret cannot be read',
    cause: 'The environment variable is not set, or the file does not exist or is empty.',
    remedy: 'Set the variable or create the file that `auth` names; only this user should read it.',
    exitCode: ExitCode.usage,
  },
  'SF-CFG-005': {
    title: 'A password stands in the migration file',
    cause:
      'The file travels by mail and version control; a password in it is not a secret any more.',
    remedy: 'Write `password: {env: NAME}` or `password: {file: path}`, and change the password.',
    exitCode: ExitCode.usage,
  },
  'SF-CFG-006': {
    title: 'The file of the certificate authority cannot be read',
    cause: 'The file in `tls.ca` does not exist, or holds no certificate in PEM form.',
    remedy: 'Name a PEM file; the path is taken from the folder of the migration file.',
    exitCode: ExitCode.usage,
  },
  ...serverProblems,
  'SF-CLI-001': {
    title: 'The command waits for a confirmation',
    cause:
      'The command changes which side is writable, and nobody could be asked: input or output is not a terminal, or --json or CI is set.',
    remedy: 'Run it again with --confirm and the name of the distributed availability group.',
    exitCode: ExitCode.waiting,
  },
  'SF-CLI-002': {
    title: 'The confirmation names something else',
    cause:
      'What was typed is not the name of the distributed availability group of this migration.',
    remedy: 'Check that the right migration file is used, then confirm with the name it holds.',
    exitCode: ExitCode.usage,
  },
  'SF-CLI-003': {
    title: 'Not in this version',
    cause: 'The option or command is part of the product but not built yet.',
    remedy: 'Leave the option out; CHANGELOG.md says what each version brings.',
    exitCode: ExitCode.usage,
  },
  'SF-CLI-004': {
    title: 'Failing back is not in this version',
    cause: 'Versions before sqlferry failback could not move the writes back by themselves.',
    remedy: 'Use a version that has sqlferry failback.',
    exitCode: ExitCode.waiting,
  },
  'SF-CLI-005': {
    title: 'Stopped on request',
    cause: 'Ctrl-C or a termination signal arrived; sqlferry stopped between two steps.',
    remedy: 'Run the same command again to go on; sqlferry status shows where both sides are.',
    exitCode: ExitCode.waiting,
  },
  'SF-CLI-006': {
    title: 'The plan file cannot be used',
    cause: 'The file is missing, is not a plan of sqlferry, or belongs to another migration.',
    remedy: 'Write it again with sqlferry plan --out plan.json.',
    exitCode: ExitCode.usage,
  },
  'SF-CLI-007': {
    title: 'The servers are not as the plan assumes',
    cause: 'Something changed on a server, or in the migration file, after the plan was written.',
    remedy: 'Review the differences, write the plan again, and run migrate with the new file.',
    exitCode: ExitCode.waiting,
  },
  'SF-CLI-008': {
    title: 'An option has a value that is not allowed',
    cause: 'The value has the wrong form, or options contradict each other.',
    remedy: 'Give the value as the message says.',
    exitCode: ExitCode.usage,
  },
  'SF-CLI-009': {
    title: 'An output file cannot be written',
    cause: 'The folder does not exist, the disk is full, or this user may not write there.',
    remedy: 'Name another file or create the folder.',
    exitCode: ExitCode.problem,
  },
  'SF-CLI-010': {
    title: 'Nothing is known under this name',
    cause:
      'The name is neither a rule, nor a problem code, nor a SQL Server error number that sqlferry meets.',
    remedy: 'Copy the id from a message or from sqlferry assess --json.',
    exitCode: ExitCode.usage,
  },
  'SF-CLI-011': {
    title: 'The assessment refuses the migration',
    cause: 'At least one prerequisite is not met, so that a later step would fail.',
    remedy: 'Mend what sqlferry assess lists as an error, then run migrate again.',
    exitCode: ExitCode.refused,
  },
  'SF-CLI-012': {
    title: 'A hook failed',
    cause: 'A program of cutover.hooks ended with an error or took longer than a minute.',
    remedy: 'Run the hook by hand, mend it, then run the command again.',
    exitCode: ExitCode.problem,
  },
  'SF-CLI-013': {
    title: 'The cutover cannot begin',
    cause: 'A condition for a switch without data loss is not met.',
    remedy: 'Do what is named; sqlferry migrate brings the servers to ready for cutover.',
    exitCode: ExitCode.waiting,
  },
  'SF-CLI-014': {
    title: 'The failback cannot begin',
    cause:
      'The cutover has not ended, the group is dropped, the versions differ, or a condition for a switch without data loss is not met.',
    remedy: 'Do what is named; sqlferry diagnose shows where both sides stand.',
    exitCode: ExitCode.waiting,
  },
  'SF-CLI-015': {
    title: 'The start time was missed',
    cause:
      'The machine slept or was stopped past the time of --at, or its clock was set; an outage is not begun at another time than the one that was agreed.',
    remedy: 'Choose a new time.',
    exitCode: ExitCode.waiting,
  },
  'SF-CLI-016': {
    title: 'The earlier assessment cannot be used',
    cause:
      'The file of --baseline is missing, is not what sqlferry assess --json wrote, or belongs to another migration.',
    remedy: 'Write it with sqlferry assess --json > before.json, and name it with --baseline.',
    exitCode: ExitCode.usage,
  },
  'SF-BUG-001': {
    title: 'A mistake in sqlferry itself',
    cause: 'The program broke one of its own rules and stopped rather than go on with a guess.',
    remedy: 'Look at both sides with sqlferry status, then report the message with its stack.',
    exitCode: ExitCode.bug,
  },
  'SF-DEMO-001': {
    title: 'An acknowledged row is missing or doubled on the target',
    cause: 'The ledger of the application and the rows of the target differ.',
    remedy:
      'Run the demo again with --keep and the printed seed, and compare the ledger with the target.',
    exitCode: ExitCode.problem,
  },
  'SF-DEMO-002': {
    title: 'The demo could not go on',
    cause: 'The lab or the application did not start, or stopped early.',
    remedy: 'Run it again with --keep and read the log files in the folder that is named.',
    exitCode: ExitCode.problem,
  },
  'SF-LAB-001': {
    title: 'The lab cannot start',
    cause:
      'An address or port is taken, the folder cannot be written, or a lab runs in this folder already.',
    remedy: 'Name another folder with --dir or other ports with --base-port.',
    exitCode: ExitCode.problem,
  },
  'SF-LAB-002': {
    title: 'The lab cannot be described',
    cause: 'The preset is unknown, or the lab file cannot be read or says something not allowed.',
    remedy: 'Mend the place that is named, or use --preset standalone.',
    exitCode: ExitCode.usage,
  },
  'SF-LAB-003': {
    title: 'No lab runs in this folder',
    cause: 'The folder holds no lab.json, or the process that wrote it has ended.',
    remedy: 'Name the folder of the lab with --dir, or start one with sqlferry lab up.',
    exitCode: ExitCode.problem,
  },
  'SF-LAB-004': {
    title: 'The lab does not take this request',
    cause: 'The fault, the instance or a value is not one the lab has.',
    remedy: 'Use what the message lists.',
    exitCode: ExitCode.usage,
  },
} as const satisfies Record<string, ProblemKind>;

/** A code of the catalogue. */
export type ProblemCode = keyof typeof ProblemCatalogue;

/** One occurrence of a problem. */
export interface Problem {
  readonly code: ProblemCode;
  /** One sentence about this occurrence, naming objects in brackets as T-SQL does. */
  readonly summary: string;
  /** Observed facts, one sentence each. */
  readonly because: readonly string[];
  /** Exact T-SQL or command for this occurrence. */
  readonly remedy: string;
  readonly instance?: string;
  readonly evidence?: ServerErrorEvidence;
}

/** The exit code of a problem. */
export function exitCodeOf(problem: Problem): ExitCode {
  return ProblemCatalogue[problem.code].exitCode;
}

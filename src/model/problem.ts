/**
 * Everything that can be wrong in the world around the program, as values.
 *
 * The catalogue is closed: a new problem gets a new code here, with what it means and what to do.
 * `docs/problems.md` is generated from it and `sqlferry explain <code>` prints it. Codes are never reused.
 */

/** A SQL Server error as the server gave it. */
export interface ServerErrorEvidence {
  readonly number: number;
  readonly state: number;
  /** Severity (MS-TDS ERROR token: class). */
  readonly class: number;
  readonly message: string;
  readonly serverName: string;
}

/** Exit codes of the command line. */
export const ExitCode = {
  done: 0,
  problem: 1,
  usage: 2,
  waiting: 3,
  refused: 4,
  outageOpen: 5,
  bug: 70,
} as const;

/** One of the exit codes. */
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** What the catalogue says about a code. */
export interface ProblemKind {
  /** One sentence without full stop. */
  readonly title: string;
  /** What it means and why it happens. */
  readonly cause: string;
  /** What a DBA does next. */
  readonly remedy: string;
  readonly exitCode: ExitCode;
}

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

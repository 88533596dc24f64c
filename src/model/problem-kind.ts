/** The form of an entry of the problem catalogue; the entries are in `problem.ts` and `problem-server.ts`. */

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

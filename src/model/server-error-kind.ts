/** The vocabulary of the table of SQL Server errors. */

/** How to react to an error. */
export type ServerErrorClass =
  /** The wanted state is there already: look and go on. */
  | 'already-done'
  /** Sent to the wrong server, or the roles have moved: look at both sides again. */
  | 'wrong-role'
  /** Goes away by itself: a few tries with growing pauses. */
  | 'transient'
  /** It may have happened: look at both sides before any other statement. */
  | 'unknown-outcome'
  /** Something is left behind that has to be cleaned up. */
  | 'half-applied'
  /** A person has to look. */
  | 'operator'
  /** A prerequisite is missing. */
  | 'configuration'
  /** No repetition will help. */
  | 'never';

/** What is known about one error number. */
export interface ServerErrorKind {
  readonly number: number;
  readonly class: ServerErrorClass;
  /** What it says, one sentence without full stop. */
  readonly meaning: string;
  readonly cause: string;
  readonly remedy: string;
}

/** A row: number, class, meaning, cause, remedy. */
export type ServerErrorRow = readonly [number, ServerErrorClass, string, string, string];

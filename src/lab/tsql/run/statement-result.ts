/** What a statement leaves behind for DONE and `@@ROWCOUNT`. */

/** Outcome of a statement that ended without error. */
export interface StatementResult {
  /** Null for statements without a count. */
  readonly rowCount: number | null;
  /** MS-TDS CurCmd. */
  readonly command: number;
  /** A result set was sent. */
  readonly resultSet: boolean;
}

/** CurCmd of everything but SELECT, INSERT, UPDATE and DELETE. */
export const OTHER_COMMAND = 0xfd;

/** The result of a statement that counts nothing. */
export const NO_COUNT: StatementResult = {
  rowCount: null,
  command: OTHER_COMMAND,
  resultSet: false,
};

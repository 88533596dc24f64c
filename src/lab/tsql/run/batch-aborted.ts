/** The rest of the batch is not run: the error was sent already. */

/** Ends a batch; with `scopeOnly` just the text that EXEC or sp_executesql runs, when it stands in one. */
export class BatchAborted extends Error {
  override readonly name = 'BatchAborted';
  readonly scopeOnly: boolean;

  constructor(reason: string, scopeOnly: boolean) {
    super(reason);
    this.scopeOnly = scopeOnly;
  }
}

/** Errors that end the batch and roll the transaction back, as conversion errors and deadlocks do. */
export const ROLLING_BACK: ReadonlySet<number> = new Set([
  241, 242, 244, 245, 248, 295, 1205, 3609, 8114, 8169, 9002,
]);

/** Errors found when a statement is compiled: they end the batch and leave the transaction. */
export const ENDING_BATCH: ReadonlySet<number> = new Set([
  102, 104, 107, 108, 109, 110, 116, 120, 121, 127, 137, 141, 145, 147, 156, 174, 189, 195, 205,
  206, 207, 208, 209, 213, 217, 402, 911, 976, 978, 983, 1013, 1087, 2812, 4104, 4112, 4121, 4145,
  8117, 8120, 8155, 8156, 8158, 8159, 49_901,
]);

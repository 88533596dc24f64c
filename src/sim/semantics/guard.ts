/** Names of the guards of the protocol, and what it means to take one away. */

/** Every guard that the explorer can remove, with what stands in the batch or the engine. */
export const guardTexts = {
  'act-lock':
    'Every batch that reads the register and then alters the group holds sqlferry:act from the look to the end.',
  'register-cas':
    'demote moves the register only from (fromEpoch, idle, aborted or done) to (fromEpoch + 1, fenced).',
  'in-batch-equality':
    'demote goes on to committing only when the final LSNs equal those the target had.',
  'demote-role': 'demote asks whether this side is PRIMARY.',
  'demote-synchronized': 'demote asks whether every database is SYNCHRONIZED.',
  'commit-epoch-cas': 'commit-epoch moves only fenced of its own epoch.',
  'commit-epoch-deadline': 'commit-epoch moves only before the deadline on the server’s clock.',
  'promote-refused': 'promote asks whether its epoch was refused here.',
  'promote-role': 'promote asks whether this side is SECONDARY.',
  'promote-lsns': 'promote waits until every hardened LSN has reached the final one.',
  'give-back-cas': 'give-back moves only its own epoch, and only from the phase it was decided in.',
  'refuse-role': 'refuse-epoch asks whether this side is SECONDARY, and not on its way to PRIMARY.',
  'close-cas': 'close-epoch moves only committing of its own epoch.',
  'dead-man-phase': 'The dead-man gives back only an epoch that is still fenced.',
  'dead-man-deadline': 'The dead-man gives back only when the deadline is past.',
  'promote-after-committing':
    'The engine sends promote only after it has seen the phase committing.',
  'revoke-after-refusal':
    'The engine takes a committing epoch back only after the target has refused it.',
  'reconnect-voids': 'A reconnect makes what an earlier session answered void.',
  leadership: 'Only the holder of sqlferry:lead on both sides acts.',
} as const;

/** Name of a guard. */
export type GuardName = keyof typeof guardTexts;

/** Every name, in the order of the table. */
export const guardNames = Object.keys(guardTexts) as readonly GuardName[];

/** Nothing removed: the shipping protocol. */
export const allGuards: ReadonlySet<GuardName> = new Set();

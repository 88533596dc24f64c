/**
 * What a failed seeding means, by SQL Server's error number and by `failure_state`.
 *
 * States: Microsoft Learn, sys.dm_hadr_automatic_seeding; a first digit 1 or 2 says on which side it
 * happened. Texts are compared only where the view gives no number.
 */

import { shownName } from '../../base/name.ts';
import type { Side } from '../../model/side.ts';
import type { WhoseMove } from '../../model/waiting.ts';
import { keeperOf } from './scene.ts';

/** A failed try as one side shows it. */
export interface SeedingFailure {
  readonly side: Side;
  readonly database: string;
  /** Side that receives. */
  readonly receiver: Side;
  /** Instance that receives, and its group. */
  readonly receiverInstance: string;
  readonly receiverGroup: string;
  /** `failure_state` without the digit of the side; null when it is not shown. */
  readonly state: number | null;
  readonly text: string;
  readonly errorCode: number | null;
  /** The receiving group has no GRANT CREATE ANY DATABASE; null when not shown. */
  readonly isGranted: boolean | null;
}

/** Cause of one kind of failure. */
export interface FailureCause {
  readonly id: string;
  readonly title: string;
  readonly why: string;
  is(failure: SeedingFailure): boolean;
  cause(failure: SeedingFailure): string;
  whose(failure: SeedingFailure): WhoseMove;
  next(failure: SeedingFailure): string;
}

/** The failure is of this state, or says so where no number is shown. */
function isState(failure: SeedingFailure, state: number, text: string): boolean {
  return failure.state === null
    ? failure.text.toLowerCase().startsWith(text.toLowerCase())
    : failure.state === state;
}

const onTarget = ({ receiver }: SeedingFailure): WhoseMove => keeperOf(receiver);
const db = ({ database }: SeedingFailure): string => shownName(database);
const there = ({ receiverInstance }: SeedingFailure): string => shownName(receiverInstance);

/** Causes in the order in which they are tried: error numbers before states, states before the rest. */
export const failureCauses: readonly FailureCause[] = [
  {
    id: 'WAIT-SEEDING-NAME-TAKEN',
    title: 'A database of that name is on the receiving side',
    why: 'Seeding never overwrites (failure 23, error 1801); what is there may be somebody’s data.',
    is: (failure) =>
      isState(failure, 23, 'Database With Name Already Exists') || failure.errorCode === 1801,
    cause: (failure) =>
      `${there(failure)} already has a database ${db(failure)}, and seeding never overwrites.`,
    whose: onTarget,
    next: (failure) =>
      `Look at what ${db(failure)} on ${there(failure)} holds; then rename it: ALTER DATABASE ${db(failure)} MODIFY NAME = ${shownName(`${failure.database}_old`)}, or drop it yourself. sqlferry migrate goes on.`,
  },
  {
    id: 'WAIT-SEEDING-VERSION',
    title: 'The receiving side is of another version',
    why: 'Automatic seeding needs the same version on both sides (error 946).',
    is: ({ errorCode }) => errorCode === 946,
    cause: (failure) =>
      `${there(failure)} cannot open ${db(failure)}: it is of another version (error 946).`,
    whose: onTarget,
    next: () =>
      'Seed it with backup and restore WITH NORECOVERY, or use a target of the same version.',
  },
  {
    id: 'WAIT-SEEDING-CERTIFICATE',
    title: 'The certificate of an encrypted database is missing',
    why: 'The copy of a database with TDE can only be restored where its certificate is (error 33111).',
    is: ({ errorCode }) => errorCode === 33_111,
    cause: (failure) =>
      `${there(failure)} lacks the certificate that ${db(failure)} is encrypted with (error 33111).`,
    whose: onTarget,
    next: (failure) =>
      `Run on ${there(failure)} in master: CREATE CERTIFICATE [<name>] FROM FILE = N'<file>.cer' WITH PRIVATE KEY (FILE = N'<file>.pvk', DECRYPTION BY PASSWORD = N'<password>'), from a BACKUP CERTIFICATE of the sender.`,
  },
  {
    id: 'WAIT-SEEDING-PATH',
    title: 'A path of the database files cannot be used',
    why: 'Seeding uses the same paths on both sides; a folder that is missing, not writable, or holds such a file ends it (5123, 5133, 5170, 1834).',
    is: ({ errorCode }) => errorCode !== null && [5123, 5133, 5149, 5170, 1834].includes(errorCode),
    cause: (failure) =>
      `${there(failure)} cannot create the files of ${db(failure)} (error ${failure.errorCode ?? ''}).`,
    whose: onTarget,
    next: (failure) =>
      `Run on the sender: SELECT physical_name FROM sys.master_files WHERE database_id = DB_ID(N'${failure.database.replaceAll("'", "''")}'); create these folders on ${there(failure)}, writable for its service account, with no files of these names in them.`,
  },
  {
    id: 'WAIT-SEEDING-LOG-GONE',
    title: 'The log that the copy needs was backed up and is gone',
    why: 'A log backup during a seeding can take away the log its copy must catch up with (1412, failure 24); the server begins again from zero.',
    is: (failure) =>
      isState(failure, 24, 'Secondary Catchup Timeout') ||
      failure.errorCode === 1412 ||
      failure.errorCode === 1408,
    cause: (failure) =>
      `The copy of ${db(failure)} could not catch up: its log was backed up meanwhile (1412).`,
    whose: ({ receiver }) => keeperOf(receiver === 'target' ? 'source' : 'target'),
    next: (failure) =>
      `Stop the log backups of ${db(failure)} on the sender until the seeding is over; it begins again from zero by itself, and with sqlferry migrate.`,
  },
  {
    id: 'WAIT-SEEDING-GRANT',
    title: 'The receiving group may not create databases',
    why: 'The standalone article leaves GRANT CREATE ANY DATABASE out; without it seeding is refused (failure 3 there, 20 on the sender).',
    is: (failure) =>
      failure.errorCode === 19_506 ||
      (failure.isGranted === false &&
        (isState(failure, 3, 'Request Denied') || isState(failure, 20, 'Async Task Failure'))),
    cause: (failure) =>
      `${shownName(failure.receiverGroup)} may not create databases on ${there(failure)}, so it refused the seeding of ${db(failure)}.`,
    whose: onTarget,
    next: (failure) =>
      `Run on ${there(failure)}: ALTER AVAILABILITY GROUP ${shownName(failure.receiverGroup)} GRANT CREATE ANY DATABASE; sqlferry migrate does it too and starts the seeding again.`,
  },
  {
    id: 'WAIT-SEEDING-CANCELLED',
    title: 'Somebody cancelled the seeding',
    why: 'SEEDING_MODE = MANUAL ends a running seeding (failure 1).',
    is: (failure) => isState(failure, 1, 'User Cancellation'),
    cause: (failure) => `The seeding of ${db(failure)} was cancelled by somebody.`,
    whose: onTarget,
    next: () =>
      'When it may go on: sqlferry migrate (it sets SEEDING_MODE = AUTOMATIC on both sides again).',
  },
  {
    id: 'WAIT-SEEDING-TRANSPORT',
    title: 'The connection broke during the seeding',
    why: 'Seeding begins again from zero after any interruption (failures 6 and 7); the server does it by itself.',
    is: (failure) => isState(failure, 6, 'Transport') || isState(failure, 7, 'Transport Replica'),
    cause: (failure) =>
      `The connection broke while ${db(failure)} was seeded; SQL Server begins again from zero.`,
    whose: () => 'SQL Server',
    next: () =>
      'Wait; when it happens again, look at the network and seed fewer databases at a time (up to five travel at once).',
  },
  {
    id: 'WAIT-SEEDING-GAVE-UP',
    title: 'SQL Server gave a seeding up',
    why: 'After some tries it stops silently (19495 in the error log); SEEDING_MODE = AUTOMATIC said again on both sides starts it and leaves running ones alone.',
    is: () => true,
    cause: (failure) =>
      `The seeding of ${db(failure)} failed on the ${failure.side}: ${failure.text === '' ? 'no reason shown' : failure.text}${failure.errorCode === null || failure.errorCode === 0 ? '' : `, error ${failure.errorCode}`}.`,
    whose: () => 'sqlferry',
    next: (failure) =>
      `sqlferry migrate starts it again on both sides (a few times a run); what made it fail stands in the error log of ${there(failure)}: EXEC sp_readerrorlog`,
  },
];

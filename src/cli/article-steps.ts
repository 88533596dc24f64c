/**
 * What the articles say at each step of a cutover, and why the statement is not sent alone.
 * Sources: Microsoft Learn, "Complete migration using a distributed availability group" and "Configure
 * distributed availability groups", section on failing over.
 */

import type { ActKind } from '../model/act.ts';

/** One step of the articles. */
export interface ArticleStep {
  /** What the article tells a person to do. */
  readonly says: string;
  /** What the batch holds besides the statement, and why it cannot stand alone; null where it is sent alone. */
  readonly together: string | null;
}

/** The steps by act; acts that are not here are sqlferry's own. */
export const articleSteps: Partial<Readonly<Record<ActKind, ArticleStep>>> = {
  'set-replica-synchronous': {
    says: 'Both local availability groups commit synchronously.',
    together: null,
  },
  'set-distributed-mode': {
    says: 'Set the distributed availability group to synchronous commit, on the global primary and on the forwarder: each side keeps its own copy of the options.',
    together: null,
  },
  'set-required-secondaries': {
    says: 'SQL Server 2022 and later: REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT is 1 from SYNCHRONIZED on until the failover, and 0 again on the new forwarder afterwards.',
    together: null,
  },
  'disable-login': {
    says: 'Stop all transactions on the global primary: here by disabling the logins of cutover.fence.logins, so that nothing connects again.',
    together: null,
  },
  'kill-sessions': {
    says: 'Stop all transactions on the global primary: sleeping sessions too keep the LSNs apart.',
    together:
      'One KILL for each session in the databases; the server builds the list when it runs.',
  },
  demote: {
    says: 'On the global primary, set the role of the distributed availability group to SECONDARY. The article does this when synchronization_state_desc is SYNCHRONIZED and last_hardened_lsn is the same on both sides.',
    together:
      'Under one lock: role, SYNCHRONIZED and sessions are looked at again, the commit register goes to fenced with a deadline, the dead-man is started, then the statement. Alone it would leave both sides closed for good if this program died after it; started before it, the register and the dead-man give the writes back.',
  },
  'await-lsns': {
    says: 'Run the query on both sides again until last_hardened_lsn is the same for every database.',
    together: 'It only waits, on the target, in steps of 25 ms; nothing is changed.',
  },
  'commit-epoch': {
    says: 'Compare last_hardened_lsn of every database on both sides once more; fail over only when they are the same.',
    together:
      'The comparison is done (below). Your yes is written down: the commit register goes from fenced to committing, if its deadline has not passed. From then on no timer takes the switch back, and a promotion that was decided by nobody is refused.',
  },
  promote: {
    says: 'On the forwarder, fail over: the only statement there is carries data loss in its name and loses nothing when the LSNs were the same.',
    together:
      'Under one lock: the epoch is not refused, the role is still SECONDARY and every last_hardened_lsn of the demoted side has arrived, else it is refused; afterwards the wait until every database is ONLINE, and one committed write. Alone the statement would promote whatever has arrived, an hour late too.',
  },
  'close-epoch': {
    says: 'Check that the failover is complete: the forwarder has become the global primary and its databases are ONLINE.',
    together:
      'The check is done (below). The commit register goes from committing to done, on the side that gave the role away.',
  },
  'give-back': {
    says: 'The way back before the failover: the same statement on the side that gave the role away. It holds every record.',
    together:
      'Under one lock: the commit register goes to aborted first, so that no late promotion of this epoch is accepted.',
  },
};

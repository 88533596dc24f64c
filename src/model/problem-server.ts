/** Problems met on the way to a server, in its answers, and in a run: areas NET, TDS, AUTH, SQL, CUT, JRN, RUN. */

import { ExitCode, type ProblemKind } from './problem-kind.ts';

/** Part of the catalogue; codes are never reused. */
export const serverProblems = {
  'SF-NET-001': {
    title: 'The server cannot be reached',
    cause:
      'Nothing answers at the address and port: the instance is stopped, the name does not resolve, or a firewall refuses the connection.',
    remedy:
      'Check that SQL Server listens on this TCP port and that the firewall lets it through; use `connect` in the migration file when it is reached another way.',
    exitCode: ExitCode.problem,
  },
  'SF-NET-002': {
    title: 'The server does not answer in time',
    cause: 'The connection was opened or tried, but no answer came within the limit.',
    remedy: 'Check the network path (VPN, firewall that drops packets) and the load of the server.',
    exitCode: ExitCode.problem,
  },
  'SF-NET-003': {
    title: 'The connection broke while a request was running',
    cause:
      'The network failed, the server ended the session, or the answer took longer than the limit. Whether the request took effect is not known.',
    remedy:
      'Run the same command again: it looks at both servers first and goes on from what they show.',
    exitCode: ExitCode.problem,
  },
  'SF-NET-004': {
    title: 'What answers is not a SQL Server',
    cause: 'The port belongs to another service, or to a named instance with a different port.',
    remedy: 'Find the port in SQL Server Configuration Manager and put it into `connect`.',
    exitCode: ExitCode.problem,
  },
  'SF-NET-005': {
    title: 'No reachable instance of this side is the primary of its availability group',
    cause:
      'A local failover is under way, the cluster has no quorum, or the primary replica does not answer. Which instance acts for the side is found by looking, so nothing is known of the side until one shows the role.',
    remedy:
      'Look at the cluster (Failover Cluster Manager, sys.dm_hadr_availability_replica_states), bring the primary replica back or fail the group over locally, then run the same command again.',
    exitCode: ExitCode.problem,
  },
  'SF-NET-006': {
    title: 'What answers is not an instance of SQL Server',
    cause:
      'It speaks the protocol of SQL Server, but is a service of Azure without availability groups of its own.',
    remedy: 'Name a SQL Server instance on a virtual machine in the migration file.',
    exitCode: ExitCode.problem,
  },
  'SF-TDS-001': {
    title: 'The server offers no encryption',
    cause:
      'The server, or something in between, answered that it cannot encrypt. The password was not sent.',
    remedy:
      'Give the instance a certificate and check for a proxy that strips encryption; sqlferry never sends a password in clear text.',
    exitCode: ExitCode.problem,
  },
  'SF-TDS-002': {
    title: 'The certificate of the server is not trusted',
    cause:
      'It is not signed by a known authority, has expired, or was made for another name than the one in `fqdn`.',
    remedy:
      'Put the file of the authority into `tls.ca`, or install a certificate with the right name on the server.',
    exitCode: ExitCode.problem,
  },
  'SF-AUTH-001': {
    title: 'The login failed',
    cause:
      'User or password is wrong, or the login does not exist. The server tells the true reason only in its own error log.',
    remedy:
      'Check user and password in `auth`; the state in the error log of the server names the reason.',
    exitCode: ExitCode.problem,
  },
  'SF-AUTH-002': {
    title: 'The login is disabled',
    cause: 'ALTER LOGIN ... DISABLE was run for it.',
    remedy: 'Enable the login, or use another one in `auth`.',
    exitCode: ExitCode.problem,
  },
  'SF-AUTH-003': {
    title: 'The password of the login has expired or must be changed',
    cause: 'The password policy asks for a new password before the login may be used.',
    remedy: 'Change the password with ALTER LOGIN, then put the new one where `auth` reads it.',
    exitCode: ExitCode.problem,
  },
  'SF-AUTH-004': {
    title: 'The login may not open the database',
    cause: 'The database does not exist, is not open, or the login has no user in it.',
    remedy: 'sqlferry works in master: let the login connect to master.',
    exitCode: ExitCode.problem,
  },
  'SF-SQL-001': {
    title: 'The server refused the statement',
    cause: 'The error of the server is shown with its number.',
    remedy: 'Ask `sqlferry explain <number>`; mend the cause, then run the same command again.',
    exitCode: ExitCode.problem,
  },
  'SF-SQL-002': {
    title: 'The login lacks a permission',
    cause: 'The server refused a statement for missing rights.',
    remedy: 'Run sqlferry with a login that is a member of sysadmin on both instances.',
    exitCode: ExitCode.problem,
  },
  'SF-SQL-003': {
    title: 'The database does not exist or is not open',
    cause: 'A database of the migration file is not there under this name, or not ONLINE.',
    remedy: 'Compare the names in `databases` with sys.databases on the source.',
    exitCode: ExitCode.problem,
  },
  'SF-SQL-004': {
    title: 'The server does not say whether the statement took effect',
    cause: 'The error means that the work was handed on and its end was not seen.',
    remedy:
      'Run the same command again: it looks at both servers first and goes on from what they show.',
    exitCode: ExitCode.problem,
  },
  'SF-CUT-101': {
    title: 'The source is not the global primary any more',
    cause: 'Its role in the distributed availability group changed between the look and the act.',
    remedy: 'Look at both sides with `sqlferry status`, then run the command again.',
    exitCode: ExitCode.waiting,
  },
  'SF-CUT-102': {
    title: 'Not every database is SYNCHRONIZED',
    cause: 'The target fell behind between the look and the act; nothing was changed.',
    remedy: 'Run the cutover again when `sqlferry status` shows every database SYNCHRONIZED.',
    exitCode: ExitCode.waiting,
  },
  'SF-CUT-103': {
    title: 'Sessions are still in the databases',
    cause: 'A program connected between the look and the act; nothing was changed.',
    remedy: 'Stop the program or name its login in `cutover.fence.logins`, then run it again.',
    exitCode: ExitCode.waiting,
  },
  'SF-CUT-104': {
    title: 'The source has not reached the role SECONDARY in time',
    cause: 'Long transactions are rolled back; the statement was accepted.',
    remedy: 'Run the same command again: it goes on from the roles that the servers show.',
    exitCode: ExitCode.outageOpen,
  },
  'SF-CUT-111': {
    title: 'The target is not the forwarder',
    cause: 'Its role changed between the look and the act; nothing was changed by this step.',
    remedy: 'Look at both sides with `sqlferry status`, then run the command again.',
    exitCode: ExitCode.waiting,
  },
  'SF-CUT-112': {
    title: 'The last log records have not reached the target in time',
    cause: 'The target has not hardened what the source had when it gave the role away.',
    remedy:
      'Run the same command again to wait on, or `sqlferry abort` to give the source its writes back.',
    exitCode: ExitCode.outageOpen,
  },
  'SF-CUT-113': {
    title: 'A database did not come online in time after the promotion',
    cause: 'The role PRIMARY was accepted; redo or recovery still runs.',
    remedy: 'Run the same command again: it waits for the databases and goes on.',
    exitCode: ExitCode.outageOpen,
  },
  'SF-CUT-114': {
    title: 'A database on the target cannot become primary',
    cause: 'Its copy is REVERTING or INITIALIZING, or the group holds databases nobody compared.',
    remedy: 'Run `sqlferry abort`: the source takes its role back without loss.',
    exitCode: ExitCode.outageOpen,
  },
  'SF-CUT-121': {
    title: 'The source has nothing to take back',
    cause: 'It is the primary, or does not belong to the distributed availability group.',
    remedy: 'Look at both sides with `sqlferry status`.',
    exitCode: ExitCode.waiting,
  },
  'SF-CUT-131': {
    title: 'The commit register is missing on this server',
    cause:
      'The database sqlferry_control, one of its tables, or the row of this distributed availability group is not there; nothing was changed.',
    remedy: 'Run `sqlferry migrate`: it creates the register again.',
    exitCode: ExitCode.waiting,
  },
  'SF-CUT-132': {
    title: 'The commit register was changed by something else',
    cause:
      'The seal of the row does not fit its content: somebody edited it, or restored it from elsewhere. Nothing acts on it.',
    remedy:
      'Look at both sides with `sqlferry diagnose`, find out who changed the row, and restore it.',
    exitCode: ExitCode.waiting,
  },
  'SF-CUT-133': {
    title: 'The commit register was written by a newer sqlferry',
    cause: 'Its protocol version is higher than the one this version knows; nothing was changed.',
    remedy: 'Use the version of sqlferry that wrote it.',
    exitCode: ExitCode.waiting,
  },
  'SF-CUT-134': {
    title: 'The commit register belongs to another pair of servers',
    cause: 'It names another server on the other side than the migration file.',
    remedy: 'Use the migration file that the register was created with.',
    exitCode: ExitCode.waiting,
  },
  'SF-CUT-135': {
    title: 'The commit register has moved on',
    cause:
      'Another operator or the dead-man changed its phase or epoch between the look and the act; nothing was changed by this step.',
    remedy: 'Run the same command again: it looks at both sides first.',
    exitCode: ExitCode.waiting,
  },
  'SF-CUT-136': {
    title: 'The deadline of this epoch has passed',
    cause:
      'The budget of the outage was used up before the switch could be decided; the dead-man gives the writes back.',
    remedy:
      'Wait until the source takes writes again, then run `sqlferry cutover` with a larger --max-outage.',
    exitCode: ExitCode.waiting,
  },
  'SF-CUT-137': {
    title: 'Another batch is at work on this group',
    cause: 'The lock that makes register and role change one is held by another session.',
    remedy: 'Run the same command again; `sqlferry status` names the other operator.',
    exitCode: ExitCode.waiting,
  },
  'SF-CUT-138': {
    title: 'This epoch may not promote any more',
    cause:
      'The attempt was given up meanwhile and the target was told so: the promotion came too late and was refused.',
    remedy:
      'Look at both sides with `sqlferry status`, then run `sqlferry cutover` for a new attempt.',
    exitCode: ExitCode.waiting,
  },
  'SF-CUT-139': {
    title: 'The epoch cannot be refused on this server',
    cause: 'It is primary already, or no forwarder; the switch has happened.',
    remedy: 'Run `sqlferry cutover`: the way is forward.',
    exitCode: ExitCode.waiting,
  },
  'SF-CUT-140': {
    title: 'The role does not fit this step of the register',
    cause:
      'The side that keeps the register has another role than the step needs; nothing was changed.',
    remedy: 'Run the same command again: it looks at both sides first.',
    exitCode: ExitCode.waiting,
  },
  'SF-CUT-141': {
    title: 'The dead-man could not be started',
    cause:
      'SQL Server Agent does not run, the job is missing, the login may not start it, or the run of the attempt before still pauses between two tries (error 22022: it ends within six seconds). What msdb answered stands at the end of the message. Nothing was fenced.',
    remedy:
      'When it is already running, run the same command again after six seconds. Else start SQL Server Agent on this server, grant the login the right, or set `cutover.deadMan` to watcher or off.',
    exitCode: ExitCode.waiting,
  },
  'SF-CUT-142': {
    title: 'The dead-man did not answer the rehearsal',
    cause:
      'It was told of a dummy epoch past its deadline and did not take it back within ten seconds.',
    remedy:
      'Look at the history of the Agent job `sqlferry dead-man`, or start `sqlferry watch` beside the cutover.',
    exitCode: ExitCode.waiting,
  },
  'SF-CUT-143': {
    title: 'The session to be taken over from is gone',
    cause: 'It ended by itself, or its number belongs to another session now; nothing was ended.',
    remedy: 'Run the same command again.',
    exitCode: ExitCode.waiting,
  },
  'SF-CUT-144': {
    title: 'There is no primary role to take from this server',
    cause: 'It is not primary any more; nothing was changed.',
    remedy: 'Look at both sides with `sqlferry status`.',
    exitCode: ExitCode.waiting,
  },
  'SF-JRN-001': {
    title: 'The journal cannot be opened or written',
    cause:
      'The folder of --state-dir cannot be created or written by this user, or the disk is full.',
    remedy: 'Name a folder that can be written with --state-dir.',
    exitCode: ExitCode.problem,
  },
  'SF-JRN-002': {
    title: 'The journal was changed by something else',
    cause: 'A line does not carry the hash of the line before it.',
    remedy:
      'Move the journal aside. Nothing is lost: the servers say where the migration stands, the journal only remembers which logins were disabled.',
    exitCode: ExitCode.problem,
  },
  'SF-RUN-001': {
    title: 'A limit of the run was reached',
    cause: 'The servers did not get where they should within the time the run may take.',
    remedy: 'Read the reasons with `sqlferry status`; running the same command again goes on.',
    exitCode: ExitCode.waiting,
  },
  'SF-RUN-002': {
    title: 'A step keeps failing',
    cause: 'The server refused the same step several times in a row.',
    remedy: 'Mend the cause that is named; running the same command again goes on from here.',
    exitCode: ExitCode.problem,
  },
  'SF-RUN-003': {
    title: 'The run was stopped',
    cause: 'It was interrupted between two steps.',
    remedy: 'Running the same command again goes on; nothing has to be cleaned up.',
    exitCode: ExitCode.waiting,
  },
  'SF-RUN-004': {
    title: 'The run was stopped while neither side takes writes',
    cause: 'It was interrupted after the source gave the primary role away.',
    remedy:
      'Run `sqlferry cutover` to finish the switch, or `sqlferry abort` to give the source its writes back.',
    exitCode: ExitCode.outageOpen,
  },
} as const satisfies Record<string, ProblemKind>;

/** Services, authentication mode, installed features and trace flags of the instances. */

import { shownName } from '../../base/name.ts';
import type { PropertyFacts, TraceFlagFacts } from '../../model/assess-setting.ts';
import { bad, bothSides, doubtful, good, notReadable, pairRule, type AssessRule } from '../rule.ts';

/** Trace flags that change how copies are made or sent, and what is to be done about them. */
const copyFlags: Readonly<Record<number, string | undefined>> = {
  1462: 'sends the log uncompressed to asynchronous copies',
  9571: 'makes automatic seeding use the paths of the source, as in 2016',
  12324: 'is for the time of a mix around CU20 of 2019 only',
};

/** Trace flags that a migration switches on for a while, and not worth a word. */
const passingFlags: readonly number[] = [9567, 12_381, ...Object.keys(copyFlags).map(Number)];

const agentRules = bothSides({
  name: 'AGENT',
  title: 'SQL Server Agent runs and starts by itself',
  family: 'instance',
  part: 'services',
  why: 'Backups, maintenance and the guard of the cutover are jobs; without the Agent none of them runs, and nobody is told.',
  remedy:
    "On the machine: Set-Service -Name '<service>' -StartupType Automatic; Start-Service -Name '<service>'",
  reference: 'agent',
  notScripted: 'Services are started in Windows.',
  judge: (services) => {
    const agent = services.find(({ kind }) => kind === 'agent');
    if (agent === undefined) return notReadable('sys.dm_server_services shows no Agent');
    const evidence = `${agent.name}: ${agent.statusDesc}, start type ${agent.startupTypeDesc}.`;
    return agent.statusDesc === 'Running' && /^automatic/iu.test(agent.startupTypeDesc)
      ? good(evidence)
      : doubtful(evidence);
  },
});

const startRules = bothSides({
  name: 'SERVICE-START',
  title: 'The service of the instance starts by itself',
  family: 'instance',
  part: 'services',
  why: 'After a restart of the machine the instance stays away, and with it the copies or the application.',
  remedy: "On the machine: Set-Service -Name '<service>' -StartupType Automatic",
  reference: 'serviceAccounts',
  notScripted: 'Services are set in Windows; under a cluster Manual is right.',
  judge: (services, { facts }) => {
    const engine = services.find(({ kind }) => kind === 'engine');
    if (engine === undefined) return notReadable('sys.dm_server_services shows no engine');
    const evidence = `${engine.name}: start type ${engine.startupTypeDesc}.`;
    // A failover cluster instance is started by its cluster.
    if (facts.server.known && facts.server.value.isClustered) return good(evidence);
    return /^automatic/iu.test(engine.startupTypeDesc) ? good(evidence) : doubtful(evidence);
  },
});

const accountRules = bothSides({
  name: 'SERVICE-IDENTITY',
  title: 'The service does not run under an account of the whole machine',
  family: 'instance',
  part: 'services',
  why: 'LocalSystem and its like own the machine, and every service of the machine shares their identity on the network.',
  remedy:
    'Give the service a domain account, a managed service account or its own virtual account (SQL Server Configuration Manager); the service restarts.',
  reference: 'serviceAccounts',
  notScripted: 'The account is changed in SQL Server Configuration Manager.',
  judge: (services) => {
    const engine = services.find(({ kind }) => kind === 'engine');
    if (engine === undefined || engine.account === '')
      return notReadable('the service account is not shown');
    return /^(localsystem|nt authority\\)/iu.test(engine.account)
      ? doubtful(`${engine.name} runs as ${engine.account}.`)
      : good(`${engine.name} runs as ${engine.account}.`);
  },
});

const singleUserRules = bothSides({
  name: 'SINGLE-USER',
  title: 'The instance is not in single-user mode',
  family: 'instance',
  part: 'properties',
  why: 'Started with -m it takes one session only: sqlferry or the endpoint, never both.',
  remedy: 'Take the startup parameter -m away and restart the service.',
  reference: 'startupOptions',
  notScripted: 'It needs a restart of the service.',
  judge: ({ isSingleUser }) => {
    if (isSingleUser === null) return notReadable('IsSingleUser is not shown');
    return isSingleUser ? bad('IsSingleUser is 1.') : good('IsSingleUser is 0.');
  },
});

const pageRules = bothSides({
  name: 'SUSPECT-PAGES',
  title: 'No damaged page is on record',
  family: 'instance',
  part: 'suspectPages',
  why: 'A damaged page (823, 824) ends the seeding of its database, and tells of a disk that may damage others.',
  remedy:
    "DBCC CHECKDB (N'<database>') WITH NO_INFOMSGS; restore the page or the database, look at the disk, then DELETE FROM msdb.dbo.suspect_pages for what is mended.",
  reference: 'suspectPages',
  notScripted: 'Damaged pages are restored by hand, from a backup that somebody chooses.',
  judge: (pages) =>
    pages.length === 0
      ? good('msdb.dbo.suspect_pages shows no page that is still damaged.')
      : bad(
          `Damaged: ${pages
            .map(
              ({ database, pages: count, latest }) =>
                `${count} page(s) of ${database === null ? 'a database that is gone' : shownName(database)}, the last on ${latest.slice(0, 10)}`,
            )
            .join('; ')}.`,
        ),
});

const modeRule = pairRule({
  id: 'PAIR-AUTH-MODE',
  title: 'SQL logins may log in on the target when they may on the source',
  family: 'pair',
  part: 'properties',
  why: 'A target with Windows authentication only refuses every SQL login (18456, state 58), from the first second after the switch.',
  remedy:
    "On the target: EXEC xp_instance_regwrite N'HKEY_LOCAL_MACHINE', N'Software\\Microsoft\\MSSQLServer\\MSSQLServer', N'LoginMode', REG_DWORD, 2; then restart the service.",
  reference: 'authenticationMode',
  notScripted: 'It needs a restart of the service.',
  judge: (source, target, { facts }) => {
    const from = source.isIntegratedSecurityOnly;
    const to = target.isIntegratedSecurityOnly;
    if (from === null || to === null) return notReadable('IsIntegratedSecurityOnly is not shown');
    const word = (only: boolean): string => (only ? 'Windows only' : 'SQL Server and Windows');
    const evidence = `Source ${word(from)}, target ${word(to)}.`;
    if (from || !to) return good(evidence);
    const { logins } = facts.source;
    const count = logins.known ? logins.value.filter(({ type }) => type === 'S').length : null;
    if (count === null) return doubtful(`${evidence} The SQL logins of the source are not shown.`);
    return count > 0
      ? bad(`${evidence} The source has ${count} SQL login(s).`)
      : doubtful(evidence);
  },
});

function featureRule(feature: {
  readonly id: string;
  readonly name: string;
  readonly property: keyof PropertyFacts;
  readonly why: string;
}): AssessRule {
  const { id, name, property, why } = feature;
  return pairRule({
    id,
    title: `${name} is installed on the target when it is on the source`,
    family: 'pair',
    part: 'properties',
    why,
    remedy: `Add the feature to the target with SQL Server setup (New installation, add features), or make sure that no database uses it.`,
    reference: 'manageMetadata',
    notScripted: 'Features are installed in Windows.',
    judge: (source, target) => {
      const from = source[property];
      const to = target[property];
      if (from === null || to === null) return notReadable(`whether ${name} is installed`);
      const word = (installed: boolean): string => (installed ? 'installed' : 'not installed');
      const evidence = `Source ${word(from)}, target ${word(to)}.`;
      return from && !to ? doubtful(evidence) : good(evidence);
    },
  });
}

const flagRules = bothSides({
  name: 'TRACE-FLAGS',
  title: 'No trace flag changes how copies are made',
  family: 'instance',
  part: 'traceFlags',
  why: 'Some flags slow the sending down or change the paths of automatic seeding; they are often left over from an earlier problem.',
  remedy: 'DBCC TRACEOFF (<flag>, -1); and take -T<flag> out of the startup parameters.',
  reference: 'traceFlags',
  notScripted: 'Why the flag was set, only a person knows.',
  judge: (flags) => {
    const found = flags.flatMap(({ flag }) => {
      const effect = copyFlags[flag];
      return effect === undefined ? [] : [`${flag} ${effect}`];
    });
    return found.length === 0
      ? good(
          flags.length === 0
            ? 'No trace flag is on.'
            : `On: ${flags.map(({ flag }) => flag).join(', ')}.`,
        )
      : doubtful(`On: ${found.join('; ')}.`);
  },
});

function globalFlags(flags: readonly TraceFlagFacts[]): readonly number[] {
  return flags
    .filter(({ flag, isGlobal }) => isGlobal && !passingFlags.includes(flag))
    .map(({ flag }) => flag);
}

const flagPairRule = pairRule({
  id: 'PAIR-TRACE-FLAGS',
  title: 'Trace flags of the source are on on the target',
  family: 'pair',
  part: 'traceFlags',
  why: 'Plans, estimates and limits that the applications were tuned with depend on them.',
  remedy: 'On the target: DBCC TRACEON (<flag>, -1); and -T<flag> as startup parameter.',
  reference: 'traceFlags',
  notScripted: 'Whether the flag is still wanted on the target, only a person knows.',
  judge: (source, target, { facts }) => {
    const there = globalFlags(target);
    const missing = globalFlags(source).filter((flag) => !there.includes(flag));
    if (missing.length === 0)
      return good(
        source.length === 0
          ? 'No trace flag is on on the source.'
          : 'Every trace flag of the source that is to last is on on the target.',
      );
    return doubtful(
      `On on the source only: ${missing.join(', ')}.`,
      `On ${shownName(facts.target.instance)}: ${missing.map((flag) => `DBCC TRACEON (${flag}, -1);`).join(' ')} and ${missing.map((flag) => `-T${flag}`).join(' ')} as startup parameter.`,
    );
  },
});

/** Rules about services and trace flags. */
export const serviceRules: readonly AssessRule[] = [
  ...agentRules,
  ...startRules,
  ...accountRules,
  ...singleUserRules,
  ...pageRules,
  modeRule,
  featureRule({
    id: 'PAIR-FULL-TEXT',
    name: 'Full-Text Search',
    property: 'isFullTextInstalled',
    why: 'Full-text indexes travel with the database and answer nothing where the feature is not installed (7609).',
  }),
  featureRule({
    id: 'PAIR-POLYBASE',
    name: 'PolyBase',
    property: 'isPolyBaseInstalled',
    why: 'External tables travel with the database and cannot be read where the feature is not installed.',
  }),
  ...flagRules,
  flagPairRule,
];

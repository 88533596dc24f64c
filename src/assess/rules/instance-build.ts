/** Builds: support by Microsoft, installed updates, builds with known faults. */

import type { FileFacts } from '../../model/assess-database.ts';
import type { ServerFacts } from '../../model/assess-server.ts';
import { bad, bothSides, doubtful, good, later, pairRule, type AssessRule } from '../rule.ts';

interface Release {
  readonly name: string;
  /** Last day with security updates, `YYYY-MM-DD` (Microsoft Learn, lifecycle). */
  readonly supportEnds: string;
  /** First third number of the builds with cumulative updates or the last service packs. */
  readonly updatedFrom: number;
  readonly updates: string;
}

const releases: Readonly<Record<number, Release | undefined>> = {
  13: {
    name: 'SQL Server 2016',
    supportEnds: '2026-07-14',
    updatedFrom: 5026,
    updates: 'service pack 2 or 3',
  },
  14: {
    name: 'SQL Server 2017',
    supportEnds: '2027-10-12',
    updatedFrom: 3000,
    updates: 'a cumulative update',
  },
  15: {
    name: 'SQL Server 2019',
    supportEnds: '2030-01-08',
    updatedFrom: 4000,
    updates: 'a cumulative update',
  },
  16: {
    name: 'SQL Server 2022',
    supportEnds: '2033-01-11',
    updatedFrom: 4000,
    updates: 'a cumulative update',
  },
  17: {
    name: 'SQL Server 2025',
    supportEnds: '2036-01-06',
    updatedFrom: 4000,
    updates: 'a cumulative update',
  },
};

/** Builds that Microsoft has taken back. */
const withdrawn: Readonly<Record<string, string | undefined>> = {
  '15.0.4063.15':
    'Cumulative Update 7 for SQL Server 2019 was taken back: database snapshots and CHECKDB fail with it',
};

/** Cumulative Update 20 for SQL Server 2019. */
const CU20_BUILD = 4312;

function buildOf({ productVersion }: ServerFacts): number {
  return Number(productVersion.split('.')[2] ?? '');
}

const supportRules = bothSides({
  name: 'SUPPORT',
  title: 'Microsoft still supports the release',
  family: 'instance',
  part: 'server',
  why: 'After the end of support nobody mends a fault of the migration, and no hole is closed any more.',
  remedy:
    'Migrate to a target of a supported release by manual seeding (one way), or buy Extended Security Updates.',
  reference: 'lifecycle',
  notScripted: 'Another release has to be installed.',
  judge: (server) => {
    const release = releases[server.versionMajor];
    if (release === undefined)
      return {
        outcome: 'unknown',
        evidence: `Version ${server.productVersion} is not known here.`,
        remedy: 'Look its end of support up at Microsoft.',
      };
    const evidence = `${release.name} is supported until ${release.supportEnds}.`;
    return server.utcNow.slice(0, 10) > release.supportEnds
      ? doubtful(`${release.name} was supported until ${release.supportEnds}.`)
      : good(evidence);
  },
});

const updateRules = bothSides({
  name: 'UPDATES',
  title: 'Updates are installed since the release came out',
  family: 'instance',
  part: 'server',
  why: 'Many faults of seeding and of distributed availability groups are mended in cumulative updates only; a first release, or one with security updates alone, has them all.',
  remedy:
    'Install the newest cumulative update: on the target first, then on the source in an agreed window.',
  reference: 'updates',
  notScripted: 'An update is installed in Windows and restarts the service.',
  judge: (server) => {
    const release = releases[server.versionMajor];
    if (release === undefined) return later(`Version ${server.productVersion} is not known here.`);
    return buildOf(server) < release.updatedFrom
      ? doubtful(`Build ${server.productVersion} has not ${release.updates}.`)
      : good(`Build ${server.productVersion} has ${release.updates}.`);
  },
});

const withdrawnRules = bothSides({
  name: 'KNOWN-BUILD',
  title: 'The build was not taken back by Microsoft',
  family: 'instance',
  part: 'server',
  why: 'A cumulative update with a grave fault is taken back; servers that already have it keep the fault.',
  remedy: 'Install a later cumulative update.',
  reference: 'withdrawnCu7',
  notScripted: 'An update is installed in Windows and restarts the service.',
  judge: (server) => {
    const fault = withdrawn[server.productVersion];
    return fault === undefined
      ? good(`Build ${server.productVersion} is not among those taken back.`)
      : doubtful(`Build ${server.productVersion}: ${fault}.`);
  },
});

/** FILESTREAM, In-Memory OLTP (both are files of that type) or a second log file. */
function hasSpecialFiles(files: readonly FileFacts[]): boolean {
  const logs = new Map<string, number>();
  for (const { database, typeDesc } of files) {
    if (typeDesc === 'FILESTREAM') return true;
    if (typeDesc === 'LOG') logs.set(database, (logs.get(database) ?? 0) + 1);
  }
  return [...logs.values()].some((count) => count > 1);
}

const mixRule = pairRule({
  id: 'PAIR-BUILD-MIX',
  title: 'SQL Server 2019 is before CU20 on both sides, or on neither',
  family: 'pair',
  part: 'server',
  why: 'Between CU20 (15.0.4312) and an earlier build, databases with In-Memory OLTP, FILESTREAM or several log files stay NOT SYNCHRONIZING (9642, 8474).',
  remedy:
    'Install CU20 or later on both sides; where that cannot be done at once, trace flag 12324 on the newer side as the page describes.',
  reference: 'syncFailureCu20',
  notScripted: 'An update is installed in Windows and restarts the service.',
  judge: (source, target, { facts }) => {
    if (source.versionMajor !== 15 || target.versionMajor !== 15)
      return good('Not both sides are SQL Server 2019.');
    const evidence = `Source ${source.productVersion}, target ${target.productVersion}`;
    if (buildOf(source) < CU20_BUILD === buildOf(target) < CU20_BUILD) return good(`${evidence}.`);
    if (!facts.source.files.known)
      return doubtful(`${evidence}; whether databases are concerned is not shown.`);
    return hasSpecialFiles(facts.source.files.value)
      ? bad(
          `${evidence}; databases with FILESTREAM, In-Memory OLTP or several log files are there.`,
        )
      : doubtful(`${evidence}; no database is concerned now.`);
  },
});

/** Rules about builds. */
export const buildRules: readonly AssessRule[] = [
  ...supportRules,
  ...updateRules,
  ...withdrawnRules,
  mixRule,
];

/** Rules about one instance: reach, rights, version, edition, feature, name. */

import { sameName, shownName } from '../../base/name.ts';
import type { PermissionFacts } from '../../model/assess-server.ts';
import { instancesOf, type PartName, type SideFacts } from '../../model/assess-facts.ts';
import { rightNames } from '../../model/assess-right.ts';
import type { Side } from '../../model/side.ts';
import {
  bad,
  bothSides,
  doubtful,
  finding,
  good,
  later,
  sideRule,
  type AssessRule,
  type AssessRuleText,
  type SideSpec,
} from '../rule.ts';

/** What was going on when the answer broke off. */
function broke(connection: Exclude<SideFacts['connection'], { kind: 'connected' }>): string {
  if (connection.kind === 'unreachable') return '';
  const during = connection.during === null ? '' : ` while it read ${connection.during}`;
  return ` The answer broke off${during}; what it had said by then is judged, the rest is unknown.`;
}

function reachRule(side: Side): AssessRule {
  const text: AssessRuleText = {
    id: side === 'source' ? 'SRC-REACH' : 'TGT-REACH',
    title: `The ${side} instance answers`,
    family: 'reach',
    why: 'Nothing can be read from a server that does not answer; every other finding of that side is unknown then.',
    remedy: 'Check name, port, firewall and login; the message names which of them it is.',
    reference: 'prerequisites',
  };
  return {
    ...text,
    check: (all) =>
      instancesOf(all, side).map(({ connection, instance }) =>
        finding(
          text,
          { side, instance, database: null },
          connection.kind === 'connected'
            ? good(`${shownName(instance)} answers.`)
            : bad(`${connection.problem.summary}${broke(connection)}`, connection.problem.remedy),
        ),
      ),
  };
}

const readingRights = ['viewServerState', 'viewAnyDefinition', 'viewAnyDatabase'] as const;

const changingRights: readonly {
  readonly right: keyof PermissionFacts;
  readonly name: string;
}[] = [
  { right: 'createAvailabilityGroup', name: 'CREATE AVAILABILITY GROUP' },
  { right: 'alterAnyAvailabilityGroup', name: 'ALTER ANY AVAILABILITY GROUP' },
  { right: 'createEndpoint', name: 'CREATE ENDPOINT' },
  { right: 'alterAnyEndpoint', name: 'ALTER ANY ENDPOINT' },
  { right: 'alterAnyLogin', name: 'ALTER ANY LOGIN' },
  { right: 'alterAnyConnection', name: 'ALTER ANY CONNECTION' },
  { right: 'createAnyDatabase', name: 'CREATE ANY DATABASE' },
];

const permissionRules = [
  ...bothSides({
    name: 'PERM-READ',
    title: 'The login may see what the assessment reads',
    family: 'permissions',
    part: 'permissions',
    why: 'Catalog views show fewer rows, not an error, to a login without rights; what is not seen must not count as in order.',
    remedy:
      'GRANT VIEW SERVER STATE, VIEW ANY DEFINITION and VIEW ANY DATABASE to the login, or use a member of sysadmin.',
    reference: 'metadataVisibility',
    judge: (held) => {
      const missing = held.isSysadmin ? [] : readingRights.filter((right) => !held[right]);
      const login = shownName(held.loginName);
      if (missing.length === 0) return good(`Login ${login} sees everything the rules read.`);
      const names = missing.map((right) => rightNames[right]);
      return {
        outcome: 'unknown',
        evidence: `Login ${login} has no ${names.join(', ')}; what depends on it is unknown.`,
        remedy: names.map((name) => `GRANT ${name} TO ${login}`).join('; '),
      };
    },
  }),
  ...bothSides({
    name: 'PERM-CHANGE',
    title: 'The login may carry out the migration',
    family: 'permissions',
    part: 'permissions',
    why: 'Creating and switching availability groups asks for sysadmin in the documentation; single rights cover most of it.',
    remedy: 'ALTER SERVER ROLE sysadmin ADD MEMBER the login, for the time of the migration.',
    reference: 'configure',
    judge: (held) => {
      const login = shownName(held.loginName);
      if (held.isSysadmin) return good(`Login ${login} is a member of sysadmin.`);
      const remedy = `ALTER SERVER ROLE sysadmin ADD MEMBER ${login}`;
      const missing = changingRights.filter(({ right }) => held[right] !== true);
      const names = missing.map(({ name }) => name).join(', ');
      if (!held.viewServerState || !held.viewAnyDefinition) {
        return {
          outcome: 'unknown',
          evidence: `Login ${login} is not a member of sysadmin and may not even look everywhere.`,
          remedy,
        };
      }
      return missing.length === 0
        ? doubtful(
            `Login ${login} is not a member of sysadmin; it holds the single rights.`,
            remedy,
          )
        : bad(`Login ${login} is not a member of sysadmin and has no ${names}.`, remedy);
    },
  }),
];

/** SQL Server 2016, which the articles allow where an availability group exists already. */
const OLDEST_WITH_GROUP = 13;

/** The same rule for both sides, with the bullet of the article that asks for it on each. */
function ofArticle<P extends PartName>(bullet: string, spec: SideSpec<P>): readonly AssessRule[] {
  return [
    sideRule('source', { ...spec, seed: `SEED-SRC-${bullet}` }),
    sideRule('target', { ...spec, seed: `SEED-TGT-${bullet}` }),
  ];
}

const buildRules = [
  ...ofArticle('VERSION', {
    name: 'VERSION',
    title: 'SQL Server 2017 or later',
    family: 'instance',
    part: 'server',
    why: 'CLUSTER_TYPE = NONE, which a standalone instance needs, came with SQL Server 2017 (version 14); an availability group in a cluster may be of 2016.',
    remedy:
      'Upgrade the instance, or make an availability group in a Windows cluster first, or migrate in another way.',
    notScripted: 'Another release has to be installed.',
    reference: 'prerequisites',
    judge: (server, { side, facts, migration }) => {
      if (server.versionMajor >= 14) return good(`Version ${server.productVersion}.`);
      const groups = facts.availabilityGroups;
      const inCluster =
        groups.known &&
        groups.value.some(
          ({ name, clusterTypeDesc }) =>
            sameName(name, migration[side].availabilityGroup) && /^wsfc$/iu.test(clusterTypeDesc),
        );
      return server.versionMajor === OLDEST_WITH_GROUP && inCluster
        ? good(`Version ${server.productVersion}, with an availability group in a cluster.`)
        : bad(`Version ${server.productVersion} is older than SQL Server 2017 (14).`);
    },
  }),
  ...ofArticle('EDITION', {
    name: 'EDITION',
    title: 'Enterprise edition',
    family: 'instance',
    part: 'server',
    why: 'Distributed availability groups exist in Enterprise only; Developer and Evaluation have its features but not its licence.',
    remedy: 'Upgrade the edition (setup, Maintenance, Edition Upgrade).',
    reference: 'prerequisites',
    judge: (server) => {
      if (server.engineEdition !== 3) return bad(`Edition: ${server.edition}.`);
      if (/evaluation/iu.test(server.edition)) {
        return doubtful(
          `Edition: ${server.edition}. It stops working 180 days after installation.`,
          'Enter a product key with an edition upgrade before it expires.',
        );
      }
      if (/developer/iu.test(server.edition)) {
        return doubtful(
          `Edition: ${server.edition}. It may not serve production.`,
          'Use it for a rehearsal only, or upgrade the edition.',
        );
      }
      return good(`Edition: ${server.edition}.`);
    },
  }),
  ...ofArticle('HADR', {
    name: 'HADR',
    title: 'Always On availability groups are enabled',
    family: 'instance',
    part: 'server',
    why: 'Without the feature no availability group can be created (35221).',
    remedy:
      'Enable it in SQL Server Configuration Manager, or: Enable-SqlAlwaysOn -ServerInstance <name> -Force. The service restarts.',
    reference: 'enableAlwaysOn',
    judge: (server) =>
      server.isHadrEnabled ? good('IsHadrEnabled is 1.') : bad('IsHadrEnabled is 0.'),
  }),
  ...ofArticle('HADR', {
    name: 'HADR-RESTART',
    title: 'The availability group manager runs',
    family: 'instance',
    part: 'server',
    why: 'After the feature was switched on the service has to be started anew; until then nothing works.',
    remedy: 'Restart the SQL Server service in an agreed window.',
    reference: 'enableAlwaysOn',
    judge: (server) => {
      if (!server.isHadrEnabled) return later('Always On is not enabled.');
      switch (server.hadrManagerStatus) {
        case 1:
          return good('HadrManagerStatus is 1 (started and running).');
        case 0:
          return bad('HadrManagerStatus is 0: enabled, and the service was not restarted since.');
        case null:
          return { outcome: 'unknown', evidence: 'HadrManagerStatus is not shown.' };
        default:
          return bad(
            `HadrManagerStatus is ${server.hadrManagerStatus} (not running).`,
            'Read the error log, then restart the SQL Server service.',
          );
      }
    },
  }),
  ...bothSides({
    name: 'SERVER-NAME',
    title: 'The instance calls itself what the migration file says',
    family: 'instance',
    part: 'server',
    why: 'The replica name must be @@SERVERNAME; after a renamed machine it is often the old name (35237).',
    remedy: 'Correct instances[].name in the migration file.',
    reference: 'createGroup',
    judge: (server, { facts }) => {
      if (server.serverName === null || !sameName(server.serverName, server.serverPropertyName)) {
        return bad(
          `@@SERVERNAME is ${server.serverName ?? 'NULL'}, Windows says ${server.serverPropertyName}.`,
          `EXEC sp_dropserver N'${server.serverName ?? ''}'; EXEC sp_addserver N'${server.serverPropertyName}', N'local'; then restart the service.`,
        );
      }
      return sameName(server.serverName, facts.instance)
        ? good(`@@SERVERNAME is ${server.serverName}.`)
        : bad(`@@SERVERNAME is ${server.serverName}, the migration file says ${facts.instance}.`);
    },
  }),
  ...bothSides({
    name: 'CLUSTER',
    title: 'The instance is not a failover cluster instance',
    family: 'instance',
    part: 'server',
    why: 'Under a clustered instance the endpoint address must be the network name of the instance and move with it.',
    remedy: 'Use the network name of the instance as fqdn, and check it after every failover.',
    reference: 'configure',
    judge: (server) =>
      server.isClustered
        ? doubtful('IsClustered is 1: a failover cluster instance.')
        : good('IsClustered is 0.'),
  }),
  ...bothSides({
    name: 'SESSION-ENCRYPTED',
    title: 'The session of sqlferry is encrypted',
    family: 'instance',
    part: 'session',
    why: 'Passwords and statements travel over it.',
    remedy: 'Set tls.encrypt to mandatory and give the instance a certificate.',
    reference: 'prerequisites',
    judge: (session) =>
      session.encrypted
        ? good(`Encrypted, ${session.authScheme} authentication.`)
        : doubtful(`Not encrypted (${session.netTransport}).`),
  }),
  ...ofArticle('PORTS', {
    name: 'SQL-PORT',
    title: 'The SQL Server port is open on the instance',
    family: 'instance',
    part: 'listeners',
    why: 'Applications and sqlferry come in on it (1433 by default); the firewall in between is not visible from here.',
    remedy: 'Enable TCP/IP in SQL Server Configuration Manager and restart the service.',
    reference: 'prerequisites',
    judge: (listeners) => {
      const sql = listeners.filter(
        (row) => /tsql/iu.test(row.typeDesc) && row.stateDesc === 'ONLINE',
      );
      const ports = [...new Set(sql.map((row) => row.port))].join(', ');
      return sql.length === 0
        ? bad('No TCP listener for T-SQL is ONLINE.')
        : good(`Listens for T-SQL on port ${ports}.`);
    },
  }),
];

/** Rules about one instance. */
export const instanceRules: readonly AssessRule[] = [
  reachRule('source'),
  reachRule('target'),
  ...permissionRules,
  ...buildRules,
];

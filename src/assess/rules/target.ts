/** Rules about room and names on the target. */

import { sameName, shownName, shownNames } from '../../base/name.ts';
import type { FileFacts } from '../../model/assess-database.ts';
import type { ServerFacts } from '../../model/assess-server.ts';
import { together } from '../../model/fact.ts';
import { databaseRule } from '../database-rule.ts';
import { byName, indexed } from '../name-index.ts';
import { bad, byHand, doubtful, good, notReadable, sideRule, type AssessRule } from '../rule.ts';
import { folderOf, trimmed } from './file-place.ts';

/** What asks the target whether folders exist; SQL Server 2016 has the older way only. */
function existText(folders: readonly string[], target: ServerFacts): string {
  const asked = folders.map((folder) => {
    const path = `N'${folder.replaceAll("'", "''")}'`;
    return target.versionMajor >= MAPPING_SINCE
      ? `SELECT file_is_a_directory FROM sys.dm_os_file_exists(${path});`
      : `EXEC master.sys.xp_fileexist ${path};`;
  });
  return `On the target: ${asked.join(' ')}`;
}

/** Seeding maps the default folders of the source to those of the target since SQL Server 2017. */
const MAPPING_SINCE = 14;

/** Default folders that files come to, or are mapped from. */
function defaultFolders(source: ServerFacts, target: ServerFacts): readonly string[] {
  const mapped =
    target.versionMajor >= MAPPING_SINCE ? [source.defaultDataPath, source.defaultLogPath] : [];
  return [...mapped, target.defaultDataPath, target.defaultLogPath]
    .filter((path) => path !== null)
    .map((path) => trimmed(path));
}

function folderKey({ physicalName }: FileFacts): string {
  return folderOf(physicalName).toLowerCase();
}

/** Rules about the target. */
export const targetRules: readonly AssessRule[] = [
  databaseRule({
    id: 'TGT-DATABASE-NAME',
    title: 'The name of the database is free on the target',
    family: 'target',
    why: 'Seeding never overwrites (1801, failure state 23), and sqlferry never drops a database.',
    remedy: 'Look at what it holds; rename or drop it yourself.',
    reference: 'seeding',
    judge: (database, { shown, facts, migration }) => {
      const there = facts.target.databases;
      if (!there.known) return notReadable(there);
      const clash = byName(there.value).get(database.name.toLowerCase())?.[0];
      if (clash === undefined) return good(`${shown} does not exist on the target.`);
      const own = migration.target.availabilityGroup;
      if (clash.availabilityGroup !== null && sameName(clash.availabilityGroup, own)) {
        return good(`${shown} is on the target as a copy in ${shownName(own)}.`);
      }
      return bad(
        `${shown} exists on the target (${clash.stateDesc}) and is not in ${shownName(own)}.`,
        `Look at what it holds; for example: ALTER DATABASE ${shown} MODIFY NAME = <new name>`,
      );
    },
  }),
  databaseRule({
    id: 'TGT-PATHS',
    title: 'The folders of the files exist on the target',
    family: 'target',
    why: 'Files in the default folder of the source go to the default folder of the target; any other folder must exist there by the same name (5133).',
    remedy: 'Create the folders on the target and let its service account write there.',
    reference: 'seeding',
    judge: (database, { shown, facts }) => {
      const read = together({
        files: facts.source.files,
        source: facts.source.server,
        target: facts.target.server,
      });
      if (!read.known) return notReadable(read);
      const defaults = defaultFolders(read.value.source, read.value.target);
      const used = facts.target.files.known ? indexed(facts.target.files.value, folderKey) : null;
      const own = byName(read.value.files).get(database.name.toLowerCase()) ?? [];
      if (own.length === 0 || defaults.length === 0) {
        return {
          outcome: 'unknown',
          evidence: `The files of ${shown} or the default folders are not shown.`,
        };
      }
      const folders = own.map((file) => folderOf(file.physicalName));
      const others = [
        ...new Set(
          folders.filter(
            (folder) =>
              used?.has(folder.toLowerCase()) !== true &&
              !defaults.some((path) => sameName(path, folder)),
          ),
        ),
      ];
      return others.length === 0
        ? good(`All ${own.length} file(s) of ${shown} are in folders that the target has.`)
        : doubtful(
            `${shown} has files in ${shownNames(others)}, which must exist on the target.`,
            `${existText(others, read.value.target)} Create what is missing, and let the service account of the target write there.`,
          );
    },
  }),
  sideRule('target', {
    name: 'IFI',
    title: 'Instant file initialization is on',
    family: 'target',
    part: 'server',
    why: 'Without it every data file is filled with zeros first, which prolongs seeding.',
    remedy:
      'Give the service account the right "Perform volume maintenance tasks" and restart the service.',
    reference: 'seeding',
    judge: (server) => {
      if (server.instantFileInitialization === null) {
        return { outcome: 'skipped', evidence: 'Not shown by this server.', remedy: '' };
      }
      return server.instantFileInitialization
        ? good('Instant file initialization is on.')
        : doubtful('Instant file initialization is off.');
    },
  }),
];

/** What no query over TDS can see. */
export const byHandRules: readonly AssessRule[] = [
  byHand({
    id: 'AZ-ROLE',
    seed: 'SEED-TGT-RBAC',
    title: 'The Azure account is owner or contributor of the resource group',
    family: 'by hand',
    why: 'Virtual machines, disks and network rules of the target are changed with it.',
    evidence: 'Not visible over a SQL Server connection.',
    remedy: 'az role assignment list --assignee <account> --resource-group <group> --output table',
    reference: 'prerequisites',
  }),
  byHand({
    id: 'NET-PATH',
    seed: 'SEED-NET-PATH',
    title: 'A network path joins source and target',
    family: 'by hand',
    why: 'A site-to-site VPN, ExpressRoute or network peering must carry the traffic of the endpoints.',
    evidence:
      'sqlferry reaches both servers; whether they reach each other is seen only when they connect.',
    remedy: 'On each server: Test-NetConnection <fqdn of the other> -Port <endpoint port>',
    reference: 'prerequisites',
  }),
  byHand({
    id: 'NET-FIREWALL',
    seed: 'SEED-PORTS',
    title: 'Firewalls let the SQL Server and endpoint ports through, both ways',
    family: 'by hand',
    why: 'Windows firewall, network security group and devices in between: from any source port to 1433 and 5022.',
    evidence: 'Not visible over a SQL Server connection.',
    remedy:
      'New-NetFirewallRule -DisplayName "SQL AG endpoint" -Direction Inbound -Protocol TCP -LocalPort 5022 -Action Allow; the same in the network security group.',
    reference: 'prerequisites',
  }),
  byHand({
    id: 'NET-NAMES',
    title: 'Each server resolves the full name of the other',
    family: 'by hand',
    why: 'LISTENER_URL holds full host names.',
    evidence: 'Not visible over a SQL Server connection.',
    remedy: 'On each server: Resolve-DnsName <fqdn of the other>',
    reference: 'configure',
  }),
  byHand({
    id: 'AUTH-DC',
    seed: 'SEED-POST-DC',
    title: 'A domain controller stays in reach of the target',
    family: 'by hand',
    why: 'The target must still find its domain when the source site is switched off.',
    evidence: 'Not visible over a SQL Server connection.',
    remedy:
      'nltest /dsgetdc:<domain> on the target; keep the domain controller of the source until it answers from Azure.',
    reference: 'complete',
  }),
  byHand({
    id: 'DISK-SECTOR',
    title: 'The disks of the logs have the same sector size on both sides',
    family: 'by hand',
    why: 'Log written for sectors of 512 bytes is misaligned on disks of 4 KB: the copy writes slowly and says so in its error log (9012).',
    evidence: 'No view shows the physical sector size of a disk.',
    remedy:
      'On each machine: fsutil fsinfo sectorinfo <drive of the logs>; where PhysicalBytesPerSectorForPerformance differs, start the instance with 512 bytes with -T1800.',
    reference: 'sectorSize',
  }),
  byHand({
    id: 'OBJ-LOG-BACKUPS',
    title: 'Log backups pause while the databases are seeded',
    family: 'by hand',
    why: 'A log backup during the seeding can cut off log that the copy still needs (1412), and the seeding starts over.',
    evidence: 'Jobs and backup tools outside the server are not visible.',
    remedy: 'Pause log backups for the time of the seeding, and watch the log drive.',
    reference: 'seeding',
  }),
];

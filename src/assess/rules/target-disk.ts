/** Rules about disks: room and drives for the files on the target, room for the log on the source, tempdb. */

import { sameName, shownName } from '../../base/name.ts';
import { bytes } from '../../base/quantity.ts';
import type { VolumeFacts } from '../../model/assess-capacity.ts';
import type { FileFacts } from '../../model/assess-database.ts';
import type { AssessFacts } from '../../model/assess-facts.ts';
import type { ServerFacts } from '../../model/assess-server.ts';
import { together } from '../../model/fact.ts';
import type { Migration } from '../../model/migration.ts';
import { selectedFacts } from '../database-rule.ts';
import {
  bad,
  doubtful,
  good,
  later,
  notReadable,
  pairRule,
  sideReadRule,
  sideRule,
  type AssessRule,
} from '../rule.ts';
import { placeOnTarget, volumeOf } from './file-place.ts';

/** Room beyond the files themselves that lets them grow for a while. */
const GROWTH = 1.2;
/** Below this share of a log volume an hour of seeding may fill it. */
const LOG_SHARE = 0.1;
/** More files of tempdb than this help only when contention is measured. */
const TEMPDB_FILES = 8;

/** Files of the selected databases that are not on the target yet. */
function travellingFiles(
  facts: AssessFacts,
  migration: Migration,
  files: readonly FileFacts[],
): readonly FileFacts[] {
  if (!facts.source.databases.known) return [];
  const there = new Set(
    (facts.target.databases.known ? facts.target.databases.value : [])
      .filter(({ inAvailabilityGroup }) => inAvailabilityGroup)
      .map(({ name }) => name.toLowerCase()),
  );
  const moving = new Set(
    selectedFacts(facts.source.databases.value, migration)
      .map(({ name }) => name)
      .filter((name) => !there.has(name.toLowerCase())),
  );
  return files.filter((file) => moving.has(file.database));
}

/** Bytes that come to each volume of the target; files whose volume is not seen are left out. */
function bytesByVolume(
  files: readonly FileFacts[],
  source: ServerFacts,
  target: { readonly server: ServerFacts; readonly volumes: readonly VolumeFacts[] },
): ReadonlyMap<VolumeFacts, number> {
  const sums = new Map<VolumeFacts, number>();
  for (const file of files) {
    const volume = volumeOf(target.volumes, placeOnTarget(file, source, target.server));
    if (volume !== undefined) sums.set(volume, (sums.get(volume) ?? 0) + file.sizeBytes);
  }
  return sums;
}

const spaceRule = sideReadRule('target', {
  name: 'SPACE',
  title: 'The target has room for the databases',
  family: 'target',
  why: 'Seeding fails half way on a full disk; the files come with their whole size, and then they grow.',
  remedy:
    'Add or enlarge a data disk: az disk update --resource-group <group> --name <disk> --size-gb <size>, then extend the volume in Windows.',
  reference: 'volumeStats',
  notScripted: 'Disks are enlarged in Azure and in Windows.',
  read: ({ server, volumes }) => together({ server, volumes }),
  judge: (target, { all, migration }) => {
    const { server, files, databases } = all.source;
    const source = together({ server, files, databases });
    if (!source.known) return notReadable(source);
    const moving = travellingFiles(all, migration, source.value.files);
    if (moving.length === 0) return good('No file has to come to the target any more.');
    const sums = [...bytesByVolume(moving, source.value.server, target)];
    if (sums.length === 0)
      return notReadable('no volume of the target fits the paths of the files');
    const lines = sums.map(
      ([{ mountPoint, availableBytes }, needed]) =>
        `${mountPoint} needs ${bytes(needed)}, free are ${bytes(availableBytes)}`,
    );
    const evidence = `${moving.length} file(s): ${lines.join('; ')}.`;
    if (sums.some(([volume, needed]) => needed > volume.availableBytes)) return bad(evidence);
    return sums.some(([volume, needed]) => needed * GROWTH > volume.availableBytes)
      ? doubtful(`${evidence} That leaves less than 20 % to grow.`)
      : good(evidence);
  },
});

const driveRule = sideReadRule('target', {
  name: 'DRIVES',
  title: 'The drives of the files exist on the target',
  family: 'target',
  why: 'Files outside the default folders come to the same path on the target; without the drive the seeding of that database fails (5133).',
  remedy:
    'Give a disk of the target that letter (diskmgmt.msc, Change Drive Letter and Paths), or seed by hand with RESTORE ... WITH MOVE.',
  reference: 'seeding',
  notScripted: 'Drives are made in Windows.',
  read: ({ server, volumes }) => together({ server, volumes }),
  judge: (target, { facts, all, migration }) => {
    const { server, files, databases } = all.source;
    const source = together({ server, files, databases });
    if (!source.known) return notReadable(source);
    const moving = travellingFiles(all, migration, source.value.files);
    const lost = moving.filter((file) => {
      const place = placeOnTarget(file, source.value.server, target.server);
      return /^[a-z]:\\/iu.test(place) && volumeOf(target.volumes, place) === undefined;
    });
    if (lost.length === 0) return good(`The drives of all ${moving.length} file(s) exist.`);
    if (!facts.fixedDrives.known) {
      return {
        ...notReadable(facts.fixedDrives),
        remedy:
          'On the target: EXEC master.sys.xp_fixeddrives; compare with the paths of the files.',
      };
    }
    const drives = [...new Set(lost.map((file) => file.physicalName.slice(0, 3).toUpperCase()))];
    return bad(
      `The target has no drive ${drives.join(', ')} for ${lost.length} file(s), the first is ${lost[0]?.physicalName ?? ''}.`,
    );
  },
});

const logRules = (['source', 'target'] as const).map((side) =>
  sideReadRule(side, {
    name: 'LOG-SPACE',
    title: 'The volumes of the logs have room while the databases are seeded',
    family: 'capacity',
    why: 'The log is kept until the copy has it: it grows through the whole seeding and whenever the sides are parted; a full log stops every write (9002).',
    remedy:
      'Make room on the volume of the logs, or seed in a quiet time; watch log_reuse_wait_desc and sys.dm_db_log_space_usage.',
    reference: 'seeding',
    notScripted: 'Room is made on disks.',
    read: ({ files, volumes }) => together({ files, volumes }),
    judge: ({ files, volumes }) => {
      const logs = files.filter(({ typeDesc }) => typeDesc === 'LOG');
      const used = [
        ...new Set(logs.flatMap(({ physicalName }) => volumeOf(volumes, physicalName) ?? [])),
      ].filter(({ totalBytes }) => totalBytes !== null);
      if (logs.length === 0) return later('No user database has a log here yet.');
      if (used.length === 0) return notReadable('the volumes of the logs are not shown');
      const lines = used.map(
        ({ mountPoint, availableBytes, totalBytes }) =>
          `${mountPoint} ${bytes(availableBytes)} free of ${bytes(totalBytes ?? 0)}`,
      );
      const evidence = `${logs.length} log file(s) on ${lines.join('; ')}.`;
      return used.some(
        ({ availableBytes, totalBytes }) => availableBytes < (totalBytes ?? 0) * LOG_SHARE,
      )
        ? doubtful(`${evidence} Less than 10 % is free.`)
        : good(evidence);
    },
  }),
);

const temporaryRule = sideReadRule('target', {
  name: 'TEMP-DISK',
  title: 'No default folder of the target lies on the temporary disk',
  family: 'target',
  why: 'The temporary disk of an Azure machine is empty after every move or stop: databases on it are lost. Only tempdb may lie there.',
  remedy:
    "On the target, to a data disk: EXEC xp_instance_regwrite N'HKEY_LOCAL_MACHINE', N'Software\\Microsoft\\MSSQLServer\\MSSQLServer', N'DefaultData', REG_SZ, N'<folder>'; the same for DefaultLog; then restart the service.",
  reference: 'temporaryDisk',
  notScripted: 'It needs a folder that somebody chooses, and a restart of the service.',
  read: ({ server, volumes }) => together({ server, volumes }),
  judge: ({ server, volumes }) => {
    const folders = [server.defaultDataPath, server.defaultLogPath].filter((path) => path !== null);
    if (folders.length === 0) return notReadable('the default folders are not shown');
    const wrong = folders.filter((folder) =>
      /temporary storage/iu.test(volumeOf(volumes, folder)?.label ?? ''),
    );
    return wrong.length === 0
      ? good(`Default folders: ${[...new Set(folders)].join(', ')}.`)
      : bad(`On the disk "Temporary Storage": ${[...new Set(wrong)].join(', ')}.`);
  },
});

const systemDiskRule = sideReadRule('target', {
  name: 'SYSTEM-DISK',
  title: 'No file comes to the system disk of the target',
  family: 'target',
  why: 'The system disk of an Azure machine is small and slow, and a full one stops Windows.',
  remedy:
    'Set the default folders of the target to data disks (SSMS, server properties, Database Settings) and restart the service.',
  reference: 'temporaryDisk',
  notScripted: 'It needs a folder that somebody chooses, and a restart of the service.',
  read: ({ server }) => server,
  judge: (target, { all, migration }) => {
    const { server, files, databases } = all.source;
    const source = together({ server, files, databases });
    if (!source.known) return notReadable(source);
    const moving = travellingFiles(all, migration, source.value.files);
    const places = moving.map((file) => placeOnTarget(file, source.value.server, target));
    const wrong = places.filter((place) => /^c:\\/iu.test(place));
    return wrong.length === 0
      ? good(`None of ${moving.length} file(s) comes to drive C.`)
      : doubtful(
          `${wrong.length} of ${moving.length} file(s) come to drive C, the first as ${wrong[0] ?? ''}.`,
        );
  },
});

const tempdbRule = sideReadRule('target', {
  name: 'TEMPDB-FILES',
  title: 'tempdb has enough data files of one size',
  family: 'target',
  why: 'With one file sessions wait for each other when they create temporary tables; files of different size are used unevenly.',
  remedy:
    "On the target, for each further file: ALTER DATABASE [tempdb] ADD FILE (NAME = N'temp<n>', FILENAME = N'<folder>\\temp<n>.ndf', SIZE = <size of the others>);",
  reference: 'tempdb',
  notScripted: 'It needs a folder that somebody chooses.',
  read: ({ tempdbFiles, machine }) => together({ tempdbFiles, machine }),
  judge: ({ tempdbFiles, machine }) => {
    const data = tempdbFiles.filter(({ typeDesc }) => typeDesc === 'ROWS');
    const wanted = Math.min(machine.cpuCount, TEMPDB_FILES);
    const sizes = new Set(data.map(({ sizeBytes }) => sizeBytes));
    const evidence = `${data.length} data file(s) for ${machine.cpuCount} processors, sizes ${[...sizes].map(bytes).join(', ')}.`;
    return data.length < wanted || sizes.size > 1 ? doubtful(evidence) : good(evidence);
  },
});

const tempdbSizeRule = pairRule({
  id: 'CAP-TEMPDB',
  title: 'tempdb of the target starts as large as that of the source',
  family: 'capacity',
  part: 'tempdbFiles',
  why: 'Under the load of the source a small tempdb grows while everybody waits, and its disk may be too small.',
  remedy:
    "On the target: ALTER DATABASE [tempdb] MODIFY FILE (NAME = N'<file>', SIZE = <size>); look at the room of its disk first.",
  reference: 'tempdb',
  notScripted: 'The room on its disk has to be looked at first.',
  judge: (source, target) => {
    const sum = (files: readonly { readonly sizeBytes: number }[]): number =>
      files.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
    const evidence = `Source ${bytes(sum(source))} in ${source.length} file(s), target ${bytes(sum(target))} in ${target.length}.`;
    return sum(target) < sum(source) / 2 ? doubtful(evidence) : good(evidence);
  },
});

const platformRule = pairRule({
  id: 'PAIR-PLATFORM',
  title: 'Both instances run on the same operating system',
  family: 'pair',
  part: 'machine',
  why: 'A distributed availability group between Windows and Linux seeds to other paths and is meant for reading and moving only; jobs, linked servers and CLR differ.',
  remedy: 'Use a target with the operating system of the source, or test what differs.',
  reference: 'distributed',
  judge: (source, target) => {
    const evidence = `Source ${source.platform}, target ${target.platform}.`;
    return sameName(source.platform, target.platform) ? good(evidence) : doubtful(evidence);
  },
});

const machineRule = sideRule('target', {
  name: 'VIRTUAL-MACHINE',
  title: 'The target is a virtual machine',
  family: 'target',
  part: 'machine',
  why: 'The articles move to SQL Server on an Azure virtual machine; another kind of server may be the wrong one.',
  remedy: 'Compare target.instances in the migration file with the machine in the portal.',
  reference: 'prerequisites',
  judge: (machine, { facts }) =>
    machine.virtualMachineTypeDesc === 'HYPERVISOR'
      ? good(`${shownName(facts.instance)} runs under a hypervisor.`)
      : doubtful(
          `${shownName(facts.instance)} shows virtual_machine_type_desc ${machine.virtualMachineTypeDesc}.`,
        ),
});

/** Rules about disks and the machine of the target. */
export const targetDiskRules: readonly AssessRule[] = [
  spaceRule,
  driveRule,
  ...logRules,
  temporaryRule,
  systemDiskRule,
  tempdbRule,
  tempdbSizeRule,
  platformRule,
  machineRule,
];

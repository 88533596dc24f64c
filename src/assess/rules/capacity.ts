/** Rules about the power of the machines: worker threads, processors, memory, numbers of databases. */

import { bytes } from '../../base/quantity.ts';
import type { MachineFacts } from '../../model/assess-capacity.ts';
import type { SideFacts } from '../../model/assess-facts.ts';
import type { Migration } from '../../model/migration.ts';
import { selectedFacts } from '../database-rule.ts';
import {
  bad,
  bothSides,
  doubtful,
  good,
  notReadable,
  pairRule,
  sideRule,
  type AssessRule,
  type Judgement,
} from '../rule.ts';
import { inUse } from './pair-setting.ts';
import { workerNeed } from './worker-need.ts';

/** Microsoft tested availability groups up to so many databases on a machine. */
const TESTED_DATABASES = 100;
/** Value of "max server memory (MB)" that means no limit. */
const NO_LIMIT_MB = 2_147_483_647;
const MB = 1024 ** 2;

const MAX_MEMORY = 'max server memory (MB)';

function limitText(mb: number): string {
  return `EXEC sp_configure N'show advanced options', 1; RECONFIGURE; EXEC sp_configure N'${MAX_MEMORY}', ${mb}; RECONFIGURE;`;
}

/** Memory the engine may use for its buffers: the limit, or all there is. */
function usableBytes(machine: MachineFacts, limitMb: number | undefined): number {
  return Math.min(machine.physicalMemoryBytes, (limitMb ?? NO_LIMIT_MB) * MB);
}

/** Databases that will be replicated on this side: those of the migration and those in groups already. */
function replicatedCount(facts: SideFacts, all: SideFacts, migration: Migration): number | null {
  if (!facts.databases.known || !all.databases.known) return null;
  const there = new Set(
    facts.databases.value
      .filter((database) => database.inAvailabilityGroup)
      .map(({ name }) => name.toLowerCase()),
  );
  const moving = selectedFacts(all.databases.value, migration).filter(
    ({ name }) => !there.has(name.toLowerCase()),
  );
  return there.size + moving.length;
}

function workersRule(side: 'source' | 'target'): AssessRule {
  return sideRule(side, {
    name: 'WORKERS',
    title: 'Enough worker threads for the databases',
    family: 'capacity',
    part: 'machine',
    why: 'Every replicated database takes threads for capture, sending and redo; without them the group stalls (35217).',
    remedy: 'Move the databases in waves, or give the machine more cores.',
    reference: 'groupPrerequisites',
    judge: (machine, { facts, all, migration }) => {
      const databases = replicatedCount(facts, all.source, migration);
      if (databases === null) return notReadable('the databases of the source are not shown');
      const need = workerNeed({
        databases,
        partners: side === 'source' ? migration.source.instances.length : 1,
        cores: machine.cpuCount,
        maxWorkers: machine.maxWorkersCount,
      });
      const evidence =
        `${databases} database(s) need up to ${need.primary} threads as primary and ${need.secondary} as forwarder; ` +
        `availability groups may take ${need.limit} of ${machine.maxWorkersCount}.`;
      const most = Math.max(need.primary, need.secondary);
      if (most > need.limit) return bad(evidence);
      return most > need.limit / 2 ? doubtful(evidence) : good(evidence);
    },
  });
}

function countRule(side: 'source' | 'target'): AssessRule {
  return sideRule(side, {
    name: 'DATABASE-COUNT',
    title: `At most ${TESTED_DATABASES} databases in availability groups`,
    family: 'capacity',
    part: 'databases',
    why: `Microsoft has tested up to 10 groups with ${TESTED_DATABASES} databases per machine; more work with less load and more waiting.`,
    remedy: 'Move the databases in waves, or spread them over several machines.',
    reference: 'groupPrerequisites',
    judge: (_databases, { facts, all, migration }) => {
      const count = replicatedCount(facts, all.source, migration);
      if (count === null) return notReadable('the databases of the source are not shown');
      const evidence = `${count} database(s) in availability groups, with those of this migration.`;
      return count > TESTED_DATABASES ? doubtful(evidence) : good(evidence);
    },
  });
}

const memoryRules = bothSides({
  name: 'MEMORY-LIMIT',
  title: 'Max server memory is set below the memory of the machine',
  family: 'capacity',
  part: 'machine',
  why: 'Without a limit the engine takes what Windows, the Agent and backups need, and the machine begins to page.',
  remedy: limitText(0).replace(', 0;', ', <megabytes, about 80 % of the machine>;'),
  reference: 'serverMemory',
  notScripted: 'How much other programs of the machine need, only a person knows.',
  judge: (machine, { facts }): Judgement => {
    if (!facts.settings.known) return notReadable(facts.settings.because);
    const limit = inUse(facts.settings.value, MAX_MEMORY);
    if (limit === undefined) return notReadable(`"${MAX_MEMORY}" is not shown`);
    const physicalMb = Math.floor(machine.physicalMemoryBytes / MB);
    const remedy = limitText(Math.floor(physicalMb * 0.8));
    if (limit >= NO_LIMIT_MB)
      return doubtful(`No limit is set; the machine has ${physicalMb} MB.`, remedy);
    return limit >= physicalMb
      ? doubtful(`The limit is ${limit} MB, the machine has ${physicalMb} MB.`, remedy)
      : good(`The limit is ${limit} MB of ${physicalMb} MB.`);
  },
});

const signalRules = bothSides({
  name: 'MEMORY-SIGNAL',
  title: 'Windows has memory left',
  family: 'capacity',
  part: 'machine',
  why: 'While Windows signals low memory the engine gives memory back, and sessions of availability groups run into their time limits.',
  remedy: 'Lower "max server memory (MB)", end other programs, or give the machine more memory.',
  reference: 'serverMemory',
  judge: (machine) => {
    if (machine.isMemoryLow === null) return notReadable('sys.dm_os_sys_memory shows no row');
    return machine.isMemoryLow
      ? doubtful('Windows signals that memory is low.')
      : good('Windows does not signal low memory.');
  },
});

const schedulerRules = bothSides({
  name: 'SCHEDULERS',
  title: 'SQL Server uses every processor',
  family: 'capacity',
  part: 'machine',
  why: 'Processors without a scheduler do nothing: an edition with a core limit, an affinity mask, or more sockets than the licence allows.',
  remedy:
    'SELECT * FROM sys.dm_os_schedulers shows which are offline; look at the edition, the affinity mask and the sockets of the virtual machine.',
  reference: 'systemInformation',
  judge: (machine) => {
    const evidence = `${machine.schedulerCount} scheduler(s) for ${machine.cpuCount} processor(s).`;
    return machine.schedulerCount < machine.cpuCount ? doubtful(evidence) : good(evidence);
  },
});

const pairRules: readonly AssessRule[] = [
  pairRule({
    id: 'CAP-CORES',
    title: 'The target has as many processors as the source',
    family: 'capacity',
    part: 'machine',
    why: 'The load of the source arrives on the target in the minute of the switch.',
    remedy:
      'az vm resize --resource-group <group> --name <vm> --size <size>; the machine restarts. Or measure the load of the source and accept.',
    reference: 'vmSize',
    judge: (source, target) => {
      const evidence = `Source ${source.cpuCount}, target ${target.cpuCount} logical processors.`;
      return target.cpuCount < source.cpuCount ? doubtful(evidence) : good(evidence);
    },
  }),
  pairRule({
    id: 'CAP-MEMORY',
    title: 'SQL Server may use as much memory on the target as on the source',
    family: 'capacity',
    part: 'machine',
    why: 'What was read from memory is read from disk where there is less of it; Azure limits what the disks of a machine may read.',
    remedy:
      'Raise "max server memory (MB)" on the target, or take a memory-optimized machine (az vm resize).',
    reference: 'vmSize',
    judge: (source, target, { facts }) => {
      if (!facts.source.settings.known) return notReadable(facts.source.settings.because);
      if (!facts.target.settings.known) return notReadable(facts.target.settings.because);
      const from = usableBytes(source, inUse(facts.source.settings.value, MAX_MEMORY));
      const to = usableBytes(target, inUse(facts.target.settings.value, MAX_MEMORY));
      const evidence = `Source may use ${bytes(from)}, target ${bytes(to)}.`;
      return to < from ? doubtful(evidence) : good(evidence);
    },
  }),
  pairRule({
    id: 'CAP-MEMORY-HELD',
    title: 'The target may hold what the source holds in memory now',
    family: 'capacity',
    part: 'machine',
    why: 'The source holds the pages and plans that its load needs; below that the target reads from disk what the source does not.',
    remedy:
      'Raise "max server memory (MB)" on the target above what the source holds, or take a machine with more memory.',
    reference: 'serverMemory',
    judge: (source, target, { facts }) => {
      if (!facts.target.settings.known) return notReadable(facts.target.settings.because);
      const to = usableBytes(target, inUse(facts.target.settings.value, MAX_MEMORY));
      const evidence = `The source holds ${bytes(source.committedBytes)}, the target may hold ${bytes(to)}.`;
      return to < source.committedBytes ? doubtful(evidence) : good(evidence);
    },
  }),
  pairRule({
    id: 'CAP-LOCK-PAGES',
    title: 'Both instances lock their pages in memory, or both do not',
    family: 'capacity',
    part: 'machine',
    why: 'Without the right Windows may write the memory of the engine to disk under pressure, which the source never saw.',
    remedy:
      'Give the service account of the target "Lock pages in memory" (secpol.msc, User Rights Assignment) and restart the service.',
    reference: 'lockPages',
    notScripted: 'It is a right of Windows and needs a restart of the service.',
    judge: (source, target) => {
      const evidence = `Source ${source.memoryModelDesc}, target ${target.memoryModelDesc}.`;
      return source.memoryModelDesc !== 'CONVENTIONAL' && target.memoryModelDesc === 'CONVENTIONAL'
        ? doubtful(evidence)
        : good(evidence);
    },
  }),
  pairRule({
    id: 'CAP-MAX-WORKERS',
    title: '"max worker threads" of the target is not below the source',
    family: 'capacity',
    part: 'settings',
    why: 'A number that was set for another machine keeps the target from starting the threads it needs (35217).',
    remedy:
      "On the target: EXEC sp_configure N'show advanced options', 1; RECONFIGURE; EXEC sp_configure N'max worker threads', 0; RECONFIGURE; 0 lets the engine choose.",
    reference: 'serverConfiguration',
    judge: (source, target) => {
      const name = 'max worker threads';
      const from = inUse(source, name);
      const to = inUse(target, name);
      if (from === undefined || to === undefined) return notReadable(`"${name}" is not shown`);
      const evidence = `Source ${from}, target ${to}; 0 lets the engine choose.`;
      if (to === 0) return good(evidence);
      return to < from || from === 0 ? doubtful(evidence) : good(evidence);
    },
  }),
];

/** Rules about power. */
export const capacityRules: readonly AssessRule[] = [
  workersRule('source'),
  workersRule('target'),
  countRule('source'),
  countRule('target'),
  ...pairRules,
  ...memoryRules,
  ...signalRules,
  ...schedulerRules,
];

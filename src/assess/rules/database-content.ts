/** Rules about features that a selected database makes use of. */

import { bytes } from '../../base/quantity.ts';
import { shownName } from '../../base/name.ts';
import { known } from '../../model/fact.ts';
import {
  detailRule,
  insideOf,
  rowAbout,
  rowsAbout,
  shownLiteral,
  someNames,
  thingsIn,
} from '../database-detail.ts';
import { indexed } from '../name-index.ts';
import { bad, doubtful, good, notReadable, type AssessRule } from '../rule.ts';

/** `EngineEdition` of Enterprise, Developer and Evaluation. */
const ENTERPRISE = 3;
const BYTES_PER_MB = 1024 ** 2;
/** A Query Store above this size is a burden of its own. */
const BIG_QUERY_STORE_MB = 1024;
/** Part of the target's memory that memory-optimized tables may fill. */
const MEMORY_SHARE = 0.7;
const NO_MEMORY_LIMIT_MB = 2_147_483_647;

function lower(name: string): string {
  return name.toLowerCase();
}

/** Content rules. */
export const databaseContentRules: readonly AssessRule[] = [
  detailRule({
    id: 'DB-EDITION-FEATURES',
    title: 'The edition of the target has every feature that the database stores',
    family: 'databases',
    why: 'A database with a feature that the edition does not have does not open there (909).',
    remedy: 'Use Enterprise edition on the target, or remove the feature.',
    reference: 'editionFeatures',
    read: (source, { database }) => insideOf(source.databaseState, database.name),
    judge: ({ skuFeatures }, { shown, facts }) => {
      if (skuFeatures.length === 0) return good(`${shown} stores no feature of an edition.`);
      const { server } = facts.target;
      if (!server.known) return notReadable(server);
      const evidence = `${shown} stores ${someNames(skuFeatures)}, the target is ${server.value.edition}.`;
      return server.value.engineEdition === ENTERPRISE ? good(evidence) : bad(evidence);
    },
  }),
  detailRule({
    id: 'DB-MEMORY-TABLES',
    title: 'The target has the memory for memory-optimized tables',
    family: 'databases',
    why: 'They are in memory as a whole on the target too; without it the copy stops (41379, 701).',
    remedy: 'Raise max server memory of the target, or choose a bigger machine.',
    reference: 'inMemory',
    read: (source, { database }) => {
      const state = insideOf(source.databaseState, database.name);
      const groups = thingsIn(source, database.name, ['memory-filegroup']);
      if (!state.known) return state;
      return groups.known
        ? known({ bytes: state.value.memoryTableBytes, groups: groups.value })
        : groups;
    },
    judge: (memory, { shown, facts }) => {
      if (memory.groups.length === 0) return good(`${shown} has no memory-optimized filegroup.`);
      const options = facts.target.settings;
      if (!options.known) return notReadable(options);
      const limit = options.value.find(({ name }) => name === 'max server memory (MB)')?.valueInUse;
      const evidence = `${shown} has ${bytes(memory.bytes)} in memory-optimized tables`;
      if (limit === undefined || limit === NO_MEMORY_LIMIT_MB)
        return doubtful(
          `${evidence}; max server memory of the target has no limit.`,
          'Compare with the memory of the machine, and set max server memory.',
        );
      const room = limit * BYTES_PER_MB * MEMORY_SHARE;
      const compared = `${evidence}; max server memory of the target is ${bytes(limit * BYTES_PER_MB)}.`;
      return memory.bytes > room ? doubtful(compared) : good(compared);
    },
  }),
  detailRule({
    id: 'DB-FILETABLE',
    title: 'The database has no FileTables',
    family: 'databases',
    why: 'Their share is reached by the name of the server; on the target it needs FILESTREAM access over the network, and a listener.',
    remedy:
      'Enable FILESTREAM for I/O and remote clients on the target, and give clients the name of the listener.',
    reference: 'filestream',
    read: (source, { database }) => thingsIn(source, database.name, ['filetable']),
    judge: (things, { shown }) =>
      things.length === 0
        ? good(`${shown} has no FileTables.`)
        : doubtful(
            `${shown} has ${things.length} FileTable(s): ${someNames(things.map(({ name }) => shownName(name)))}.`,
          ),
  }),
  detailRule({
    id: 'DB-CHANGE-TRACKING',
    title: 'Change tracking is off',
    family: 'databases',
    why: 'It travels, but clients that synchronise must be able to tell that they are behind after a switch that lost transactions.',
    remedy:
      'After the cutover compare CHANGE_TRACKING_CURRENT_VERSION() with what clients have, and let them begin anew where it is lower.',
    reference: 'changeCapture',
    read: (source, { database }) =>
      source.changeTracking.known
        ? known(indexed(source.changeTracking.value, lower).has(database.name.toLowerCase()))
        : source.changeTracking,
    judge: (isOn, { shown }) =>
      isOn
        ? doubtful(`Change tracking of ${shown} is on.`)
        : good(`Change tracking of ${shown} is off.`),
  }),
  detailRule({
    id: 'DB-CDC',
    title: 'Change data capture is off',
    family: 'databases',
    why: 'Its jobs live in msdb and do not travel.',
    remedy: 'Run sys.sp_cdc_add_job for capture and cleanup on the target after the cutover.',
    reference: 'changeCapture',
    read: (source, { database }) =>
      database.isCdcEnabled ? rowsAbout(source.cdcJobs, database.name) : known([]),
    judge: (jobs, { database, shown }) => {
      if (!database.isCdcEnabled) return good(`Change data capture of ${shown} is off.`);
      const kinds = jobs.map(({ jobType }) => jobType);
      const remedy = kinds
        .map((kind) => `EXEC sys.sp_cdc_add_job @job_type = ${shownLiteral(kind)}`)
        .join('; ');
      return doubtful(
        `Change data capture of ${shown} is on; its jobs in msdb: ${kinds.length === 0 ? 'none' : kinds.join(', ')}.`,
        kinds.length === 0
          ? 'The log reader of replication reads it: build replication again on the target.'
          : `On the target, after the cutover: USE ${shown}; ${remedy}`,
      );
    },
  }),
  detailRule({
    id: 'DB-BROKER',
    title: 'Service Broker is not in use',
    family: 'databases',
    why: 'Routes and endpoints of Service Broker point to the old server after the switch.',
    remedy:
      'Check sys.routes and the broker endpoint after the cutover; let open conversations end before it.',
    reference: 'serviceBroker',
    read: (source, { database }) =>
      database.isBrokerEnabled
        ? thingsIn(source, database.name, ['queue', 'conversation'])
        : known([]),
    judge: (things, { database, shown }) => {
      if (!database.isBrokerEnabled) return good(`Service Broker of ${shown} is off.`);
      const queues = things.filter(({ kind }) => kind === 'queue');
      const open = things.find(({ kind }) => kind === 'conversation')?.amount ?? 0;
      return queues.length === 0 && open === 0
        ? good(`Service Broker of ${shown} is enabled and has no queues of its own.`)
        : doubtful(
            `Service Broker of ${shown} is enabled: ${queues.length} queue(s)${queues.length === 0 ? '' : ` (${someNames(queues.map(({ name }) => shownName(name)))})`}, ${open} open conversation(s).`,
          );
    },
  }),
  detailRule({
    id: 'DB-FULL-TEXT',
    title: 'The target has Full-Text Search for the catalogs of the database',
    family: 'databases',
    why: 'Without the feature full-text queries fail on the target; word breakers and filters of third parties have to be installed again.',
    remedy: 'Install Full-Text Search on the target (setup, feature FullText) before the cutover.',
    reference: 'manageMetadata',
    read: (source, { database }) => thingsIn(source, database.name, ['fulltext-catalog']),
    judge: (things, { shown, facts }) => {
      if (things.length === 0) return good(`${shown} has no full-text catalogs.`);
      const { properties } = facts.target;
      if (!properties.known) return notReadable(properties);
      const installed = properties.value.isFullTextInstalled;
      const evidence = `Full-text catalogs of ${shown}: ${someNames(things.map(({ name }) => shownName(name)))}`;
      if (installed === null) return notReadable('the target does not show IsFullTextInstalled');
      return installed
        ? good(`${evidence}; the target has Full-Text Search.`)
        : doubtful(`${evidence}; the target has no Full-Text Search.`);
    },
  }),
  detailRule({
    id: 'DB-QUERY-STORE',
    title: 'The Query Store is in order and of moderate size',
    family: 'databases',
    why: 'A big or read-only Query Store slows the role change and does not show which plans changed after it.',
    remedy:
      'ALTER DATABASE ... SET QUERY_STORE (MAX_STORAGE_SIZE_MB = 1024, SIZE_BASED_CLEANUP_MODE = AUTO), or CLEAR',
    reference: 'queryStore',
    read: (source, { database }) => {
      const options = rowAbout(source.databaseOptions, database.name);
      if (!options.known) return options;
      const state = insideOf(source.databaseState, database.name);
      return state.known
        ? known({ isOn: options.value.isQueryStoreOn, store: state.value.queryStore })
        : state;
    },
    judge: ({ isOn, store }, { shown }) => {
      if (!isOn || store === null)
        return good(
          `The Query Store of ${shown} is off: after the cutover there is nothing to compare plans with.`,
        );
      const { actualStateDesc: state, currentStorageSizeMb: megabytes } = store;
      const evidence = `The Query Store of ${shown} is ${state} and has ${bytes(megabytes * BYTES_PER_MB)}.`;
      return state === 'READ_WRITE' && megabytes <= BIG_QUERY_STORE_MB
        ? good(evidence)
        : doubtful(
            evidence,
            `ALTER DATABASE ${shown} SET QUERY_STORE (OPERATION_MODE = READ_WRITE, MAX_STORAGE_SIZE_MB = ${BIG_QUERY_STORE_MB}, SIZE_BASED_CLEANUP_MODE = AUTO); if it stays too big: SET QUERY_STORE CLEAR`,
          );
    },
  }),
  detailRule({
    id: 'DB-TEMPORAL',
    title: 'Clean-up of temporal tables is known to go on',
    family: 'databases',
    why: 'The clean-up of history runs as a task of the primary; on a copy it rests until the switch and then has to catch up.',
    remedy: 'Watch the size of the history tables in the days after the cutover.',
    reference: 'manageMetadata',
    read: (source, { database }) => thingsIn(source, database.name, ['temporal-table']),
    judge: (things, { shown }) => {
      const count = things[0]?.amount ?? 0;
      return count === 0
        ? good(`${shown} has no temporal tables.`)
        : doubtful(`${shown} has ${count} temporal table(s).`);
    },
  }),
  detailRule({
    id: 'DB-LEDGER-TABLES',
    title: 'The database has no ledger tables',
    family: 'databases',
    why: 'Digests are stored outside; after a cutover that loses transactions those of the source do not verify.',
    remedy:
      'Run sys.sp_verify_database_ledger before and after the cutover, and store a digest of the target at once.',
    reference: 'manageMetadata',
    read: (source, { database }) => thingsIn(source, database.name, ['ledger-table']),
    judge: (things, { shown }) => {
      const count = things[0]?.amount ?? 0;
      return count === 0
        ? good(`${shown} has no ledger tables.`)
        : doubtful(`${shown} has ${count} ledger table(s).`);
    },
  }),
];

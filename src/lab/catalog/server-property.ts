/** `SERVERPROPERTY` and `@@VERSION` (Microsoft Learn, SERVERPROPERTY). Both say that this is a lab. */

import type { SqlType, SqlValue, Variant } from '../../tds/sql-type.ts';
import type { DeclaredRecord } from '../declared.ts';
import type { InstanceState, ProductEdition } from '../hadr/state.ts';
import type { InstanceRecord } from '../world/record.ts';
import { instanceId, rootPath } from './row/system-database.ts';

/** What the properties are read from. */
export interface ServerFacts {
  readonly instance: InstanceState;
  readonly record: InstanceRecord;
  /** What the definition states: rows of `property` and `value`. */
  readonly stated: readonly DeclaredRecord[];
}

const NVARCHAR: SqlType = { kind: 'nvarchar', length: 128 };
const INT: SqlType = { kind: 'int' };
const ENGINE_ENTERPRISE = 3;
const ENGINE_STANDARD = 2;
const COLLATION_ID = 872_468_488;
const COMPARISON_STYLE = 196_609;
const LCID_ENGLISH = 1033;

const EDITION_NAMES: Readonly<Record<ProductEdition, string>> = {
  Enterprise: 'Enterprise Edition (64-bit)',
  Standard: 'Standard Edition (64-bit)',
  Developer: 'Developer Edition (64-bit)',
  Evaluation: 'Enterprise Evaluation Edition (64-bit)',
};
const EDITION_IDS: Readonly<Record<ProductEdition, bigint>> = {
  Enterprise: 1_804_890_536n,
  Standard: -1_534_726_760n,
  Developer: -2_117_995_310n,
  Evaluation: 610_778_273n,
};

type PropertyReader = (facts: ServerFacts) => Variant;

/** Readers by lower-case name, with the major version that brought the property where it is newer than 2016. */
const PROPERTIES: Readonly<
  Record<string, { readonly since?: number; readonly read: PropertyReader } | undefined>
> = {
  collation: { read: () => text('SQL_Latin1_General_CP1_CI_AS') },
  collationid: { read: () => int(COLLATION_ID) },
  comparisonstyle: { read: () => int(COMPARISON_STYLE) },
  computernamephysicalnetbios: { read: ({ instance }) => text(hostName(instance)) },
  edition: { read: ({ instance }) => text(editionText(instance)) },
  editionid: {
    read: ({ instance }) => variant({ kind: 'bigint' }, EDITION_IDS[instance.edition]),
  },
  engineedition: {
    read: ({ instance }) =>
      int(instance.edition === 'Standard' ? ENGINE_STANDARD : ENGINE_ENTERPRISE),
  },
  filestreamconfiguredlevel: { read: () => int(0) },
  filestreameffectivelevel: { read: () => int(0) },
  filestreamsharename: { read: ({ instance }) => text(instanceId(instance)) },
  hadrmanagerstatus: {
    // Without Always On the manager was never started.
    read: ({ instance }) => int(instance.hadrEnabled ? 1 : 0),
  },
  instancedefaultbackuppath: {
    since: 15,
    read: ({ instance }) => text(`${rootPath(instance)}Backup`),
  },
  instancedefaultdatapath: { read: ({ instance }) => text(`${rootPath(instance)}DATA\\`) },
  instancedefaultlogpath: { read: ({ instance }) => text(`${rootPath(instance)}DATA\\`) },
  instancename: {
    read: ({ instance }) =>
      variant(NVARCHAR, instanceId(instance) === 'MSSQLSERVER' ? null : instanceId(instance)),
  },
  isadvancedanalyticsinstalled: { read: () => int(0) },
  isbigdatacluster: { since: 15, read: () => int(0) },
  isclustered: { read: () => int(0) },
  isexternalauthenticationonly: { since: 16, read: () => int(0) },
  isexternalgovernanceenabled: { since: 16, read: () => int(0) },
  isfulltextinstalled: { read: () => int(0) },
  ishadrenabled: {
    read: ({ instance, record }) =>
      int(instance.hadrEnabled || record.hadrEnabledAfterRestart ? 1 : 0),
  },
  isintegratedsecurityonly: { read: () => int(0) },
  islocaldb: { read: () => int(0) },
  ispolybaseinstalled: { read: () => int(0) },
  isserversuspendedforsnapshotbackup: { since: 16, read: () => int(0) },
  issingleuser: { read: () => int(0) },
  istempdbmetadatamemoryoptimized: { since: 15, read: () => int(0) },
  isxtpsupported: { read: () => int(1) },
  lcid: { read: () => int(LCID_ENGLISH) },
  licensetype: { read: () => text('DISABLED') },
  machinename: { read: ({ instance }) => text(hostName(instance)) },
  numlicenses: { read: () => variant(INT, null) },
  pathseparator: { since: 14, read: () => text('\\') },
  processid: { read: () => int(4242) },
  productbuild: { read: ({ instance }) => text(String(instance.version.build)) },
  productbuildtype: { read: () => variant(NVARCHAR, null) },
  productlevel: { read: () => text('RTM') },
  productmajorversion: { read: ({ instance }) => text(String(instance.version.major)) },
  productminorversion: { read: ({ instance }) => text(String(instance.version.minor)) },
  productupdatelevel: { read: () => variant(NVARCHAR, null) },
  productupdatereference: { read: () => variant(NVARCHAR, null) },
  productversion: { read: ({ instance }) => text(versionNumber(instance)) },
  resourceversion: { read: ({ instance }) => text(versionNumber(instance)) },
  servername: { read: ({ instance }) => text(instance.serverName) },
  sqlcharset: { read: () => variant({ kind: 'tinyint' }, 1) },
  sqlcharsetname: { read: () => text('iso_1') },
  sqlsortorder: { read: () => variant({ kind: 'tinyint' }, 52) },
  sqlsortordername: { read: () => text('nocase_iso') },
  suspendeddatabasecount: { since: 16, read: () => int(0) },
};

/** The value of a property; null for a name this version does not have. */
export function serverProperty(facts: ServerFacts, name: string): Variant | null {
  const property = PROPERTIES[name.trim().toLowerCase()];
  if (property === undefined || (property.since ?? 0) > facts.instance.version.major) return null;
  const value = statedValue(facts, name) ?? property.read(facts);
  return value.value === null ? null : value;
}

/** What the definition states, in the type of the real property. */
function statedValue(facts: ServerFacts, name: string): Variant | undefined {
  const wanted = name.trim().toLowerCase();
  const row = facts.stated.findLast(
    (each) => String(each.row['property'] ?? '').toLowerCase() === wanted,
  )?.row;
  if (row === undefined) return undefined;
  const value = row['value'] ?? null;
  return typeof value === 'string' || value === null
    ? variant(NVARCHAR, value)
    : int(Number(value));
}

/** `@@VERSION`. */
export function versionText(instance: InstanceState): string {
  return (
    `Microsoft SQL Server ${instance.version.year} (sqlferry lab) - ${versionNumber(instance)} (X64) \n` +
    '\tSimulated by sqlferry for tests and training: not a database to keep data in\n' +
    `\t${editionText(instance)} on Windows Server 2022 Standard 10.0 <X64> (Hypervisor)\n`
  );
}

/** `16.0.4135.4`. */
export function versionNumber({ version }: Pick<InstanceState, 'version'>): string {
  return `${version.major}.${version.minor}.${version.build}.${version.revision}`;
}

function editionText(instance: InstanceState): string {
  return `${EDITION_NAMES[instance.edition]}, sqlferry lab`;
}

function hostName(instance: InstanceState): string {
  return instance.serverName.split('\\')[0] ?? instance.serverName;
}

function text(value: string): Variant {
  return variant(NVARCHAR, value);
}

function int(value: number): Variant {
  return variant(INT, value);
}

function variant(type: SqlType, value: SqlValue): Variant {
  return { kind: 'variant', type, value };
}

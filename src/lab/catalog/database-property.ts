/** `DATABASEPROPERTYEX` (Microsoft Learn, DATABASEPROPERTYEX). */

import type { SqlType, Variant } from '../../tds/sql-type.ts';
import { DATABASE_PROPERTY_VIEW } from '../declared.ts';
import { accessTo } from '../hadr/access.ts';
import type { DatabaseState, InstanceState } from '../hadr/state.ts';
import { nameKey } from '../hadr/state.ts';
import type { CatalogSource } from '../world/record.ts';
import { datetimeValue } from './cell.ts';
import { plainValue } from './declared.ts';
import { isWritable } from './row/database.ts';
import { SYSTEM_DATABASES } from './row/system-database.ts';

const NVARCHAR: SqlType = { kind: 'nvarchar', length: 128 };
const INT: SqlType = { kind: 'int' };
const DATETIME: SqlType = { kind: 'datetime' };
const COLLATION = 'SQL_Latin1_General_CP1_CI_AS';
const COMPARISON_STYLE = 196_609;
const LCID_ENGLISH = 1033;
/** `Version`: internal number of the database format by release. */
const FORMAT: Readonly<Record<InstanceState['version']['year'], number>> = {
  2016: 852,
  2017: 869,
  2019: 904,
  2022: 957,
  2025: 998,
};

interface DatabaseFacts {
  readonly status: string;
  readonly recovery: string;
  readonly userAccess: string;
  readonly writable: boolean;
  readonly autoClose: boolean;
  /** Milliseconds since 1970 UTC. */
  readonly createdAt: number;
  /** A session could enter it now. */
  readonly accessible: boolean;
}

/** The value of a property; null for an unknown database or name, and for what a closed database hides. */
export function databaseProperty(
  source: CatalogSource,
  database: string,
  name: string,
): Variant | null {
  const stated = statedProperty(source, database, name);
  if (stated !== undefined) return stated;
  const instance = source.state().instances[source.record().key];
  const facts = instance === undefined ? undefined : factsOf(source, instance, database);
  return instance === undefined || facts === undefined
    ? null
    : read(instance, facts, name.trim().toLowerCase());
}

/** What the definition states about a property; undefined when nothing. */
function statedProperty(
  source: CatalogSource,
  database: string,
  name: string,
): Variant | null | undefined {
  const found = source
    .stated(DATABASE_PROPERTY_VIEW)
    .findLast(
      (each) =>
        each.database === nameKey(database) &&
        nameKey(String(each.row['property'])) === nameKey(name.trim()),
    );
  if (found === undefined) return undefined;
  const value = plainValue({ kind: 'sql_variant' }, found.row['value'], source.clock.now());
  return typeof value === 'object' && value !== null && 'kind' in value ? value : null;
}

function read(instance: InstanceState, facts: DatabaseFacts, name: string): Variant | null {
  switch (name) {
    case 'status':
      return text(facts.status);
    case 'recovery':
      return text(facts.recovery);
    case 'useraccess':
      return text(facts.userAccess);
    case 'updateability':
      return text(facts.writable ? 'READ_WRITE' : 'READ_ONLY');
    case 'collation':
      return facts.accessible ? text(COLLATION) : null;
    case 'version':
      return facts.status === 'ONLINE' ? int(FORMAT[instance.version.year]) : null;
    case 'lastgoodcheckdbtime':
      // The lab runs no DBCC CHECKDB: a database counts as checked when it was made.
      return { kind: 'variant', type: DATETIME, value: datetimeValue(facts.createdAt) };
    case 'isautoclose':
      return int(facts.autoClose ? 1 : 0);
    case 'comparisonstyle':
      return facts.accessible ? int(COMPARISON_STYLE) : null;
    case 'lcid':
      return facts.accessible ? int(LCID_ENGLISH) : null;
    case 'isautoshrink':
    case 'isclone':
    case 'isdatabasesuspendedforsnapshotbackup':
    case 'isinstandby':
    case 'ismergepublished':
    case 'ispublished':
    case 'issubscribed':
    case 'issyncwithbackup':
      return int(0);
    case 'isxtpsupported':
      return int(1);
    default:
      return null;
  }
}

function factsOf(
  source: CatalogSource,
  instance: InstanceState,
  name: string,
): DatabaseFacts | undefined {
  const system = SYSTEM_DATABASES.find((item) => item.name === name.toLowerCase());
  if (system !== undefined) {
    return {
      status: 'ONLINE',
      recovery: system.recoveryModel,
      userAccess: 'MULTI_USER',
      writable: true,
      autoClose: false,
      createdAt: instance.startedAt,
      accessible: true,
    };
  }
  const database = instance.databases[nameKey(name)];
  return database === undefined ? undefined : userFacts(source, instance, database);
}

function userFacts(
  source: CatalogSource,
  instance: InstanceState,
  database: DatabaseState,
): DatabaseFacts {
  const place = { instance: instance.key, database: database.key };
  return {
    status: database.state === 'RECOVERY_PENDING' ? 'SUSPECT' : database.state,
    recovery: database.recoveryModel,
    userAccess: database.userAccess,
    writable: isWritable(instance, database),
    autoClose: database.autoClose,
    createdAt: database.createdAt,
    accessible: accessTo(source.state(), place, true).kind === 'open',
  };
}

function text(value: string): Variant {
  return { kind: 'variant', type: NVARCHAR, value };
}

function int(value: number): Variant {
  return { kind: 'variant', type: INT, value };
}

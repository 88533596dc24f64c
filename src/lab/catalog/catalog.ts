/**
 * The catalog of one instance: views, table functions and properties over the state of the world.
 *
 * Column lists are in `columns/`, the rows in `row/`. What has columns here has rows here. Views of
 * one user database (`sys.tables`, `sys.columns`...) come from its store and are not here.
 */

import { AssertionError, required } from '../../base/assert.ts';
import type { SqlValue } from '../../tds/sql-type.ts';
import { SERVER_PROPERTY_VIEW } from '../declared.ts';
import type { CatalogName, CatalogRowset, SessionIdentity } from '../instance.ts';
import type { Catalog, CatalogSource } from '../world/record.ts';
import { cell, zeroOf, type PlainRow } from './cell.ts';
import {
  columnsOfVersion,
  parseColumns,
  type ColumnTable,
  type VersionedColumn,
} from './column-table.ts';
import { AGENT_COLUMNS } from './columns/agent.ts';
import { ACTIVITY_COLUMNS } from './columns/activity.ts';
import { AVAILABILITY_COLUMNS } from './columns/availability.ts';
import { BACKUP_COLUMNS } from './columns/backup.ts';
import { DATABASE_COLUMNS } from './columns/database.ts';
import { DATABASE_FEATURE_COLUMNS } from './columns/database-feature.ts';
import { ENDPOINT_COLUMNS } from './columns/endpoint.ts';
import { SECURITY_COLUMNS } from './columns/security.ts';
import { SERVER_COLUMNS } from './columns/server.ts';
import { SERVER_OBJECT_COLUMNS } from './columns/server-object.ts';
import { databaseProperty } from './database-property.ts';
import { statedPlace, withDeclared } from './declared.ts';
import { agentViews } from './row/agent.ts';
import { clusterViews } from './row/cluster.ts';
import { activityViews } from './row/activity.ts';
import { backupViews } from './row/backup.ts';
import { databaseViews } from './row/database.ts';
import { databaseFeatureViews } from './row/database-feature.ts';
import { databaseReplicaViews } from './row/database-replica.ts';
import { endpointViews } from './row/endpoint.ts';
import { groupViews } from './row/group.ts';
import { replicaStateViews } from './row/replica-state.ts';
import { securityViews } from './row/security.ts';
import { seedingViews } from './row/seeding.ts';
import { serverViews } from './row/server.ts';
import { serverObjectViews } from './row/server-object.ts';
import { transactionViews } from './row/transaction.ts';
import { serverProperty, versionText } from './server-property.ts';
import { tableFunctions } from './table-function.ts';
import { mayRead, type View, type ViewContext, type ViewTable } from './view.ts';

const OLDEST_VERSION = 13;

/** Every column list by name. */
export const catalogColumns: ColumnTable = {
  ...AVAILABILITY_COLUMNS,
  ...ENDPOINT_COLUMNS,
  ...DATABASE_COLUMNS,
  ...BACKUP_COLUMNS,
  ...DATABASE_FEATURE_COLUMNS,
  ...SECURITY_COLUMNS,
  ...ACTIVITY_COLUMNS,
  ...SERVER_COLUMNS,
  ...SERVER_OBJECT_COLUMNS,
  ...AGENT_COLUMNS,
};

/** Every view by name. */
export const catalogViews: ViewTable = {
  ...groupViews,
  ...replicaStateViews,
  ...clusterViews,
  ...databaseReplicaViews,
  ...seedingViews,
  ...endpointViews,
  ...databaseViews,
  ...databaseFeatureViews,
  ...backupViews,
  ...securityViews,
  ...activityViews,
  ...transactionViews,
  ...serverViews,
  ...serverObjectViews,
  ...agentViews,
};

interface ReadyView {
  readonly name: string;
  readonly view: View;
  readonly columns: readonly VersionedColumn[];
}

/** Makes the catalog of one instance; a `CatalogFactory`. */
export function makeCatalog(source: CatalogSource): Catalog {
  const major = instanceOf(source).version.major;
  const views = viewsOfVersion(major);
  const contextOf = (identity: SessionIdentity, database: string): ViewContext => ({
    source,
    identity,
    state: source.state(),
    instance: instanceOf(source),
    record: source.record(),
    database,
    now: source.clock.now(),
  });
  return {
    rowset(identity, name) {
      const ready = views.get(keyOf(name));
      return ready === undefined
        ? undefined
        : {
            columns: ready.columns,
            rows: () => readView(ready, contextOf(identity, name.database)),
          };
    },
    tableFunction(identity, name, values) {
      const make = tableFunctions[keyOf(name)];
      return make === undefined
        ? undefined
        : functionRowset(make.columns, () => make.rows(contextOf(identity, name.database), values));
    },
    serverProperty: (name) =>
      serverProperty(
        {
          instance: instanceOf(source),
          record: source.record(),
          stated: source.stated(SERVER_PROPERTY_VIEW),
        },
        name,
      ),
    withStated: (identity, name, rowset) => {
      const place = statedPlace(contextOf(identity, name.database), keyOf(name));
      return place === null
        ? rowset
        : { ...rowset, rows: () => withDeclared(rowset.columns, rowset.rows(), place) };
    },
    databaseProperty: (database, name) => databaseProperty(source, database, name),
    versionText: () => versionText(instanceOf(source)),
  };
}

/** Views that an instance of the major version has, with the columns it has. */
function viewsOfVersion(major: number): ReadonlyMap<string, ReadyView> {
  const ready = new Map<string, ReadyView>();
  for (const [name, view] of Object.entries(catalogViews)) {
    if ((view.since ?? OLDEST_VERSION) > major) continue;
    const text = required(catalogColumns[name], `columns of ${name}`);
    ready.set(name, { name, view, columns: columnsOfVersion(parseColumns(text), major) });
  }
  return ready;
}

function instanceOf(source: CatalogSource): ViewContext['instance'] {
  const { key } = source.record();
  return required(source.state().instances[key], `instance ${key}`);
}

function keyOf(name: CatalogName): string {
  const schema = name.schema.toLowerCase();
  const object = name.name.toLowerCase();
  return schema === 'sys' ? `sys.${object}` : `${name.database.toLowerCase()}.${schema}.${object}`;
}

function* readView(ready: ReadyView, context: ViewContext): Iterable<readonly SqlValue[]> {
  const shortName = ready.name.slice(ready.name.lastIndexOf('.') + 1);
  if (!mayRead(context, ready.view, shortName)) return;
  const place = statedPlace(context, ready.name);
  yield* place === null
    ? plainRows(ready, context)
    : withDeclared(ready.columns, plainRows(ready, context), place);
}

function* plainRows(ready: ReadyView, context: ViewContext): Iterable<readonly SqlValue[]> {
  for (const row of ready.view.rows(context)) {
    yield ready.columns.map((column) => valueOf(ready, column, row));
  }
}

function valueOf(ready: ReadyView, column: VersionedColumn, row: PlainRow): SqlValue {
  const value = cell(column.type, row[column.name]);
  if (value !== null || column.nullable) return value;
  if (ready.view.unmeasured === 'zero') return cell(column.type, zeroOf(column.type));
  throw new AssertionError(`${ready.name}.${column.name} is NOT NULL`);
}

function functionRowset(columns: string, rows: () => Iterable<PlainRow>): CatalogRowset {
  const parsed = parseColumns(columns);
  return {
    columns: parsed,
    *rows() {
      for (const row of rows()) {
        yield parsed.map((column) => cell(column.type, row[column.name]));
      }
    },
  };
}

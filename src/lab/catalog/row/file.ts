/** Rows about files: `sys.master_files`, and the same of one database. */

import type { DatabaseState } from '../../hadr/state.ts';
import type { PlainRow } from '../cell.ts';
import type { ViewContext } from '../view.ts';
import { rootPath, SYSTEM_DATABASES } from './system-database.ts';

const PAGE_BYTES = 8192;
const UNLIMITED = -1;
/** 2 TB in pages: what SQL Server prints for a log without limit. */
const LOG_LIMIT_PAGES = 268_435_456;
/** 64 MB in pages. */
const GROWTH_PAGES = 8192;
const SYSTEM_PAGES = 1024;
const TEMPDB_ID = 2;
const TEMPDB_FILES = 8;

/** Files of all databases. */
export function* fileRows(context: ViewContext): Iterable<PlainRow> {
  for (const system of SYSTEM_DATABASES) {
    for (const [index, name] of system.files.entries()) {
      const extension = index === 0 ? 'mdf' : 'ldf';
      yield fileRow(system.id, {
        fileId: index + 1,
        isLog: index === 1,
        name,
        path: `${rootPath(context.instance)}DATA\\${name}.${extension}`,
        pages: SYSTEM_PAGES,
      });
    }
  }
  yield* furtherTempdbRows(context);
  for (const database of Object.values(context.instance.databases)) {
    yield* userFileRows(context, database);
  }
}

/** Setup makes as many data files of tempdb as there are processors, at most 8. */
function* furtherTempdbRows(context: ViewContext): Iterable<PlainRow> {
  for (let number = 2; number <= TEMPDB_FILES; number += 1) {
    yield fileRow(TEMPDB_ID, {
      fileId: number + 1,
      isLog: false,
      name: `temp${number}`,
      path: `${rootPath(context.instance)}DATA\\tempdb_mssql_${number}.ndf`,
      pages: SYSTEM_PAGES,
    });
  }
}

/** Files of one user database. */
export function userFileRows(context: ViewContext, database: DatabaseState): readonly PlainRow[] {
  return context.source.files(database.name).map((file) => ({
    ...fileRow(database.id, {
      fileId: file.fileId,
      isLog: file.type === 'LOG',
      name: file.logicalName,
      path: file.physicalName,
      pages: Math.ceil(file.bytes / PAGE_BYTES),
    }),
    ...(database.state === 'RESTORING' ? { state: 1, state_desc: 'RESTORING' } : {}),
  }));
}

interface FileFacts {
  readonly fileId: number;
  readonly isLog: boolean;
  readonly name: string;
  readonly path: string;
  readonly pages: number;
}

function fileRow(databaseId: number, file: FileFacts): PlainRow {
  return {
    database_id: databaseId,
    file_id: file.fileId,
    type: file.isLog ? 1 : 0,
    type_desc: file.isLog ? 'LOG' : 'ROWS',
    data_space_id: file.isLog ? 0 : 1,
    name: file.name,
    physical_name: file.path,
    state: 0,
    state_desc: 'ONLINE',
    size: file.pages,
    max_size: file.isLog ? LOG_LIMIT_PAGES : UNLIMITED,
    growth: GROWTH_PAGES,
    is_media_read_only: false,
    is_read_only: false,
    is_sparse: false,
    is_percent_growth: false,
    is_name_reserved: false,
    is_persistent_log_buffer: false,
  };
}

/** sp_datatype_info_100: the types of the server as ODBC describes them; drivers ask for it when they connect. */

import type { Column, SqlType, SqlValue } from '../../../tds/sql-type.ts';
import type { Procedure } from './procedure.ts';
import { bindArguments, numberOf } from './procedure.ts';

const SYSNAME: SqlType = { kind: 'nvarchar', length: 128 };
const SMALLINT: SqlType = { kind: 'smallint' };
const INT: SqlType = { kind: 'int' };

function column(name: string, type: SqlType, nullable = true): Column {
  return { name, type, nullable };
}

const COLUMNS: readonly Column[] = [
  column('TYPE_NAME', SYSNAME, false),
  column('DATA_TYPE', SMALLINT, false),
  column('PRECISION', INT),
  column('LITERAL_PREFIX', { kind: 'varchar', length: 32 }),
  column('LITERAL_SUFFIX', { kind: 'varchar', length: 32 }),
  column('CREATE_PARAMS', { kind: 'varchar', length: 32 }),
  column('NULLABLE', SMALLINT, false),
  column('CASE_SENSITIVE', SMALLINT, false),
  column('SEARCHABLE', SMALLINT, false),
  column('UNSIGNED_ATTRIBUTE', SMALLINT),
  column('MONEY', SMALLINT, false),
  column('AUTO_INCREMENT', SMALLINT),
  column('LOCAL_TYPE_NAME', SYSNAME),
  column('MINIMUM_SCALE', SMALLINT),
  column('MAXIMUM_SCALE', SMALLINT),
  column('SQL_DATA_TYPE', SMALLINT, false),
  column('SQL_DATETIME_SUB', SMALLINT),
  column('NUM_PREC_RADIX', INT),
  column('INTERVAL_PRECISION', SMALLINT),
  column('USERTYPE', SMALLINT),
];

/** Name, ODBC type, precision, literal prefix and suffix, create parameters, unsigned, scale. */
type TypeRow = readonly [
  name: string,
  odbc: number,
  precision: number,
  quotes: string,
  parameters: string | null,
  unsigned: number | null,
  scale: number | null,
];

// oxfmt-ignore
const TYPES: readonly TypeRow[] = [
  ['sql_variant', -150, 8000, '', null, null, 0],
  ['uniqueidentifier', -11, 36, "'", null, null, null],
  ['ntext', -10, 1_073_741_823, "N'", null, null, null],
  ['xml', -152, 0, "N'", null, null, null],
  ['nvarchar', -9, 4000, "N'", 'max length', null, null],
  ['sysname', -9, 128, "N'", null, null, null],
  ['nchar', -8, 4000, "N'", 'length', null, null],
  ['bit', -7, 1, '', null, null, 0],
  ['tinyint', -6, 3, '', null, 1, 0],
  ['bigint', -5, 19, '', null, 0, 0],
  ['image', -4, 2_147_483_647, '0x', null, null, null],
  ['varbinary', -3, 8000, '0x', 'max length', null, null],
  ['binary', -2, 8000, '0x', 'length', null, null],
  ['text', -1, 2_147_483_647, "'", null, null, null],
  ['char', 1, 8000, "'", 'length', null, null],
  ['numeric', 2, 38, '', 'precision,scale', 0, 38],
  ['decimal', 3, 38, '', 'precision,scale', 0, 38],
  ['money', 3, 19, '$', null, 0, 4],
  ['smallmoney', 3, 10, '$', null, 0, 4],
  ['int', 4, 10, '', null, 0, 0],
  ['smallint', 5, 5, '', null, 0, 0],
  ['float', 6, 53, '', null, 0, null],
  ['real', 7, 24, '', null, 0, null],
  ['varchar', 12, 8000, "'", 'max length', null, null],
  ['date', 91, 10, "'", null, null, 0],
  ['time', -154, 16, "'", 'scale', null, 7],
  ['datetime2', 93, 27, "'", 'scale', null, 7],
  ['datetimeoffset', -155, 34, "'", 'scale', null, 7],
  ['datetime', 93, 23, "'", null, null, 3],
  ['smalldatetime', 93, 16, "'", null, null, 0],
];

/** `sp_datatype_info_100 @data_type, @ODBCVer`. */
export const dataTypeInfo: Procedure = async (request, given) => {
  const bound = bindArguments('sp_datatype_info_100', given, ['@data_type', '@ODBCVer']);
  const wanted = numberOf(bound.get('@data_type')) ?? 0;
  request.sink.columns(COLUMNS);
  const rows = TYPES.filter((type) => wanted === 0 || type[1] === wanted);
  for (const type of rows) request.sink.row(describe(type));
  request.sink.done({
    ...(request.session.options.noCount ? {} : { rowCount: BigInt(rows.length) }),
    failed: false,
    command: 0xc1,
  });
  return Promise.resolve(0);
};

function describe([
  name,
  odbc,
  precision,
  quotes,
  parameters,
  unsigned,
  scale,
]: TypeRow): SqlValue[] {
  const text = quotes.endsWith("'");
  const money = name.includes('money') ? 1 : 0;
  const moment = odbc === 91 || odbc === 93 ? 9 : odbc;
  const prefix = quotes === '' ? null : quotes;
  return [
    name,
    odbc,
    precision,
    prefix,
    text ? "'" : null,
    parameters,
    1,
    0,
    text ? 3 : 2,
    unsigned,
    money,
    unsigned === null ? null : 0,
    name,
    scale === null ? null : 0,
    scale,
    moment,
    odbc === 91 ? 1 : odbc === 93 ? 3 : null,
    unsigned === null ? null : 10,
    null,
    0,
  ];
}

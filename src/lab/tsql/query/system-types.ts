/** The rows of `sys.types`. */

/** One system type. */
export interface TypeRow {
  readonly name: string;
  readonly systemTypeId: number;
  readonly userTypeId: number;
  readonly maxLength: number;
  readonly precision: number;
  readonly scale: number;
}

type Facets = readonly [maxLength: number, precision?: number, scale?: number];

function row(name: string, id: number, facets: Facets): TypeRow {
  const [maxLength, precision = 0, scale = 0] = facets;
  return {
    name,
    systemTypeId: id,
    userTypeId: name === 'sysname' ? 256 : id,
    maxLength,
    precision,
    scale,
  };
}

/** All system types that the lab has. */
export const TYPE_ROWS: readonly TypeRow[] = [
  row('image', 34, [16]),
  row('text', 35, [16]),
  row('uniqueidentifier', 36, [16]),
  row('date', 40, [3, 10]),
  row('time', 41, [5, 16, 7]),
  row('datetime2', 42, [8, 27, 7]),
  row('datetimeoffset', 43, [10, 34, 7]),
  row('tinyint', 48, [1, 3]),
  row('smallint', 52, [2, 5]),
  row('int', 56, [4, 10]),
  row('smalldatetime', 58, [4, 16]),
  row('real', 59, [4, 24]),
  row('money', 60, [8, 19, 4]),
  row('datetime', 61, [8, 23, 3]),
  row('float', 62, [8, 53]),
  row('sql_variant', 98, [8016]),
  row('ntext', 99, [16]),
  row('bit', 104, [1, 1]),
  row('decimal', 106, [17, 38, 38]),
  row('numeric', 108, [17, 38, 38]),
  row('smallmoney', 122, [4, 10, 4]),
  row('bigint', 127, [8, 19]),
  row('varbinary', 165, [8000]),
  row('varchar', 167, [8000]),
  row('binary', 173, [8000]),
  row('char', 175, [8000]),
  row('nvarchar', 231, [8000]),
  row('nchar', 239, [8000]),
  row('xml', 241, [-1]),
  row('sysname', 231, [256]),
];

/** `system_type_id` of a type; 0 for an unknown name. */
export function typeNumber(name: string): number {
  return TYPE_ROWS.find((type) => type.name === name)?.systemTypeId ?? 0;
}

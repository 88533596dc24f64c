/**
 * What is inside each database: a rowset of things of many kinds, one of what is named outside, one of
 * the management views. Dependencies stand alone because they need a right of their own.
 *
 * One rowset for all kinds keeps a hundred databases one answer. Catalog views of one database show
 * text in different collations, hence DATABASE_DEFAULT before UNION. The views exist from 2016 on.
 */

import {
  contentKinds,
  type ContentKind,
  type DatabaseDetailParts,
  type DependencyFacts,
} from '../../../model/assess-database-detail.ts';
import type { RawRow } from '../../batch.ts';
import { DecodeError, number, numberOrNull, text, textOrNull } from '../cell.ts';
import { inEachDatabase, type PartAnswer, type PartsOf, type Query } from './part.ts';

/** How many open conversations are counted at most: a broken dialog can leave millions. */
const COUNTED_CONVERSATIONS = 1000;

interface Thing {
  /** A kind, or an expression that gives one. */
  readonly kind: ContentKind | { readonly expression: string };
  readonly name: string;
  readonly detail?: string;
  readonly amount?: string;
  readonly from: string;
}

const things: readonly Thing[] = [
  {
    kind: {
      expression: `CASE WHEN p.authentication_type = 2 THEN 'contained-user' WHEN l.sid IS NULL THEN 'orphan-user' ELSE 'user' END`,
    },
    name: 'p.name',
    detail: 'CONVERT(varchar(180), p.sid, 1)',
    // A Windows user may come in through a group: without a login of its own it is no orphan.
    from: `sys.database_principals AS p
LEFT JOIN sys.server_principals AS l ON l.sid = p.sid
WHERE p.type IN ('S', 'U', 'G') AND p.principal_id > 4
  AND (p.authentication_type IN (1, 2) OR p.authentication_type = 3 AND l.sid IS NOT NULL)`,
  },
  {
    kind: 'assembly',
    name: 'a.name',
    detail: 'a.permission_set_desc',
    from: 'sys.assemblies AS a WHERE a.is_user_defined = 1',
  },
  {
    kind: 'external-source',
    name: 'e.name',
    detail: 'e.location',
    from: 'sys.external_data_sources AS e',
  },
  {
    kind: 'scoped-credential',
    name: 'c.name',
    detail: 'c.credential_identity',
    from: 'sys.database_scoped_credentials AS c',
  },
  { kind: 'fulltext-catalog', name: 'f.name', from: 'sys.fulltext_catalogs AS f' },
  { kind: 'queue', name: 'q.name', from: 'sys.service_queues AS q WHERE q.is_ms_shipped = 0' },
  {
    kind: 'conversation',
    name: "N''",
    amount: 'COUNT_BIG(*)',
    from: `(SELECT TOP (${COUNTED_CONVERSATIONS}) 1 AS one FROM sys.conversation_endpoints AS e WHERE e.state <> 'CD') AS o`,
  },
  { kind: 'filetable', name: 't.name', from: 'sys.tables AS t WHERE t.is_filetable = 1' },
  { kind: 'memory-filegroup', name: 'g.name', from: "sys.filegroups AS g WHERE g.type = 'FX'" },
  {
    kind: 'read-only-filegroup',
    name: 'g.name',
    from: 'sys.filegroups AS g WHERE g.is_read_only = 1',
  },
  {
    kind: 'master-key',
    name: 'k.name',
    from: "sys.symmetric_keys AS k WHERE k.name = N'##MS_DatabaseMasterKey##'",
  },
  {
    kind: 'key-certificate',
    name: "N''",
    amount: 'COUNT_BIG(*)',
    from: `(SELECT c.name FROM sys.certificates AS c WHERE c.pvt_key_encryption_type = 'MK'
UNION ALL SELECT a.name FROM sys.asymmetric_keys AS a WHERE a.pvt_key_encryption_type = 'MK') AS o`,
  },
  {
    kind: 'audit',
    name: 's.name',
    detail: 'CONVERT(varchar(36), s.audit_guid)',
    from: 'sys.database_audit_specifications AS s',
  },
  {
    kind: 'temporal-table',
    name: "N''",
    amount: 'COUNT_BIG(*)',
    from: 'sys.tables AS t WHERE t.temporal_type = 2',
  },
];

const ledger: Thing = {
  kind: 'ledger-table',
  name: "N''",
  amount: 'COUNT_BIG(*)',
  from: 'sys.tables AS t WHERE t.ledger_type IN (2, 3)',
};

const contentQuery: Query = ({ side, versionMajor }) =>
  side === 'source'
    ? `SELECT 1 AS part_contents, c.kind, c.name, c.detail, c.amount
FROM (${[...things, ...(versionMajor >= 16 ? [ledger] : [])].map(armOf).join('\nUNION ALL ')}) AS c;`
    : { none: 'only the source is asked' };

function armOf(thing: Thing): string {
  const { kind, name, detail = "N''", amount = '1', from } = thing;
  const kindText = typeof kind === 'string' ? `'${kind}'` : kind.expression;
  return `SELECT CONVERT(varchar(30), ${kindText}) COLLATE DATABASE_DEFAULT AS kind,
  CONVERT(nvarchar(1100), ${name}) COLLATE DATABASE_DEFAULT AS name,
  CONVERT(nvarchar(4000), ${detail}) COLLATE DATABASE_DEFAULT AS detail,
  CONVERT(bigint, ${amount}) AS amount
FROM ${from}`;
}

/** What modules and synonyms name outside the database. */
const dependencyQuery: Query = ({ side }) =>
  side === 'source'
    ? `SELECT 1 AS part_dependencies, c.kind, c.name, c.amount
FROM (SELECT 'database' AS kind, CONVERT(nvarchar(1100), d.referenced_database_name) COLLATE DATABASE_DEFAULT AS name, COUNT_BIG(*) AS amount
FROM sys.sql_expression_dependencies AS d
WHERE d.referenced_database_name IS NOT NULL AND d.referenced_server_name IS NULL
GROUP BY d.referenced_database_name
UNION ALL
SELECT 'server', CONVERT(nvarchar(1100), d.referenced_server_name) COLLATE DATABASE_DEFAULT, COUNT_BIG(*)
FROM sys.sql_expression_dependencies AS d
WHERE d.referenced_server_name IS NOT NULL
GROUP BY d.referenced_server_name
UNION ALL
SELECT 'synonym', CONVERT(nvarchar(1100), s.base_object_name) COLLATE DATABASE_DEFAULT, CONVERT(bigint, 1)
FROM sys.synonyms AS s) AS c;`
    : { none: 'only the source is asked' };

/** SELECT on this one view is db_owner's alone unless it is granted in the database (page "sys.sql_expression_dependencies"). */
const DEPENDENCY_GRANT =
  'In each database: CREATE USER for the login, then GRANT SELECT ON sys.sql_expression_dependencies TO that user.';

function dependencyRows(answer: PartAnswer): readonly RawRow[] {
  const fact = answer.fact('part_dependencies');
  if (fact.known) return fact.value;
  throw new DecodeError(fact.because, fact.remedy === undefined ? undefined : DEPENDENCY_GRANT);
}

function dependencyKind(value: string): DependencyFacts['kind'] {
  if (value === 'database' || value === 'server' || value === 'synonym') return value;
  throw new DecodeError(`part_dependencies has a thing of kind ${value}`);
}

const stateQuery: Query = ({ side }) =>
  side === 'source'
    ? `SELECT 1 AS part_database_state, 'feature' AS kind, CONVERT(nvarchar(4000), f.feature_name) COLLATE DATABASE_DEFAULT AS name, CONVERT(bigint, 1) AS amount
FROM sys.dm_db_persisted_sku_features AS f
UNION ALL
SELECT 1, 'memory-kb', N'', SUM(ISNULL(m.memory_allocated_for_table_kb, 0) + ISNULL(m.memory_allocated_for_indexes_kb, 0))
FROM sys.dm_db_xtp_table_memory_stats AS m
UNION ALL
SELECT 1, 'query-store-mb', CONVERT(nvarchar(4000), o.actual_state_desc) COLLATE DATABASE_DEFAULT, o.current_storage_size_mb
FROM sys.database_query_store_options AS o;`
    : { none: 'only the source is asked' };

const KB = 1024;
const kinds: ReadonlySet<string> = new Set(contentKinds);

function kindOf(value: string): ContentKind {
  if (!kinds.has(value)) throw new DecodeError(`part_contents has a thing of kind ${value}`);
  // The set holds nothing but kinds.
  return value as ContentKind;
}

/** The parts that are read inside each database. */
export const contentParts: Pick<
  PartsOf<DatabaseDetailParts>,
  'contents' | 'dependencies' | 'databaseState'
> = {
  contents: inEachDatabase({
    needs: ['viewAnyDefinition'],
    queries: { part_contents: contentQuery },
    decode: (answer) =>
      answer.rows('part_contents').map((row) => ({
        kind: kindOf(text(row, 'kind')),
        name: textOrNull(row, 'name') ?? '',
        detail: textOrNull(row, 'detail') ?? '',
        amount: numberOrNull(row, 'amount') ?? 0,
      })),
  }),
  dependencies: inEachDatabase({
    needs: ['viewAnyDefinition'],
    queries: { part_dependencies: dependencyQuery },
    decode: (answer) =>
      dependencyRows(answer).map((row) => ({
        kind: dependencyKind(text(row, 'kind')),
        name: text(row, 'name'),
        amount: number(row, 'amount'),
      })),
  }),
  databaseState: inEachDatabase({
    needs: ['viewServerState'],
    queries: { part_database_state: stateQuery },
    decode: (answer) => {
      const rows = answer.rows('part_database_state');
      const of = (kind: string): readonly RawRow[] =>
        rows.filter((row) => text(row, 'kind') === kind);
      const [store] = of('query-store-mb');
      return {
        skuFeatures: of('feature').map((row) => text(row, 'name')),
        memoryTableBytes: of('memory-kb').reduce(
          (sum, row) => sum + (numberOrNull(row, 'amount') ?? 0) * KB,
          0,
        ),
        queryStore:
          store === undefined
            ? null
            : {
                actualStateDesc: textOrNull(store, 'name') ?? '',
                currentStorageSizeMb: numberOrNull(store, 'amount') ?? 0,
              },
      };
    },
  }),
};

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SqlType, SqlValue, Variant } from '../../../tds/sql-type.ts';
import type { Instance } from '../../instance.ts';
import type { Expression } from '../ast.ts';
import { SqlError, serverMessage } from '../message.ts';
import { parseExpressionText } from '../parse.ts';
import { unary } from '../value/arithmetic.ts';
import { convertOrThrow } from '../value/convert.ts';
import { typeName } from '../value/type.ts';
import { scalarFunction, scalarFunctionNames, systemVariable } from './registry.ts';
import type { ScalarContext } from './scalar.ts';
import { parseName } from './system.ts';

function variant(value: string): Variant {
  return { kind: 'variant', type: { kind: 'nvarchar', length: 128 }, value };
}

/** The few answers of an instance that functions ask for; whatever else is asked is a mistake of the function. */
const answers: Pick<
  Instance,
  | 'serverName'
  | 'random'
  | 'serverProperty'
  | 'databaseProperty'
  | 'versionText'
  | 'defaultDomain'
  | 'databaseId'
  | 'databaseName'
  | 'hasPermission'
  | 'isServerRoleMember'
> = {
  serverName: 'OnPremNode',
  random: { next: () => 0.25, guid: () => '6F9619FF-8B86-D011-B42D-00C04FC964FF' },
  serverProperty: (name) =>
    name.toLowerCase() === 'productversion' ? variant('16.0.4135.4') : null,
  databaseProperty: (database, name) =>
    database === 'db' && name === 'Status' ? variant('ONLINE') : null,
  versionText: () => 'lab',
  defaultDomain: () => 'CONTOSO',
  databaseId: (name) => (name.toLowerCase() === 'master' ? 1 : null),
  databaseName: (id) => (id === 1 ? 'master' : null),
  hasPermission: (_identity, securable, permission) =>
    securable.name === null && permission === 'VIEW SERVER STATE' ? 1 : 0,
  isServerRoleMember: (_identity, role) => (role === 'sysadmin' ? 1 : null),
};

const context: ScalarContext = {
  instance: answers as Instance,
  identity: {
    sessionId: 51,
    loginName: 'sa',
    hostName: 'host',
    programName: 'program',
    clientInterfaceName: 'ODBC',
    hostProcessId: 7,
    clientAddress: '127.0.0.1',
    serverAddress: '127.10.0.1',
    serverPort: 1433,
    encrypted: false,
    readOnlyIntent: false,
    loginTime: 0,
  },
  state: {
    database: 'master',
    openTransactions: 2,
    status: 'running',
    currentBatch: '',
    waitType: '',
    lastRequestStart: 0,
    lastRequestEnd: 0,
    contextInfo: Uint8Array.of(1, 2),
  },
  options: {
    optionBits: 5496,
    dateFirst: 7,
    lockTimeoutMs: -1,
    textSize: 4096,
    language: 'us_english',
  },
  // 2026-11-21 21:25:24.567 UTC
  statementTime: 1_795_296_324_567,
  rowCount: 3n,
  lastError: 208,
  error: { ...serverMessage(8134), line: 4 },
  transactionState: 1,
  scopeIdentity: 12n,
  lastIdentity: null,
  userName: 'dbo',
  sessionContext: new Map([['key', variant('value')]]),
  objectId: (name, type) => (name.name === 't' && (type === null || type === 'U') ? 42 : null),
  objectName: (id) => (id === 42 ? { schema: 'dbo', name: 't' } : null),
  columnLength: (_table, column) => (column === 'c' ? 20 : null),
};

/** Evaluates literals, casts, unary minus and calls: enough to write arguments as T-SQL. */
function evaluate(node: Expression): { readonly value: SqlValue; readonly type: SqlType } {
  switch (node.kind) {
    case 'literal':
      return node;
    case 'unary': {
      const operand = evaluate(node.operand);
      assert.ok(node.operator !== 'not');
      return { value: unary(node.operator, operand.value, operand.type), type: operand.type };
    }
    case 'cast': {
      const operand = evaluate(node.operand);
      const style = node.style === null ? 0 : Number(evaluate(node.style).value);
      return {
        value: convertOrThrow({ value: operand.value, from: operand.type, to: node.type, style }),
        type: node.type,
      };
    }
    case 'variable': {
      const found = systemVariable(node.name);
      assert.ok(found !== undefined, node.name);
      return { value: found.evaluate(context), type: found.type };
    }
    case 'call': {
      const found = scalarFunction(node.name);
      assert.ok(found !== undefined, node.name);
      const list = node.arguments.map((one) => {
        assert.ok(one.kind !== 'star');
        return evaluate(one);
      });
      assert.ok(list.length >= found.minArguments && list.length <= found.maxArguments, node.name);
      const types = list.map((one) => one.type);
      return {
        value: found.evaluate(
          context,
          list.map((one) => one.value),
          types,
        ),
        type: found.type(types),
      };
    }
    default:
      return assert.fail(node.kind);
  }
}

/** Value as text, the way CONVERT prints it, and its type. */
function shown(source: string): readonly [string | null, string] {
  const parsed = parseExpressionText(source);
  assert.ok(parsed.ok, parsed.ok ? '' : `${source}: ${parsed.error.text}`);
  const { value, type } = evaluate(parsed.value);
  const text = convertOrThrow({
    value,
    from: type,
    to: { kind: 'nvarchar', length: 'max' },
    style: type.kind === 'datetime' ? 121 : type.kind === 'varbinary' ? 1 : 0,
  });
  assert.ok(text === null || typeof text === 'string');
  return [text, typeName(type)];
}

const CASES: readonly (readonly [string, string | null, string?])[] = [
  ["LEN('abc  ')", '3', 'int'],
  ["LEN(N'')", '0'],
  ['LEN(NULL)', null],
  ["DATALENGTH('abc ')", '4'],
  ["DATALENGTH(N'abc')", '6'],
  ['DATALENGTH(1)', '4'],
  ["LEFT('abc', 2)", 'ab', 'varchar(3)'],
  ["RIGHT(N'abc', 2)", 'bc', 'nvarchar(3)'],
  ["RIGHT('abc', 0)", ''],
  ["SUBSTRING('abcdef', 2, 3)", 'bcd'],
  ["SUBSTRING('abcdef', 0, 3)", 'ab'],
  ["SUBSTRING('abcdef', -1, 3)", 'a'],
  ['SUBSTRING(0x010203, 2, 1)', '0x02'],
  ["CHARINDEX('B', 'abcb')", '2'],
  ["CHARINDEX('b', 'abcb', 3)", '4'],
  ["CHARINDEX('', 'abc')", '0'],
  ["PATINDEX('%[0-9]%', 'ab1')", '3'],
  ["REPLACE('aXbxc', 'x', '-')", 'a-b-c'],
  ["UPPER('aä')", 'AÄ'],
  ["LOWER('ÀB')", 'àb'],
  ["LTRIM('  a ') ", 'a '],
  ["RTRIM('  a ')", '  a'],
  ["TRIM('  a ')", 'a'],
  ["TRIM('x' FROM 'xax')", 'a'],
  ["REPLICATE('ab', 3)", 'ababab'],
  ["REPLICATE('ab', -1)", null],
  ['SPACE(3)', '   '],
  ["REVERSE('abc')", 'cba'],
  ["STUFF('abcdef', 2, 3, 'X')", 'aXef'],
  ["STUFF('abc', 9, 1, 'X')", null],
  ["CONCAT('a', NULL, 1, N'ß')", 'a1ß'],
  ["CONCAT_WS(', ', 'a', NULL, 'b')", 'a, b'],
  ["QUOTENAME('a]b')", '[a]]b]', 'nvarchar(258)'],
  ["QUOTENAME('a''b', '''')", "'a''b'"],
  ["ASCII('A')", '65'],
  ['CHAR(65)', 'A'],
  ["UNICODE(N'€')", '8364'],
  ['NCHAR(8364)', '€'],
  ['STR(123.456, 7, 2)', ' 123.46'],
  ['STR(12345, 3)', '***'],
  ["HASHBYTES('MD5', 'a')", '0x0CC175B9C0F1B6A831C399E269772661'],
  [
    "HASHBYTES('SHA2_256', '')",
    '0xE3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855',
  ],
  ["ISNUMERIC('1e5')", '1'],
  ["ISNUMERIC('abc')", '0'],
  ["PARSENAME('a.b.c', 1)", 'c'],
  ['ISNULL(NULL, 5)', '5'],
  ["ISNULL(CAST(NULL AS varchar(2)), 'abc')", 'ab', 'varchar(2)'],
  ['ABS(-5)', '5', 'int'],
  ['ABS(-1.50)', '1.50'],
  ['CEILING(1.2)', '2', 'numeric(2,0)'],
  ['CEILING(-1.2)', '-1'],
  ['FLOOR(-1.2)', '-2'],
  ['FLOOR(1.9e0)', '1', 'float'],
  ['ROUND(123.456, 1)', '123.500'],
  ['ROUND(125, -1)', '130'],
  ['ROUND(1.999, 1, 1)', '1.900'],
  ['POWER(2, 10)', '1024', 'int'],
  ['SQRT(16)', '4'],
  ['SIGN(-3)', '-1'],
  ['SQUARE(3)', '9'],
  ['RAND()', '0.25'],
  ['GETDATE()', '2026-11-21 21:25:24.567', 'datetime'],
  ['CURRENT_TIMESTAMP', '2026-11-21 21:25:24.567'],
  ['SYSDATETIME()', '2026-11-21 21:25:24.5670000', 'datetime2(7)'],
  ['SYSDATETIMEOFFSET()', '2026-11-21 21:25:24.5670000 +00:00'],
  ["DATEADD(month, 1, CAST('2026-01-31' AS date))", '2026-02-28', 'date'],
  ["DATEADD(day, -1, '2026-03-01')", '2026-02-28 00:00:00.000', 'datetime'],
  ["DATEADD(ms, 5, CAST('2026-01-01' AS datetime2(3)))", '2026-01-01 00:00:00.005'],
  ["DATEADD(hour, 25, CAST('10:00' AS time(0)))", '11:00:00'],
  ["DATEDIFF(day, '2026-01-01', '2026-03-01')", '59'],
  ["DATEDIFF(year, '2025-12-31', '2026-01-01')", '1'],
  ["DATEDIFF(month, '2026-01-31', '2026-02-01')", '1'],
  ["DATEDIFF(week, '2026-11-21', '2026-11-22')", '1'],
  ["DATEDIFF(second, '2026-01-01T00:00:00.9', '2026-01-01T00:00:01.1')", '1'],
  ["DATEDIFF_BIG(microsecond, '2026-01-01', '2026-01-02')", '86400000000', 'bigint'],
  ["DATEPART(weekday, '2026-11-21')", '7'],
  ["DATEPART(iso_week, '2027-01-01')", '53'],
  ["DATEPART(week, '2026-01-01')", '1'],
  ["DATEPART(dayofyear, '2026-12-31')", '365'],
  ["DATENAME(month, '2026-11-21')", 'November'],
  ["DATENAME(weekday, '2026-11-21')", 'Saturday'],
  ["YEAR('2026-11-21')", '2026'],
  ["EOMONTH('2024-02-10')", '2024-02-29'],
  ['DATEFROMPARTS(2026, 11, 21)', '2026-11-21'],
  ["ISDATE('2026-02-30')", '0'],
  ["ISDATE('2026-02-28')", '1'],
  ["FORMAT(1234567.891, 'N2')", '1,234,567.89'],
  ["FORMAT(5, '000')", '005'],
  ["FORMAT(0.5, 'P0')", '50%'],
  [
    "FORMAT(CAST('2026-11-21T21:05:06' AS datetime2), 'yyyy-MM-dd HH:mm:ss')",
    '2026-11-21 21:05:06',
  ],
  ["FORMAT(CAST('2026-11-21' AS date), 'dddd, d MMM yyyy')", 'Saturday, 21 Nov 2026'],
  ['DB_ID()', '1', 'smallint'],
  ["DB_ID('nowhere')", null],
  ['DB_NAME(1)', 'master', 'nvarchar(128)'],
  ['DB_NAME()', 'master'],
  ["OBJECT_ID('dbo.t')", '42'],
  ["OBJECT_ID(N'[dbo].[t]', N'U')", '42'],
  ["OBJECT_ID('dbo.t', 'V')", null],
  ['OBJECT_NAME(42)', 't'],
  ["COL_LENGTH('t', 'c')", '20'],
  ['SUSER_SNAME()', 'sa'],
  ['SYSTEM_USER', 'sa'],
  ['ORIGINAL_LOGIN()', 'sa'],
  ['USER_NAME()', 'dbo'],
  ['HOST_NAME()', 'host'],
  ['APP_NAME()', 'program'],
  ["SERVERPROPERTY('ProductVersion')", '16.0.4135.4', 'sql_variant'],
  ["SERVERPROPERTY('nothing')", null],
  ["DATABASEPROPERTYEX('db', 'Status')", 'ONLINE'],
  ["HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER STATE')", '1'],
  ["IS_SRVROLEMEMBER('sysadmin')", '1'],
  ['DEFAULT_DOMAIN()', 'CONTOSO'],
  ['XACT_STATE()', '1'],
  ['ERROR_NUMBER()', '8134'],
  ['ERROR_MESSAGE()', 'Divide by zero error encountered.'],
  ['ERROR_LINE()', '4'],
  ['ERROR_PROCEDURE()', null],
  ['SCOPE_IDENTITY()', '12', 'numeric(38,0)'],
  ['@@IDENTITY', null],
  ['NEWID()', '6F9619FF-8B86-D011-B42D-00C04FC964FF', 'uniqueidentifier'],
  ["SESSION_CONTEXT(N'KEY')", 'value'],
  ["CONNECTIONPROPERTY('local_tcp_port')", '1433'],
  ['DATALENGTH(CONTEXT_INFO())', '128'],
  ['@@VERSION', 'lab'],
  ['@@SERVERNAME', 'OnPremNode'],
  ['@@SERVICENAME', 'MSSQLSERVER'],
  ['@@SPID', '51'],
  ['@@ROWCOUNT', '3'],
  ['@@ERROR', '208'],
  ['@@TRANCOUNT', '2'],
  ['@@MAX_PRECISION', '38'],
  ['@@OPTIONS', '5496'],
  ['@@MICROSOFTVERSION', '268439591'],
  ['@@LOCK_TIMEOUT', '-1'],
];

for (const [source, expected, type] of CASES) {
  test(`${source} is ${expected ?? 'NULL'}`, () => {
    const [text, actual] = shown(source);
    assert.equal(text, expected);
    if (type !== undefined) assert.equal(actual, type);
  });
}

const ERRORS: readonly (readonly [string, number])[] = [
  ["LEFT('a', -1)", 536],
  ["SUBSTRING('a', 1, -1)", 537],
  ["ABS('x')", 8114],
  ['LOG(0)', 3623],
  ["DATEADD(year, 9000, CAST('2026-01-01' AS date))", 517],
  ["DATEADD(hour, 1, CAST('2026-01-01' AS date))", 9810],
  ["DATEDIFF(second, '1900-01-01', '2100-01-01')", 535],
  ["YEAR('hello')", 241],
  ['DATEFROMPARTS(2026, 2, 30)', 289],
  ["FORMAT(1, 'Q??')", 49_901],
  ["FORMAT(1, 'N', 'de-DE')", 49_901],
];

for (const [source, number] of ERRORS) {
  test(`${source} raises ${number}`, () => {
    assert.throws(
      () => shown(source),
      (error) => error instanceof SqlError && error.detail.number === number,
    );
  });
}

test('names of objects are read with brackets, quotes and empty parts', () => {
  assert.deepEqual(parseName('t'), { database: null, schema: null, name: 't' });
  assert.deepEqual(parseName('[a.b].[c]]d]'), { database: null, schema: 'a.b', name: 'c]d' });
  assert.deepEqual(parseName('db..t'), { database: 'db', schema: null, name: 't' });
  assert.deepEqual(parseName('"x"."y"'), { database: null, schema: 'x', name: 'y' });
  assert.equal(parseName('a.b.c.d'), undefined);
  assert.equal(parseName('[open'), undefined);
});

test('the functions of the brief are all there', () => {
  const names = new Set(scalarFunctionNames());
  const wanted =
    `LEN DATALENGTH LEFT RIGHT SUBSTRING CHARINDEX PATINDEX REPLACE UPPER LOWER LTRIM RTRIM TRIM REPLICATE SPACE
    REVERSE STUFF CONCAT CONCAT_WS QUOTENAME ASCII CHAR UNICODE NCHAR STR FORMAT ABS CEILING FLOOR ROUND POWER SQRT SIGN
    SQUARE EXP LOG RAND GETDATE SYSDATETIME GETUTCDATE SYSUTCDATETIME SYSDATETIMEOFFSET CURRENT_TIMESTAMP DATEADD DATEDIFF
    DATEDIFF_BIG DATEPART DATENAME YEAR MONTH DAY EOMONTH DATEFROMPARTS ISDATE NEWID CHECKSUM HASHBYTES ISNUMERIC DB_ID
    DB_NAME OBJECT_ID OBJECT_NAME SUSER_SNAME SUSER_NAME SYSTEM_USER ORIGINAL_LOGIN USER_NAME HOST_NAME APP_NAME
    SERVERPROPERTY DATABASEPROPERTYEX HAS_PERMS_BY_NAME IS_SRVROLEMEMBER DEFAULT_DOMAIN XACT_STATE ERROR_NUMBER
    ERROR_MESSAGE ERROR_SEVERITY ERROR_STATE ERROR_LINE ERROR_PROCEDURE SCOPE_IDENTITY CONTEXT_INFO SESSION_CONTEXT
    CONNECTIONPROPERTY ISNULL`
      .trim()
      .split(/\s+/u);
  assert.deepEqual(
    wanted.filter((name) => !names.has(name)),
    [],
  );
});

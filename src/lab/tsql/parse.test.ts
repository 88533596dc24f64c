import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Expression, Statement } from './ast.ts';
import { parseBatch, parseConditionText, parseExpressionText } from './parse.ts';

function statements(text: string): readonly Statement[] {
  const parsed = parseBatch(text);
  assert.ok(parsed.ok, parsed.ok ? '' : `${text}: ${parsed.error.number} ${parsed.error.text}`);
  return parsed.value.statements;
}

function kinds(text: string): readonly string[] {
  return statements(text).map((statement) => statement.kind);
}

function expression(text: string): Expression {
  const parsed = parseExpressionText(text);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.error.text);
  return parsed.value;
}

/** A short form of an expression, so that precedence can be read. */
function shape(node: Expression): string {
  switch (node.kind) {
    case 'literal': {
      const { value } = node;
      if (typeof value === 'object' && value !== null && 'unscaled' in value)
        return `${value.unscaled}e-${value.scale}`;
      return typeof value === 'object' && value !== null ? 'bytes' : String(value);
    }
    case 'variable':
      return node.name;
    case 'column':
      return [...node.qualifier, node.name].join('.');
    case 'unary':
      return `(${node.operator} ${shape(node.operand)})`;
    case 'binary':
      return `(${shape(node.left)} ${node.operator} ${shape(node.right)})`;
    case 'call':
      return `${node.name}(${node.arguments.map((one) => (one.kind === 'star' ? '*' : shape(one))).join(',')})`;
    case 'case':
      return `case${node.operand === null ? '' : ` ${shape(node.operand)}`}${node.branches.map((branch) => ` ${shape(branch.when)}:${shape(branch.then)}`).join('')} else ${node.otherwise === null ? 'null' : shape(node.otherwise)}`;
    case 'cast':
      return `cast(${shape(node.operand)}:${node.type.kind})`;
    default:
      return node.kind;
  }
}

const MONITOR_QUERY = `SELECT ag.name 
       , drs.database_id 
       , db_name(drs.database_id) as database_name 
       , drs.group_id 
       , drs.replica_id 
       , drs.synchronization_state_desc 
       , drs.last_hardened_lsn   
FROM sys.dm_hadr_database_replica_states drs  
INNER JOIN sys.availability_groups ag on drs.group_id = ag.group_id; `;

test('the monitor query of the article is one SELECT with seven columns and a join', () => {
  const [statement] = statements(MONITOR_QUERY);
  assert.ok(statement?.kind === 'select' && statement.query.body.kind === 'select');
  assert.equal(statement.query.body.items.length, 7);
  assert.equal(statement.query.body.from[0]?.kind, 'join');
});

const GOOD: readonly (readonly [string, readonly string[]])[] = [
  ['', []],
  [' ;; ', []],
  ['SELECT 1', ['select']],
  ['select 1 select 2', ['select', 'select']],
  ['SELECT 1;SELECT 2;', ['select', 'select']],
  ['IF @@TRANCOUNT > 0 ROLLBACK BEGIN TRANSACTION', ['if', 'begin-transaction']],
  ['IF @@TRANCOUNT > 0 ROLLBACK TRAN', ['if']],
  ['sp_datatype_info_100 12,3', ['execute-procedure']],
  ["sp_who 'active'", ['execute-procedure']],
  ['SELEC 1', ['execute-procedure']],
  ['exec @r = dbo.p @a = 1, @b = @c output, default', ['execute-procedure']],
  ["exec ('select 1' + @x)", ['execute-text']],
  ['use [master] select db_name()', ['use', 'select']],
  ['set textsize 2147483647 set nocount on', ['set-option', 'set-option']],
  ['set transaction isolation level read committed', ['set-option']],
  ['set implicit_transactions off', ['set-option']],
  ['set ansi_nulls, quoted_identifier on', ['block']],
  ['set identity_insert dbo.t on', ['set-option']],
  [
    'set dateformat mdy set language us_english set datefirst 7 set lock_timeout -1',
    ['set-option', 'set-option', 'set-option', 'set-option'],
  ],
  ["waitfor delay '00:00:01'", ['waitfor']],
  ['begin try select 1/0 end try begin catch select error_number() throw end catch', ['try']],
  ['begin try end try begin catch end catch', ['try']],
  ["throw 50000, 'x', 1", ['throw']],
  ["raiserror ('a %d %s', 16, 1, 5, 'x') with nowait", ['raiserror']],
  ['while @i < 10 begin set @i += 1 if @i = 5 break else continue end', ['while']],
  [
    'declare @a int = 1, @b nvarchar(max), @t table (id int identity primary key, n varchar(10) not null)',
    ['declare'],
  ],
  ['insert into t default values', ['insert']],
  ['insert t values (default, 1)', ['insert']],
  ['insert t select 1, 2', ['insert']],
  ["insert t (a, b) output inserted.a into @o values (1, N'x'), (2, null)", ['insert']],
  ['insert t exec p 1', ['insert']],
  ['with a as (select 1 x), b (y) as (select x from a) insert t select y from b', ['insert']],
  [
    'update t set a = 1, b += 2, @v = c = 3, t.d = default from t join u on t.i = u.i where u.x is not null',
    ['update'],
  ],
  ['delete top (10) from t where a in (select b from c) option (maxdop 1)', ['delete']],
  ['delete x from t as x where 1 = 1', ['delete']],
  ['truncate table dbo.t', ['truncate']],
  [
    'select * from a cross apply (select top 1 * from b where b.x = a.x order by y) c outer apply f(a.x) d',
    ['select'],
  ],
  ['select * from (values (1, 2), (3, 4)) v (a, b)', ['select']],
  [
    'select distinct top (5) with ties a from t with (nolock, index(1)) order by a desc',
    ['select'],
  ],
  [
    'select a from t union all select b from u except select c from v intersect select d from w order by 1',
    ['select'],
  ],
  ['(select 1) union (select 2)', ['select']],
  [
    'select count(*), count(distinct a), sum(b) over (partition by c order by d desc) from t group by c having max(b) > 1',
    ['select'],
  ],
  ["select string_agg(name, ',') within group (order by name) from sys.databases", ['select']],
  [
    'select * from a inner hash join b on a.x = b.x left outer join (c join d on c.i = d.i) on c.y = a.y',
    ['select'],
  ],
  ['select * from a join b join c on b.i = c.i on a.i = b.i', ['select']],
  ['select * into #t from sys.objects', ['select']],
  ['create table #t (a int)', ['create-table']],
  ['alter table t add c int null, d as (c + 1)', ['alter-table']],
  [
    'alter table t with check add constraint fk foreign key (a) references u (b) on delete cascade',
    ['alter-table'],
  ],
  ['alter table t drop column if exists a, b', ['alter-table']],
  ['drop table if exists a, dbo.b', ['drop-table']],
  [
    'create unique nonclustered index i on dbo.t (a desc, b) include (c) where a > 1 with (online = on)',
    ['create-index'],
  ],
  ['drop index i on t drop schema s drop user u', ['drop-index', 'drop-schema', 'drop-user']],
  [
    'create user u for login [D\\u] with default_schema = dbo alter role db_owner add member u',
    ['create-user', 'alter-role'],
  ],
  [
    'commit transaction x commit work rollback tran sp save tran sp',
    ['commit', 'commit', 'rollback', 'save-transaction'],
  ],
  ['/* a /* nested */ comment */ select 1 -- end', ['select']],
  [
    'select a collate Latin1_General_100_CI_AS_SC from t where b = c collate database_default',
    ['select'],
  ],
  ["select {d '2026-11-21'}, {fn upper('a')}", ['select']],
  ['if 1 = 1 select 1; else select 2', ['if']],
  ['select [a]]b], "c""d" from [x y]..[t]', ['select']],
];

for (const [text, expected] of GOOD) {
  test(`parses: ${text.slice(0, 70)}`, () => {
    assert.deepEqual(kinds(text), expected);
  });
}

const BAD: readonly (readonly [string, number, number, string])[] = [
  ['select ) 1', 102, 1, "Incorrect syntax near ')'."],
  ['select * from', 102, 1, "Incorrect syntax near 'from'."],
  ['select\n\n1 from from', 156, 3, "Incorrect syntax near the keyword 'from'."],
  ["select 'abc", 105, 1, "Unclosed quotation mark after the character string 'abc'."],
  [
    "select 1\nselect 'abc\ndef",
    105,
    2,
    "Unclosed quotation mark after the character string 'abc\ndef'.",
  ],
  ['select [abc', 105, 1, "Unclosed quotation mark after the character string 'abc'."],
  ['select 1 /* open', 113, 1, "Missing end comment mark '*/'."],
  ['select 1 = 1', 102, 1, "Incorrect syntax near '='."],
  ['select (1 = 1)', 102, 1, "Incorrect syntax near ')'."],
  ['select 1 where 1', 102, 1, "Incorrect syntax near '1'."],
  [
    'if 1 select 2',
    4145,
    1,
    "An expression of non-boolean type specified in a context where a condition is expected, near 'select'.",
  ],
  ['select 1 with x as (select 1 a) select * from x', 319, 1, ''],
  ["select 1; foo 'x'", 102, 1, "Incorrect syntax near 'foo'."],
  ['begin end', 156, 1, "Incorrect syntax near the keyword 'end'."],
  ['begin try select 1 end try select 2', 156, 1, "Incorrect syntax near the keyword 'select'."],
  ['set foo on', 195, 1, "'foo' is not a recognized SET option."],
  ['select dateadd(foo, 1, getdate())', 155, 1, "'foo' is not a recognized dateadd option."],
  ['select cast(1 as foo)', 243, 1, 'Type foo is not a defined system type.'],
  ['declare @x foo', 2715, 1, ''],
  ['declare @x decimal(39)', 2750, 1, ''],
  ['select * from t with (foo)', 321, 1, ''],
  ['insert t values (1, 2), (3)', 10709, 1, ''],
  ["throw 50000, 'a' + 'b', 1", 102, 1, "Incorrect syntax near '+'."],
  ['select * from a.b.c.d', 49_901, 1, ''],
  ['select 1 for xml path', 49_901, 1, ''],
  ['select 1 for json path', 49_901, 1, ''],
  ['merge t using u on 1 = 1 when matched then delete;', 49_901, 1, ''],
  ['create procedure p as select 1', 49_901, 1, ''],
  ['declare c cursor for select 1', 49_901, 1, ''],
  ['select sum(a) over (order by b rows unbounded preceding) from t', 49_901, 1, ''],
  ['select a from t group by rollup (a)', 49_901, 1, ''],
  ['goto x', 49_901, 1, ''],
  ['set dateformat dmy', 49_901, 1, ''],
  ['set language Deutsch', 49_901, 1, ''],
  ['set ansi_nulls off', 49_901, 1, ''],
  ['select * from (values (default)) v (a)', 156, 1, ''],
  ['select a collate Latin1_General_CS_AS from t', 49_901, 1, ''],
  ['select next value for s', 49_901, 1, ''],
  ['select 1 from t for browse', 49_901, 1, ''],
  ['select coalesce(1)', 189, 1, ''],
];

for (const [text, number, line, message] of BAD) {
  test(`refuses with ${number}: ${text.replaceAll('\n', ' ').slice(0, 60)}`, () => {
    const parsed = parseBatch(text);
    assert.ok(!parsed.ok);
    assert.equal(parsed.error.number, number);
    assert.equal(parsed.error.line, line);
    if (message !== '') assert.equal(parsed.error.text, message);
  });
}

test('one syntax error refuses the whole batch', () => {
  assert.ok(!parseBatch('select 1; select 2; selct from').ok);
});

test('operators bind as the server documents it', () => {
  assert.equal(shape(expression('1 + 2 * 3')), '(1 + (2 * 3))');
  assert.equal(shape(expression('1 - 2 - 3')), '((1 - 2) - 3)');
  assert.equal(shape(expression('1 | 2 + 4')), '((1 | 2) + 4)');
  assert.equal(shape(expression('-a * ~b % (c + 1)')), '(((- a) * (~ b)) % (c + 1))');
  const condition = parseConditionText('not a = 1 or b = 2 and c <> 3');
  assert.ok(condition.ok);
  assert.equal(shape(condition.value), '((not (a = 1)) or ((b = 2) and (c <> 3)))');
});

test('COALESCE, NULLIF, IIF and CHOOSE become CASE', () => {
  assert.equal(shape(expression('coalesce(a, b, 1)')), 'case is-null:a is-null:b else 1');
  assert.equal(shape(expression('nullif(a, 0)')), 'case (a = 0):null else a');
  assert.equal(shape(expression('iif(a > 1, 2, 3)')), 'case (a > 1):2 else 3');
  assert.equal(shape(expression("choose(i, 'x', 'y')")), 'case i 1:x 2:y else null');
});

test('date parts become their long names', () => {
  assert.equal(shape(expression('DATEADD(dd, 1, x)')), 'DATEADD(day,1,x)');
  assert.equal(shape(expression('datediff(ms, a, b)')), 'DATEDIFF(millisecond,a,b)');
});

test('literals carry the types of the server', () => {
  const types = (text: string) => {
    const node = expression(text);
    assert.ok(node.kind === 'literal');
    return node.type;
  };
  assert.deepEqual(types('1'), { kind: 'int' });
  assert.deepEqual(types('2147483648'), { kind: 'numeric', precision: 10, scale: 0 });
  assert.deepEqual(types('12.50'), { kind: 'numeric', precision: 4, scale: 2 });
  assert.deepEqual(types('.5'), { kind: 'numeric', precision: 1, scale: 1 });
  assert.deepEqual(types('1e3'), { kind: 'float' });
  assert.deepEqual(types('$1.5'), { kind: 'money' });
  assert.deepEqual(types("'abc'"), { kind: 'varchar', length: 3 });
  assert.deepEqual(types("N''"), { kind: 'nvarchar', length: 1 });
  assert.deepEqual(types('0xABC'), { kind: 'varbinary', length: 2 });
});

test('a THROW behind a select item without a semicolon is its alias, as on a server', () => {
  const [statement, second] = statements('select 1 throw');
  assert.equal(second, undefined);
  assert.ok(statement?.kind === 'select' && statement.query.body.kind === 'select');
  const [item] = statement.query.body.items;
  assert.ok(item?.kind === 'expression');
  assert.equal(item.alias, 'throw');
});

test('lines are those of the token, counted through strings and comments', () => {
  const parsed = statements("/* a\nb */ select 'x\ny'\nselect 2");
  assert.deepEqual(
    parsed.map((statement) => statement.line),
    [2, 4],
  );
});

test('too deep nesting is an error of its own, not a crash', () => {
  const parsed = parseBatch(`select ${'('.repeat(5000)}1${')'.repeat(5000)}`);
  assert.ok(!parsed.ok);
  assert.equal(parsed.error.number, 191);
});

test('any text gives a tree or a server message, never an exception', () => {
  const seed = 20_261_121;
  const word = fc.constantFrom(
    'select',
    'from',
    'where',
    '(',
    ')',
    ',',
    "'a'",
    '1',
    '1.5',
    '@x',
    '[b]',
    'c',
    '.',
    '=',
    '<>',
    '+',
    '-',
    '*',
    'and',
    'not',
    'in',
    'like',
    'case',
    'when',
    'then',
    'end',
    'begin',
    'try',
    'insert',
    'into',
    'values',
    'update',
    'set',
    'delete',
    'with',
    'as',
    'order',
    'by',
    'top',
    'join',
    'on',
    'create',
    'alter',
    'availability',
    'group',
    'database',
    'endpoint',
    ';',
    'exec',
    'if',
    'else',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(word, { maxLength: 25 }).map((words) => words.join(' ')),
      ),
      (text) => {
        const parsed = parseBatch(text);
        assert.ok(parsed.ok || parsed.error.number > 0);
      },
    ),
    { seed, numRuns: 3000 },
  );
});

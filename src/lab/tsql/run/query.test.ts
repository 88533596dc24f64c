/** Queries through a session: every case is a batch and its rows. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { plainInstance } from '../../../../tests/support/plain-instance.ts';
import type { PlainInstance, TestSession } from '../../../../tests/support/plain-instance.ts';
import { renderRows } from '../../../../tests/support/render.ts';

const SCHEMA = `
CREATE SCHEMA sales;
CREATE TABLE sales.customer (id int NOT NULL CONSTRAINT PK_customer PRIMARY KEY, name nvarchar(40) NOT NULL, city varchar(20) NULL);
CREATE TABLE sales.orders (id int NOT NULL PRIMARY KEY, customer_id int NULL REFERENCES sales.customer(id), amount decimal(10,2) NOT NULL, placed date NULL, note nvarchar(20) NULL);
INSERT sales.customer VALUES (1, N'Anna', 'Berlin'), (2, N'Bert', 'Paris'), (3, N'Cleo', NULL), (4, N'Dora', 'berlin ');
INSERT sales.orders VALUES (10, 1, 5.00, '2024-01-01', N'x'), (11, 1, 7.50, '2024-01-02', NULL), (12, 2, 1.25, '2024-02-01', N'y'), (13, NULL, 9.99, NULL, N'z');
`;

const CASES: readonly (readonly [sql: string, rows: string])[] = [
  ["SELECT 1, 'a', NULL", '1|a|NULL'],
  ['SELECT 1 SELECT 2', '2'],
  ['SELECT 7/2, 7%2, -7/2, 7.0/2.0', '3|1|-3|3.500000'],
  ["SELECT 'a' + 'b', N'a' + NULL", 'ab|NULL'],
  ["SELECT 1 + '2'", '3'],
  ["SELECT ISNULL(NULL, 'x'), ISNULL(NULL, 5), ISNULL(NULL, NULL)", 'x|5|NULL'],
  ['SELECT ~5, 6 & 3, 6 | 3, 6 ^ 3', '-6|2|7|5'],
  ['SELECT -CAST(1.50 AS decimal(5,2))', '-1.50'],
  ['SELECT id, name FROM sales.customer ORDER BY id', '1|Anna; 2|Bert; 3|Cleo; 4|Dora'],
  ['SELECT * FROM sales.customer WHERE id = 2', '2|Bert|Paris'],
  [
    'SELECT c.* FROM sales.customer AS c WHERE c.id > 2 ORDER BY c.id DESC',
    '4|Dora|berlin ; 3|Cleo|NULL',
  ],
  ["SELECT id FROM sales.customer WHERE city = 'BERLIN' ORDER BY id", '1; 4'],
  ["SELECT id FROM sales.customer WHERE city <> 'Paris' ORDER BY id", '1; 4'],
  ['SELECT id FROM sales.customer WHERE city IS NULL', '3'],
  ["SELECT id FROM sales.customer WHERE name LIKE '%e%' ORDER BY 1", '2; 3'],
  ["SELECT id FROM sales.customer WHERE name NOT LIKE '[A-B]%' ORDER BY 1", '3; 4'],
  ['SELECT id FROM sales.customer WHERE id BETWEEN 2 AND 3 ORDER BY id', '2; 3'],
  ['SELECT id FROM sales.customer WHERE id IN (1, 4, 9) ORDER BY id', '1; 4'],
  ['SELECT id FROM sales.customer WHERE id NOT IN (1, 4, NULL) ORDER BY id', ''],
  ['SELECT id FROM sales.customer WHERE NOT (id = 1 OR id = 2) ORDER BY id', '3; 4'],
  ['SELECT id FROM sales.customer WHERE id IN (1,2,3,4,5,6,7,8,9,10) ORDER BY id', '1; 2; 3; 4'],
  [
    'SELECT c.name, o.id FROM sales.customer c JOIN sales.orders o ON o.customer_id = c.id ORDER BY o.id',
    'Anna|10; Anna|11; Bert|12',
  ],
  [
    'SELECT c.name, o.id FROM sales.customer c LEFT JOIN sales.orders o ON o.customer_id = c.id ORDER BY c.id, o.id',
    'Anna|10; Anna|11; Bert|12; Cleo|NULL; Dora|NULL',
  ],
  [
    'SELECT c.name, o.id FROM sales.customer c RIGHT JOIN sales.orders o ON o.customer_id = c.id ORDER BY o.id',
    'Anna|10; Anna|11; Bert|12; NULL|13',
  ],
  [
    'SELECT c.id, o.id FROM sales.customer c FULL JOIN sales.orders o ON o.customer_id = c.id ORDER BY c.id, o.id',
    'NULL|13; 1|10; 1|11; 2|12; 3|NULL; 4|NULL',
  ],
  [
    'SELECT c.id, o.id FROM sales.customer c LEFT JOIN sales.orders o ON o.customer_id = c.id AND o.amount > 6 ORDER BY c.id',
    '1|11; 2|NULL; 3|NULL; 4|NULL',
  ],
  [
    'SELECT c.id FROM sales.customer c LEFT JOIN sales.orders o ON o.customer_id = c.id WHERE o.id IS NULL ORDER BY 1',
    '3; 4',
  ],
  ['SELECT COUNT(*) FROM sales.customer, sales.orders', '16'],
  ['SELECT COUNT(*) FROM sales.customer CROSS JOIN sales.orders', '16'],
  [
    "SELECT o.id FROM sales.customer c, sales.orders o WHERE c.id = o.customer_id AND c.name = N'anna' ORDER BY 1",
    '10; 11',
  ],
  [
    'SELECT a.id, b.id FROM sales.customer a JOIN sales.customer b ON b.id > a.id AND b.id < 4 ORDER BY 1, 2',
    '1|2; 1|3; 2|3',
  ],
  [
    'SELECT c.id, x.n FROM sales.customer c CROSS APPLY (SELECT COUNT(*) n FROM sales.orders o WHERE o.customer_id = c.id) x ORDER BY 1',
    '1|2; 2|1; 3|0; 4|0',
  ],
  [
    'SELECT c.id, x.id FROM sales.customer c OUTER APPLY (SELECT TOP 1 o.id FROM sales.orders o WHERE o.customer_id = c.id ORDER BY o.amount DESC) x ORDER BY 1',
    '1|11; 2|12; 3|NULL; 4|NULL',
  ],
  [
    'SELECT COUNT(*), COUNT(customer_id), COUNT(DISTINCT customer_id), SUM(amount), MIN(placed), MAX(note) FROM sales.orders',
    '4|3|2|23.74|738885+0|z',
  ],
  ['SELECT COUNT_BIG(*) FROM sales.orders WHERE 1 = 0', '0'],
  ['SELECT SUM(amount), MAX(id) FROM sales.orders WHERE 1 = 0', 'NULL|NULL'],
  ['SELECT AVG(id), AVG(amount) FROM sales.orders', '11|5.935000'],
  [
    'SELECT STDEV(id), VAR(id), STDEVP(id) FROM sales.orders WHERE id < 12',
    '0.7071067811865476|0.5|0.5',
  ],
  [
    'SELECT customer_id, SUM(amount) s FROM sales.orders GROUP BY customer_id ORDER BY customer_id',
    'NULL|9.99; 1|12.50; 2|1.25',
  ],
  ['SELECT customer_id FROM sales.orders GROUP BY customer_id HAVING COUNT(*) > 1', '1'],
  [
    'SELECT customer_id, COUNT(*) FROM sales.orders GROUP BY customer_id ORDER BY COUNT(*) DESC, customer_id',
    '1|2; NULL|1; 2|1',
  ],
  ['SELECT id % 2, COUNT(*) FROM sales.customer GROUP BY id % 2 ORDER BY id % 2', '0|2; 1|2'],
  [
    'SELECT LOWER(RTRIM(city)), COUNT(*) FROM sales.customer GROUP BY LOWER(RTRIM(city)) ORDER BY 1',
    'NULL|1; berlin|2; paris|1',
  ],
  [
    "SELECT STRING_AGG(name, ',') WITHIN GROUP (ORDER BY name DESC) FROM sales.customer",
    'Dora,Cleo,Bert,Anna',
  ],
  ['SELECT DISTINCT city FROM sales.customer ORDER BY city', 'NULL; Berlin; Paris'],
  ['SELECT TOP 2 id FROM sales.customer ORDER BY id DESC', '4; 3'],
  ['SELECT TOP (50) PERCENT id FROM sales.customer ORDER BY id', '1; 2'],
  [
    'SELECT TOP 1 WITH TIES customer_id FROM sales.orders WHERE customer_id IS NOT NULL ORDER BY customer_id',
    '1; 1',
  ],
  ['SELECT id FROM sales.customer ORDER BY id OFFSET 1 ROWS FETCH NEXT 2 ROWS ONLY', '2; 3'],
  ['SELECT id AS k FROM sales.customer ORDER BY k DESC OFFSET 3 ROWS', '1'],
  [
    'SELECT id FROM sales.customer UNION SELECT customer_id FROM sales.orders ORDER BY 1',
    'NULL; 1; 2; 3; 4',
  ],
  ['SELECT 1 AS a UNION ALL SELECT 1 UNION ALL SELECT NULL', '1; 1; NULL'],
  ['SELECT id FROM sales.customer EXCEPT SELECT customer_id FROM sales.orders ORDER BY id', '3; 4'],
  [
    'SELECT id FROM sales.customer INTERSECT SELECT customer_id FROM sales.orders ORDER BY id',
    '1; 2',
  ],
  ['SELECT 1 UNION SELECT 2.5', '1.0; 2.5'],
  [
    'SELECT (SELECT MAX(o.id) FROM sales.orders o WHERE o.customer_id = c.id) FROM sales.customer c ORDER BY c.id',
    '11; 12; NULL; NULL',
  ],
  [
    'SELECT id FROM sales.customer c WHERE EXISTS (SELECT 1 FROM sales.orders o WHERE o.customer_id = c.id) ORDER BY id',
    '1; 2',
  ],
  [
    'SELECT id FROM sales.customer WHERE id IN (SELECT customer_id FROM sales.orders) ORDER BY id',
    '1; 2',
  ],
  [
    'SELECT id FROM sales.customer WHERE id NOT IN (SELECT customer_id FROM sales.orders) ORDER BY id',
    '',
  ],
  [
    'SELECT id FROM sales.customer WHERE id > ALL (SELECT customer_id FROM sales.orders WHERE customer_id IS NOT NULL) ORDER BY id',
    '3; 4',
  ],
  [
    'SELECT id FROM sales.customer WHERE id = ANY (SELECT customer_id FROM sales.orders) ORDER BY id',
    '1; 2',
  ],
  [
    'WITH a AS (SELECT id FROM sales.customer WHERE id < 3), b(k) AS (SELECT id + 10 FROM a) SELECT k FROM b ORDER BY k',
    '11; 12',
  ],
  [
    'WITH n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 50) SELECT COUNT(*), SUM(i) FROM n',
    '50|1275',
  ],
  ['SELECT x.a FROM (VALUES (1), (2), (NULL)) AS x(a) WHERE x.a > 1', '2'],
  [
    "SELECT CASE WHEN id = 1 THEN 'one' ELSE 'many' END FROM sales.customer WHERE id < 3 ORDER BY id",
    'one; many',
  ],
  [
    "SELECT CASE city WHEN 'Paris' THEN 1 END FROM sales.customer ORDER BY id",
    'NULL; 1; NULL; NULL',
  ],
  [
    'SELECT IIF(1 > 2, 3, 4), COALESCE(NULL, 5), NULLIF(1, 1), ISNULL(NULL, 6), CHOOSE(2, 7, 8)',
    '4|5|NULL|6|8',
  ],
  [
    'SELECT id, ROW_NUMBER() OVER (ORDER BY name DESC) FROM sales.customer ORDER BY id',
    '1|4; 2|3; 3|2; 4|1',
  ],
  [
    'SELECT id, RANK() OVER (ORDER BY customer_id), DENSE_RANK() OVER (ORDER BY customer_id) FROM sales.orders ORDER BY id',
    '10|2|2; 11|2|2; 12|4|3; 13|1|1',
  ],
  [
    'SELECT id, SUM(amount) OVER (PARTITION BY customer_id) FROM sales.orders ORDER BY id',
    '10|12.50; 11|12.50; 12|1.25; 13|9.99',
  ],
  [
    'SELECT id, SUM(amount) OVER (ORDER BY id) FROM sales.orders ORDER BY id',
    '10|5.00; 11|12.50; 12|13.75; 13|23.74',
  ],
  [
    'SELECT id, LAG(id) OVER (ORDER BY id), LEAD(id, 1, 0) OVER (ORDER BY id) FROM sales.orders ORDER BY id',
    '10|NULL|11; 11|10|12; 12|11|13; 13|12|0',
  ],
  [
    'SELECT k FROM (SELECT id, ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY id DESC) k FROM sales.orders) q WHERE q.k = 1',
    '1; 1; 1',
  ],
  ['SELECT COUNT(*) OVER () FROM sales.customer WHERE id < 3', '2; 2'],
  ["SELECT value FROM STRING_SPLIT('a,b,,c', ',')", 'a; b; ; c'],
  ['SELECT value FROM GENERATE_SERIES(1, 7, 3)', '1; 4; 7'],
  ['SELECT value FROM GENERATE_SERIES(3, 1)', '3; 2; 1'],
  [
    'SELECT c.id, s.value FROM sales.customer c CROSS APPLY GENERATE_SERIES(1, c.id) s WHERE c.id < 3 ORDER BY 1, 2',
    '1|1; 2|1; 2|2',
  ],
  ["SELECT sys.fn_hadr_is_primary_replica('db'), sys.fn_hadr_is_primary_replica('nope')", '1|NULL'],
  ['SELECT name FROM sys.databases ORDER BY database_id', 'master; tempdb; db'],
  ['SELECT d.name FROM sys.databases d JOIN (VALUES (3)) v(id) ON v.id = d.database_id', 'db'],
  [
    'SELECT s.name, t.name FROM sys.tables t JOIN sys.schemas s ON s.schema_id = t.schema_id ORDER BY t.name',
    'sales|customer; sales|orders',
  ],
  [
    "SELECT name, is_nullable, max_length FROM sys.columns WHERE object_id = OBJECT_ID('sales.customer') ORDER BY column_id",
    'id|0|4; name|0|80; city|1|20',
  ],
  [
    "SELECT SUM(rows) FROM sys.partitions WHERE object_id = OBJECT_ID('sales.orders') AND index_id IN (0, 1)",
    '4',
  ],
  [
    "SELECT COLUMN_NAME, DATA_TYPE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'orders' AND ORDINAL_POSITION < 4 ORDER BY ORDINAL_POSITION",
    'id|int; customer_id|int; amount|decimal',
  ],
  ["SELECT name FROM sys.database_principals WHERE type = 'R' AND name LIKE 'db_o%'", 'db_owner'],
  ["SELECT name FROM db.sys.tables WHERE name = 'orders'", 'orders'],
  ['SELECT id FROM db.sales.customer WHERE id = 1', '1'],
  ["SELECT DB_NAME(), OBJECT_NAME(OBJECT_ID('sales.orders'))", 'db|orders'],
  ['DECLARE @v int; SELECT @v = id FROM sales.customer ORDER BY id; SELECT @v', '4'],
  ['DECLARE @v int = 2; SELECT name FROM sales.customer WHERE id = @v', 'Bert'],
  [
    "DECLARE @s nvarchar(100) = N''; SELECT @s += name + N' ' FROM sales.customer ORDER BY id; SELECT @s",
    'Anna Bert Cleo Dora ',
  ],
  [
    'DECLARE @i int = 0; WHILE @i < 10 BEGIN SET @i += 1; IF @i = 3 CONTINUE; IF @i = 6 BREAK; END SELECT @i',
    '6',
  ],
  [
    "DECLARE @t TABLE (a int PRIMARY KEY, b varchar(5)); INSERT @t VALUES (2, 'x'), (1, 'y'); SELECT a, b FROM @t ORDER BY a",
    '1|y; 2|x',
  ],
  ["IF EXISTS (SELECT 1 FROM sales.customer WHERE id = 1) SELECT 'yes' ELSE SELECT 'no'", 'yes'],
  ["EXEC('SELECT 1 + 1')", '2'],
  ['SELECT 7.0 / 2', '3.500000'],
  ['SELECT 1.0 / 3', '0.333333'],
  [
    "EXEC sp_executesql N'SELECT name FROM sales.customer WHERE id = @id', N'@id int', @id = 3",
    'Cleo',
  ],
  [
    "DECLARE @o int; EXEC sp_executesql N'SET @x = @x * 2', N'@x int OUTPUT', @x = @o OUTPUT; SELECT @o",
    'NULL',
  ],
  [
    "DECLARE @o int = 21; EXEC sp_executesql N'SET @x = @x * 2', N'@x int OUTPUT', @x = @o OUTPUT; SELECT @o",
    '42',
  ],
  [
    'SELECT id INTO #copy FROM sales.customer WHERE id > 2; SELECT COUNT(*) FROM #copy; DROP TABLE #copy; SELECT 5',
    '5',
  ],
  ['SET ROWCOUNT 2; SELECT id FROM sales.customer ORDER BY id; SET ROWCOUNT 0', '1; 2'],
  ['SELECT id FROM sales.customer WITH (NOLOCK) WHERE id = 1 OPTION (RECOMPILE)', '1'],
  ['SELECT 1 UNION ALL SELECT 2; SELECT @@ROWCOUNT, @@TRANCOUNT', '2|0'],
  ['SELECT CAST(NULL AS int) + 1', 'NULL'],
  ["SELECT COUNT(*) FROM sales.orders o WHERE o.placed >= '2024-01-02'", '2'],
  ['SELECT id FROM sales.orders WHERE amount = 7.5', '11'],
  ['SELECT id FROM sales.orders WHERE amount > 5 AND amount < 9.5 ORDER BY id', '11'],
];

const ERRORS: readonly (readonly [sql: string, error: number])[] = [
  ['SELECT nope FROM sales.customer', 207],
  ['SELECT c.nope FROM sales.customer c', 207],
  ['SELECT x.id FROM sales.customer c', 4104],
  ['SELECT * FROM nope', 208],
  ['SELECT * FROM sales.nope', 208],
  ['SELECT * FROM nodb.dbo.t', 911],
  ['SELECT id FROM sales.customer c JOIN sales.orders o ON 1 = 1', 209],
  ['SELECT 1 FROM sales.customer c JOIN sales.orders c ON 1 = 1', 1013],
  ['SELECT name, COUNT(*) FROM sales.customer', 8120],
  ['SELECT * FROM sales.customer WHERE COUNT(*) > 1', 147],
  ['SELECT (SELECT id FROM sales.customer)', 512],
  ['SELECT (SELECT id, name FROM sales.customer WHERE id = 1)', 116],
  ['SELECT 1 UNION SELECT 1, 2', 205],
  ['SELECT id FROM sales.customer ORDER BY 3', 108],
  ['SELECT @nope', 137],
  ['SELECT * FROM @nope', 1087],
  ['SELECT NOSUCHFUNCTION(1)', 195],
  ["SELECT CAST('x' AS int)", 245],
  ['SELECT 1/0', 8134],
  ['SELECT * FROM (SELECT 1) x', 8155],
  ['WITH n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n) SELECT * FROM n', 530],
  ['EXEC sp_nope', 2812],
  ['SELECT FROM', 102],
  ['USE nodb', 911],
];

describe('a query that stops early', () => {
  const EARLY = [
    'SELECT TOP 1 a.i FROM big a JOIN big b ON b.i = a.i',
    'SELECT TOP 1 a.i FROM big a LEFT JOIN big b ON b.i = a.i + 1',
    'SELECT a.i FROM big a WHERE a.i < 3 AND EXISTS (SELECT 1 FROM big b JOIN big c ON c.i = b.i)',
    'SELECT TOP 1 i FROM big UNION ALL SELECT i FROM big',
    'SELECT TOP 1 a.i, x.n FROM big a CROSS APPLY (SELECT TOP 1 b.i AS n FROM big b JOIN big c ON c.i = b.i) x',
    "BEGIN TRY SELECT 1 / (2 - a.i) FROM big a JOIN big b ON b.i = a.i END TRY BEGIN CATCH PRINT 'x' END CATCH",
  ];
  for (const sql of EARLY) {
    it(`leaves no old rows for the next one: ${sql}`, async () => {
      const instance = plainInstance('db');
      try {
        const session = instance.connect();
        const fill = 'CREATE TABLE big (i int NOT NULL PRIMARY KEY); SET NOCOUNT ON';
        const loop =
          'DECLARE @i int = 0; BEGIN TRAN; WHILE @i < 300 BEGIN SET @i += 1; INSERT big VALUES (@i) END; COMMIT';
        assert.deepEqual((await session.run(`${fill}; ${loop}`)).errors, []);
        assert.deepEqual((await session.run(sql)).errors, []);
        const after = await session.run('CREATE TABLE late (i int); INSERT late VALUES (7)');
        assert.deepEqual(after.errors, []);
        assert.equal(renderRows(await session.rows('SELECT i FROM late')), '7');
      } finally {
        instance.close();
      }
    });
  }
});

describe('a query', () => {
  let instance: PlainInstance;
  let session: TestSession;
  before(async () => {
    instance = plainInstance('db');
    session = instance.connect();
    const answer = await session.run(SCHEMA);
    assert.deepEqual(answer.errors, []);
  });
  after(() => instance.close());

  for (const [sql, expected] of CASES) {
    it(`answers ${sql}`, async () => {
      assert.equal(renderRows(await session.rows(sql)), expected);
    });
  }
  for (const [sql, error] of ERRORS) {
    it(`refuses ${sql} with ${error}`, async () => {
      const answer = await session.run(sql);
      const numbers = answer.errors.map((message) => message.number);
      assert.ok(
        numbers[0] === error || (error === 102 && numbers[0] === 156),
        `got ${numbers.join()}`,
      );
    });
  }
});

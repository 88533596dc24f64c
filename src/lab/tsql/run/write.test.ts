/** INSERT, UPDATE, DELETE and DDL: rows afterwards, and the errors of constraints. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plainInstance } from '../../../../tests/support/plain-instance.ts';
import { renderRows } from '../../../../tests/support/render.ts';

const SETUP = `
CREATE TABLE parent (id int IDENTITY(1,1) PRIMARY KEY, code varchar(10) NOT NULL CONSTRAINT UQ_code UNIQUE, qty int NULL CONSTRAINT CK_qty CHECK (qty >= 0), made datetime2(3) NOT NULL CONSTRAINT DF_made DEFAULT ('2024-01-01'));
CREATE TABLE child (id int PRIMARY KEY, parent_id int NULL CONSTRAINT FK_child_parent FOREIGN KEY REFERENCES parent(id), name nvarchar(10) NULL, twice AS (id * 2));
CREATE UNIQUE INDEX ix_name ON child(name);
INSERT parent (code, qty) VALUES ('a', 1), ('b', 2), ('c', NULL);
INSERT child (id, parent_id, name) VALUES (1, 1, N'x'), (2, 1, N'y'), (3, NULL, N'z');
`;

/** A batch, the rows of its last result set, and the numbers of its errors. */
const CASES: readonly (readonly [sql: string, rows: string, errors?: string])[] = [
  [
    "INSERT parent (code) VALUES ('d'); SELECT id, code, qty, SCOPE_IDENTITY(), @@IDENTITY FROM parent WHERE id = 4",
    '4|d|NULL|4|4',
  ],
  [
    "INSERT INTO parent (code, qty) SELECT code + '2', qty FROM parent; SELECT COUNT(*), MAX(id) FROM parent",
    '6|6',
  ],
  ["INSERT parent (code) OUTPUT inserted.id, inserted.code VALUES ('q'), ('r')", '4|q; 5|r'],
  [
    "DECLARE @o TABLE (id int); INSERT parent (code) OUTPUT inserted.id INTO @o VALUES ('q'); SELECT id FROM @o",
    '4',
  ],
  ["INSERT parent (code) VALUES ('A')", '', '2627'],
  ["INSERT parent (code) VALUES ('a  ')", '', '2627'],
  ["INSERT child (id, name) VALUES (9, N'X')", '', '2601'],
  ['INSERT child (id) VALUES (4), (5)', '', '2601'],
  ['INSERT child (id) VALUES (1)', '', '2627'],
  ["INSERT parent (code, qty) VALUES ('n', -1)", '', '547'],
  ["INSERT child (id, parent_id, name) VALUES (9, 99, N'n')", '', '547'],
  ['INSERT parent (code) VALUES (NULL)', '', '515'],
  ['INSERT parent (qty) VALUES (1)', '', '515'],
  ["INSERT parent (code) VALUES ('12345678901')", '', '2628'],
  [
    "INSERT parent (code) VALUES ('1234567890   '); SELECT LEN(code) FROM parent WHERE id = 4",
    '10',
  ],
  ["INSERT parent (id, code) VALUES (9, 'n')", '', '544'],
  [
    "SET IDENTITY_INSERT parent ON; INSERT parent (id, code) VALUES (50, 'n'); SET IDENTITY_INSERT parent OFF; INSERT parent (code) VALUES ('o'); SELECT MAX(id) FROM parent",
    '51',
  ],
  ["SET IDENTITY_INSERT parent ON; INSERT parent (code) VALUES ('n')", '', '545'],
  ["INSERT parent VALUES ('n')", '', '213'],
  ["INSERT parent (code, qty) VALUES ('n')", '', '109'],
  ["INSERT parent (code) VALUES ('n', 1)", '', '110'],
  ['INSERT parent (code, qty) SELECT code FROM parent', '', '120'],
  ['INSERT parent (nope) VALUES (1)', '', '207'],
  ["INSERT parent (qty) VALUES ('x')", '', '245'],
  ["INSERT parent (code, code) VALUES ('a', 'b')", '', '264'],
  ['INSERT child (id, twice) VALUES (9, 1)', '', '271'],
  ["INSERT parent (code) VALUES ('v'), ('w'), ('a'); SELECT COUNT(*) FROM parent", '3', '2627'],
  [
    'CREATE TABLE d (a int DEFAULT 5, b int); INSERT d DEFAULT VALUES; SELECT a, b FROM d',
    '5|NULL',
  ],
  [
    "INSERT parent (code) EXEC('SELECT ''e1'' UNION ALL SELECT ''e2'''); SELECT COUNT(*) FROM parent",
    '5',
  ],
  [
    'UPDATE parent SET qty = qty + 10 WHERE id < 3; SELECT qty FROM parent ORDER BY id',
    '11; 12; NULL',
  ],
  [
    'UPDATE parent SET qty += 1, code = code + code OUTPUT deleted.qty, inserted.qty, inserted.code WHERE id = 1',
    '1|2|aa',
  ],
  [
    'UPDATE p SET p.qty = c.n FROM parent p JOIN (SELECT parent_id, COUNT(*) n FROM child GROUP BY parent_id) c ON c.parent_id = p.id; SELECT qty FROM parent ORDER BY id',
    '2; 2; NULL',
  ],
  [
    'UPDATE parent SET qty = 0 FROM parent x WHERE x.id = 2; SELECT qty FROM parent ORDER BY id',
    '1; 0; NULL',
  ],
  ['UPDATE TOP (1) parent SET qty = 7; SELECT COUNT(*) FROM parent WHERE qty = 7', '1'],
  ['DECLARE @v int; UPDATE parent SET @v = qty = 9 WHERE id = 1; SELECT @v', '9'],
  [
    'UPDATE child SET id = id + 1, name = name; SELECT id, twice FROM child ORDER BY id',
    '2|4; 3|6; 4|8',
  ],
  ['UPDATE child SET id = 1 WHERE id = 2', '', '2627'],
  ['UPDATE parent SET id = 9', '', '8102'],
  ['UPDATE parent SET code = NULL', '', '515'],
  ['UPDATE parent SET qty = -5 WHERE id = 1', '', '547'],
  ['UPDATE child SET parent_id = 77 WHERE id = 1', '', '547'],
  ['UPDATE parent SET nope = 1', '', '207'],
  ['UPDATE nope SET a = 1', '', '208'],
  ['DELETE FROM child WHERE id = 1; SELECT COUNT(*) FROM child', '2'],
  ['DELETE child OUTPUT deleted.id WHERE id > 1', '2; 3'],
  [
    "DELETE c FROM child c JOIN parent p ON p.id = c.parent_id WHERE p.code = 'a'; SELECT id FROM child",
    '3',
  ],
  ['DELETE TOP (1) FROM child; SELECT COUNT(*) FROM child', '2'],
  [
    'WITH k AS (SELECT id FROM parent WHERE qty IS NULL) DELETE FROM parent WHERE id IN (SELECT id FROM k); SELECT COUNT(*) FROM parent',
    '2',
  ],
  ['DELETE parent WHERE id = 1', '', '547'],
  ['DELETE parent WHERE id = 2; SELECT COUNT(*) FROM parent', '2'],
  ['TRUNCATE TABLE child; INSERT child (id) VALUES (1); SELECT COUNT(*) FROM child', '1'],
  ['TRUNCATE TABLE parent', '', '4712'],
  [
    "DROP TABLE child; TRUNCATE TABLE parent; INSERT parent (code) VALUES ('z'); SELECT id FROM parent",
    '1',
  ],
  ['DROP TABLE parent', '', '3726'],
  ['DROP TABLE nope', '', '3701'],
  ['DROP TABLE IF EXISTS nope; SELECT 1', '1'],
  ['CREATE TABLE parent (a int)', '', '2714'],
  ['CREATE TABLE nosuch.t (a int)', '', '2760'],
  ['CREATE TABLE e (a int, a int)', '', '2705'],
  ['CREATE TABLE e (a int REFERENCES nope(id))', '', '1767'],
  ['CREATE TABLE e (a int REFERENCES child(parent_id))', '', '1776'],
  [
    'ALTER TABLE parent ADD note nvarchar(5) NULL; SELECT COUNT(*) FROM parent WHERE note IS NULL',
    '3',
  ],
  [
    'ALTER TABLE parent ADD flag bit NOT NULL CONSTRAINT DF_flag DEFAULT 1; SELECT SUM(CAST(flag AS int)) FROM parent',
    '3',
  ],
  ['ALTER TABLE parent ADD bad int NOT NULL', '', '4901'],
  ['ALTER TABLE child DROP COLUMN nope', '', '4924'],
  ['ALTER TABLE child DROP COLUMN parent_id', '', '4922'],
  [
    'ALTER TABLE child DROP CONSTRAINT FK_child_parent; ALTER TABLE child DROP COLUMN parent_id; SELECT * FROM child WHERE id = 3',
    '3|z|6',
  ],
  ['ALTER TABLE child ADD CONSTRAINT CK_id CHECK (id < 3)', '', '547'],
  [
    "ALTER TABLE parent ADD CONSTRAINT UQ_qty UNIQUE (qty); INSERT parent (code, qty) VALUES ('n', 2)",
    '',
    '2627',
  ],
  ['UPDATE parent SET qty = 1; CREATE UNIQUE INDEX ix_qty ON parent(qty)', '', '1505'],
  ['CREATE INDEX ix_name ON child(id)', '', '1913'],
  [
    "DROP INDEX ix_name ON child; INSERT child (id, name) VALUES (9, N'x'); SELECT COUNT(*) FROM child",
    '4',
  ],
  [
    "CREATE USER bob WITHOUT LOGIN; ALTER ROLE db_owner ADD MEMBER bob; SELECT r.name FROM sys.database_role_members m JOIN sys.database_principals r ON r.principal_id = m.role_principal_id JOIN sys.database_principals u ON u.principal_id = m.member_principal_id WHERE u.name = 'bob'",
    'db_owner',
  ],
  [
    'CREATE TABLE k (id int PRIMARY KEY); CREATE TABLE l (id int, k int REFERENCES k(id) ON DELETE CASCADE); INSERT k VALUES (1), (2); INSERT l VALUES (1, 1), (2, 2); DELETE k WHERE id = 1; SELECT id FROM l',
    '2',
  ],
  [
    'CREATE TABLE k (id int PRIMARY KEY); CREATE TABLE l (id int, k int REFERENCES k(id) ON DELETE SET NULL); INSERT k VALUES (1); INSERT l VALUES (1, 1); DELETE k; SELECT id, k FROM l',
    '1|NULL',
  ],
  [
    "CREATE TABLE big (a bigint, m money, g uniqueidentifier, b varbinary(4), f float, t time(3)); INSERT big VALUES (9223372036854775807, 12.3456, '6F9619FF-8B86-D011-B42D-00C04FC964FF', 0x0102, 1.5e0, '01:02:03.456'); SELECT a, m, g, b, f FROM big",
    '9223372036854775807|12.3456|6F9619FF-8B86-D011-B42D-00C04FC964FF|0x0102|1.5',
  ],
];

describe('writing', () => {
  for (const [sql, rows, errors = ''] of CASES) {
    it(`${errors === '' ? 'runs' : `answers ${errors} to`} ${sql}`, async () => {
      const instance = plainInstance('db');
      try {
        const session = instance.connect();
        assert.deepEqual((await session.run(SETUP)).errors, []);
        const answer = await session.run(sql);
        assert.equal(
          answer.errors.map((message) => message.number).join(),
          errors,
          answer.errors.map((message) => message.text).join(),
        );
        if (errors === '' || rows !== '')
          assert.equal(renderRows(answer.sets.at(-1)?.rows ?? []), rows);
      } finally {
        instance.close();
      }
    });
  }

  it('leaves a copy that redid every commit equal to the original', async () => {
    const instance = plainInstance('db', 'copy');
    const session = instance.connect();
    await session.run(SETUP);
    for (const [sql] of CASES) await session.run(`BEGIN TRAN; ${sql}; IF @@TRANCOUNT > 0 COMMIT`);
    const copy = instance.databases.get('copy');
    const original = instance.databases.get('db');
    for (const payload of instance.log) copy?.store.redo(payload);
    assert.equal(copy?.store.digest(), original?.store.digest());
    for (const payload of instance.log.toReversed()) copy?.store.undo(payload);
    assert.equal(copy?.store.catalog.tables().length, 0);
    instance.close();
  });
});

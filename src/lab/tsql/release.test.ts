/** Each release refuses the words that came later, as a syntax error of the whole batch. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBatch } from './parse.ts';
import type { Release } from './release.ts';

const RELEASES: readonly Release[] = [2016, 2017, 2019, 2022, 2025];
const create = (options: string): string =>
  `CREATE AVAILABILITY GROUP g WITH (${options}) FOR REPLICA ON N'a' WITH (ENDPOINT_URL = N'TCP://a:5022', AVAILABILITY_MODE = SYNCHRONOUS_COMMIT, FAILOVER_MODE = MANUAL)`;
const replica = (option: string): string =>
  `ALTER AVAILABILITY GROUP g MODIFY REPLICA ON N'a' WITH (${option})`;

/** Text, the first release that reads it, and the error before. */
const words: readonly (readonly [string, Release, number])[] = [
  [create('DB_FAILOVER = ON'), 2016, 0],
  [create('CLUSTER_TYPE = NONE'), 2017, 102],
  ['ALTER AVAILABILITY GROUP g JOIN WITH (CLUSTER_TYPE = NONE)', 2017, 102],
  ['ALTER AVAILABILITY GROUP g JOIN', 2016, 0],
  [create('REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT = 1'), 2017, 102],
  ['ALTER AVAILABILITY GROUP g SET (REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT = 1)', 2017, 102],
  [create('CONTAINED'), 2022, 102],
  [replica('AVAILABILITY_MODE = CONFIGURATION_ONLY'), 2017, 102],
  [replica('FAILOVER_MODE = EXTERNAL'), 2017, 102],
  [replica("PRIMARY_ROLE (READ_WRITE_ROUTING_URL = N'TCP://a:1433')"), 2019, 102],
  [replica("PRIMARY_ROLE (READ_ONLY_ROUTING_LIST = (N'a'))"), 2016, 0],
  [replica("SECONDARY_ROLE (READ_ONLY_ROUTING_URL = N'TCP://a:1433')"), 2016, 0],
  ["SELECT STRING_AGG(name, N',') FROM sys.databases", 2017, 195],
  ["SELECT CONCAT_WS(',', 1, 2)", 2017, 195],
  ["SELECT TRIM(' a ')", 2017, 195],
  ["SELECT TRANSLATE('a', 'a', 'b')", 2017, 195],
  ['SELECT GREATEST(1, 2)', 2022, 195],
  ["SELECT DATETRUNC(day, '20200101')", 2022, 195],
  ['SELECT value FROM GENERATE_SERIES(1, 2)', 2022, 208],
  ["SELECT value FROM STRING_SPLIT('a,b', ',')", 2016, 0],
];
for (const [text, since, error] of words) {
  test(`from ${since} on: ${text}`, () => {
    for (const release of RELEASES) {
      const parsed = parseBatch(text, release);
      const found = parsed.ok ? 0 : parsed.error.number;
      assert.equal(found, release < since ? error : 0, `on ${release}`);
    }
  });
}

test('what 2025 added is a syntax error before, and named as not simulated there', () => {
  const later = [
    "ALTER AVAILABILITY GROUP g MODIFY LISTENER N'l' (REMOVE IP (N'10.0.0.1'))",
    replica('SECONDARY_ROLE (READ_ONLY_ROUTING_URL = NONE)'),
    create("CLUSTER_CONNECTION_OPTIONS = N'Encrypt=Strict'"),
  ];
  for (const text of later) {
    for (const release of RELEASES) {
      const parsed = parseBatch(text, release);
      assert.ok(!parsed.ok, text);
      assert.ok([102, 49_901].includes(parsed.error.number), `${release} ${parsed.error.number}`);
      assert.equal(parsed.error.number === 49_901, release === 2025, `${text} on ${release}`);
    }
  }
});

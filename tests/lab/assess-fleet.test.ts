/** The example of a fleet: its lab file, its migration files, and every line of the table in its README. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { systemClock } from '../../src/adapters/clock.ts';
import { loadMigration } from '../../src/adapters/config/load-migration.ts';
import { systemRandom } from '../../src/adapters/random.ts';
import { openServers } from '../../src/adapters/sqlserver/servers.ts';
import { assess } from '../../src/assess/assess.ts';
import { readDefinition } from '../../src/lab/definition-file.ts';
import { startLab } from '../../src/lab/lab.ts';

const EXAMPLE = new URL('../../examples/assess-fleet/', import.meta.url).pathname;
/** The first port in the migration files of the example. */
const FIRST_PORT = 14_340;

interface Row {
  readonly file: string;
  readonly rule: string;
  readonly outcome: string;
  readonly database: string | null;
}

/** The rows of the README's table. */
function promised(): readonly Row[] {
  const text = readFileSync(join(EXAMPLE, 'README.md'), 'utf8');
  return [...text.matchAll(/^\| `(\S+)` +\| `(\S+)` +\| (\S+) +\| (`[^|]*`)? *\|/gmu)].map(
    ([, file = '', rule = '', outcome = '', database]) => ({
      file,
      rule,
      outcome,
      database: database === undefined ? null : database.slice(1, -1),
    }),
  );
}

test('the fleet of the example has the troubles that its README promises', async (t) => {
  const read = readDefinition(
    readFileSync(join(EXAMPLE, '..', 'assess-fleet.lab.yaml'), 'utf8'),
    'assess-fleet.lab.yaml',
  );
  assert.ok(read.ok, JSON.stringify(read));
  const directory = mkdtempSync(join(tmpdir(), 'sqlferry-fleet-'));
  const bugs: unknown[] = [];
  const lab = await startLab({
    definition: read.value,
    directory,
    addresses: { kind: 'ports', basePort: 0 },
    clock: systemClock,
    random: systemRandom,
    onBug: (error) => bugs.push(error),
  });
  t.after(async () => {
    await lab.close();
    rmSync(directory, { recursive: true, force: true });
    assert.deepEqual(bugs, []);
  });
  const secret = readFileSync(join(directory, 'passwords', 'sa'), 'utf8').trim();
  const env = { SQLFERRY_SOURCE_PASSWORD: secret, SQLFERRY_TARGET_PASSWORD: secret };
  const rows = promised();
  assert.ok(rows.length > 10, 'the table of the README is read');
  for (const file of new Set(rows.map((row) => row.file))) {
    // The example's ports are fixed for people; a test takes the lab's own.
    const text = readFileSync(join(EXAMPLE, file), 'utf8')
      .replaceAll(/port: (\d+)/gu, (_all, port: string) => {
        const instance = lab.instances[Number(port) - FIRST_PORT];
        return `port: ${instance?.port}`;
      })
      .replace('./lab/ca.pem', './ca.pem');
    const path = join(directory, file);
    writeFileSync(path, text);
    const loaded = loadMigration({ path, env });
    assert.ok(loaded.ok, JSON.stringify(loaded));
    const servers = openServers({ loaded: loaded.value, clock: systemClock });
    const facts = await servers.assess(new AbortController().signal);
    servers.close();
    const { findings } = assess(facts, loaded.value.migration);
    for (const row of rows.filter((each) => each.file === file)) {
      const found = findings.filter(
        ({ id, database }) =>
          id === row.rule && (row.database === null || database === row.database),
      );
      assert.ok(
        found.some(({ outcome }) => outcome === row.outcome),
        `${file}: ${row.rule} is ${found.map((one) => `${one.outcome}: ${one.evidence}`).join(' / ')}`,
      );
    }
  }
});

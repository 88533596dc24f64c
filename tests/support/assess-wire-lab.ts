/** Servers for a lab case of the assessment behind TCP and TLS, reached by the driver like any server. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { systemClock } from '../../src/adapters/clock.ts';
import { loadMigration } from '../../src/adapters/config/load-migration.ts';
import { systemRandom } from '../../src/adapters/random.ts';
import { openServers } from '../../src/adapters/sqlserver/servers.ts';
import { openSession } from '../../src/adapters/sqlserver/session.ts';
import { startLab } from '../../src/lab/lab.ts';
import type { AssessFacts } from '../../src/model/assess-facts.ts';
import type { Migration } from '../../src/model/migration.ts';
import type { AssessCase } from '../lab/assess-case/case.ts';
import { caseDefinition, caseMigration, prepareCase } from './assess-lab.ts';

const LIMIT_MS = 20_000;
const never = new AbortController().signal;

/** What a test needs of the servers. */
export interface WireAssessLab {
  facts(login: string, migration: Migration): Promise<AssessFacts>;
}

/** Starts the servers of a case; they end with the test. */
export async function startWireAssessLab(
  context: Pick<TestContext, 'after'>,
  given: AssessCase,
): Promise<WireAssessLab> {
  const directory = mkdtempSync(join(tmpdir(), 'sqlferry-assess-'));
  const bugs: unknown[] = [];
  const definition = caseDefinition(given);
  const lab = await startLab({
    definition,
    directory,
    settings: { seedingMs: 100, seedingRetryMs: 50, tickMs: 20 },
    addresses: { kind: 'ports', basePort: 0 },
    clock: systemClock,
    random: systemRandom,
    onBug: (error) => bugs.push(error),
  });
  context.after(async () => {
    await lab.close();
    rmSync(directory, { recursive: true, force: true });
    assert.deepEqual(bugs, []);
  });
  const read = loadMigration({ path: join(directory, 'sqlferry.yaml'), env: {} });
  assert.ok(read.ok, read.ok ? '' : JSON.stringify(read.error));
  const { connections } = read.value;
  const migration = caseMigration(definition);
  await prepareCase(
    {
      migration,
      sleep: (ms) => systemClock.sleep(ms),
      monotonic: () => systemClock.monotonic(),
      async run(name, text) {
        const side = migration.source.instances[0].name === name ? 'source' : 'target';
        const opened = await openSession(connections[side], systemClock, never);
        assert.ok(opened.ok, opened.ok ? '' : JSON.stringify(opened.error));
        const answer = await opened.value.execute({
          text,
          parameters: [],
          limitMs: LIMIT_MS,
          signal: never,
        });
        opened.value.close();
        assert.ok(answer.kind === 'ended', JSON.stringify(answer));
        assert.deepEqual(answer.reply.errors, [], `${name}: ${text}`);
        return answer.reply.sets[0]?.rows ?? [];
      },
    },
    given,
  );
  for (const fault of given.faults ?? []) assert.ok(lab.fault(fault).ok, JSON.stringify(fault));
  return {
    async facts(user, wanted) {
      const as = (side: 'source' | 'target') => ({
        ...connections[side],
        user,
        password: lab.password(user),
      });
      const servers = openServers({
        loaded: {
          ...read.value,
          migration: wanted,
          connections: { source: as('source'), target: as('target') },
        },
        clock: systemClock,
      });
      const facts = await servers.assess(never);
      servers.close();
      return facts;
    },
  };
}

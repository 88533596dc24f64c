/**
 * The facts of a fleet: 100 instances with 100 databases each, every one behind a link of 20 ms, against
 * the time of one of them.
 *
 * The servers give an answer that the lab gave once for one database, repeated under 100 names; they run
 * in a thread of their own. Everything on the side of the tool is what `assess` runs: connector, TLS,
 * driver, decoder, rules.
 */

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { systemClock } from '../src/adapters/clock.ts';
import type { ConnectionSettings } from '../src/adapters/config/load-migration.ts';
import { lookAtMany, type FactsLook } from '../src/adapters/sqlserver/assess-look.ts';
import { makeLink, type InstanceLink } from '../src/adapters/sqlserver/link.ts';
import { assess } from '../src/assess/assess.ts';
import { Secret } from '../src/base/secret.ts';
import { issue, makeAuthority } from '../src/lab/server/certificate.ts';
import type { Migration } from '../src/model/migration.ts';
import { recordFleetAnswer } from '../tests/support/record-fleet.ts';
import { line, median } from './measure.ts';

const INSTANCES = 100;
const DATABASES = 100;
const DELAY_MS = 20;
/** Instances that are asked at the same time. */
const AT_ONCE = 100;
const ROUNDS = 3;

const authority = makeAuthority({ commonName: 'fleet CA', now: systemClock.now() });

/** Prints the ratio and the requests per instance. */
export async function assessFleet(): Promise<void> {
  const { recording, migration } = await recordFleetAnswer(DATABASES);
  const certificate = issue(authority, { names: ['fleet.contoso.com'], addresses: ['127.0.0.1'] });
  const worker = new Worker(new URL('./assess-fleet-worker.ts', import.meta.url), {
    workerData: { recording, instances: INSTANCES, delayMs: DELAY_MS, certificate },
  });
  const [{ ports }] = (await once(worker, 'message')) as [{ readonly ports: readonly number[] }];
  // The first connection of a program pays for the compiler.
  await ask(migration, ports.slice(0, 2));
  const single: number[] = [];
  for (let round = 0; round < 2 * ROUNDS; round += 1)
    single.push(await ask(migration, ports.slice(round, round + 1)));
  const fleet: number[] = [];
  const before = process.threadCpuUsage();
  for (let round = 0; round < ROUNDS; round += 1) fleet.push(await ask(migration, ports));
  const { user, system } = process.threadCpuUsage(before);
  const cpu = (user + system) / 1000 / (ROUNDS * INSTANCES);
  const one = median(single);
  const all = median(fleet);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  worker.postMessage('count');
  const [{ asked }] = (await once(worker, 'message')) as [{ readonly asked: number }];
  await worker.terminate();
  const looks = 2 + 2 * ROUNDS + ROUNDS * INSTANCES;
  line(
    'requests per instance',
    (asked / looks).toFixed(2),
    `${looks} instances were asked`,
    asked / looks,
  );
  line(
    'work of the tool per instance',
    `${cpu.toFixed(1)} ms`,
    `one instance: ${one.toFixed(0)} ms`,
    cpu / one,
  );
  line(
    `${INSTANCES} instances x ${DATABASES} databases at ${DELAY_MS} ms`,
    `${all.toFixed(0)} ms`,
    `one instance: ${one.toFixed(0)} ms`,
    all / one,
  );
}

/** Reads and judges the instances, all at once; milliseconds. */
async function ask(migration: Migration, ports: readonly number[]): Promise<number> {
  const links: InstanceLink[] = [];
  const looks = ports.map((port): FactsLook => {
    const link = makeLink(settingsOf(port), systemClock);
    links.push(link);
    const signal = new AbortController().signal;
    return { link, migration, side: 'source', instance: `Recorded${port}`, signal };
  });
  const begin = performance.now();
  const facts = await lookAtMany(looks, AT_ONCE);
  const elapsed = performance.now() - begin;
  for (const link of links) link.close();
  for (const source of facts) {
    if (!source.databases.known || source.databases.value.length !== DATABASES)
      throw new Error(`not read: ${JSON.stringify(source.databases).slice(0, 300)}`);
  }
  const [source] = facts;
  if (
    source === undefined ||
    assess({ source, target: source, replicas: [] }, migration).findings.length === 0
  )
    throw new Error('nothing was found');
  return elapsed;
}

function settingsOf(port: number): ConnectionSettings {
  return {
    side: 'source',
    instance: `Recorded${port}`,
    fqdn: 'fleet.contoso.com',
    host: '127.0.0.1',
    port,
    user: 'sa',
    password: new Secret('nobody asks for it'),
    domain: null,
    tls: { encrypt: 'mandatory', trustServerCertificate: false, ca: authority.certificate },
  };
}

/** The estimates of `assess`, from the facts of both sides. Pure. */

import { sameName } from '../base/name.ts';
import type { Circumstances, DatabaseCircumstance } from '../model/circumstance.ts';
import type { AssessFacts, SideFacts } from '../model/assess-facts.ts';
import type { VolumeFacts } from '../model/assess-capacity.ts';
import type { DatabaseToCopy, Estimate } from '../model/estimate.ts';
import type { Fact } from '../model/fact.ts';
import type { Migration } from '../model/migration.ts';
import { selectedFacts } from './database-rule.ts';
import { estimateSeeding } from './estimate.ts';
import { estimateLink } from './estimate-link.ts';
import { copyOf } from './estimate-size.ts';

const DAY_SECONDS = 86_400;

/** What the migration will take, as far as the facts tell; empty while the databases cannot be seen. */
export function estimates(facts: AssessFacts, migration: Migration): readonly Estimate[] {
  const { source, target } = facts;
  if (!source.databases.known) return [];
  const flow = valueOf(source.flow);
  const there = valueOf(target.databases) ?? [];
  const databases = selectedFacts(source.databases.value, migration)
    .filter(
      ({ name }) => !there.some((copy) => sameName(copy.name, name) && copy.inAvailabilityGroup),
    )
    .map(({ name }) => databaseOf(name, { source, flow }));
  const server = valueOf(source.server);
  return estimateSeeding({
    bandwidth: estimateLink({
      circumstances: flow,
      serverUtc: server?.utcNow ?? null,
      sendRatesKb: [],
      receiver: migration.target,
    }),
    databases,
  });
}

function databaseOf(
  name: string,
  { source, flow }: { readonly source: SideFacts; readonly flow: Circumstances | null },
): DatabaseToCopy {
  const found = flow?.databases.find((each) => sameName(each.name, name)) ?? null;
  const backups = (valueOf(source.logBackups) ?? []).find(({ database }) =>
    sameName(database, name),
  );
  const copy = copyOf({
    name,
    circumstance: found,
    startedUtc: flow?.startedUtc ?? null,
    nowUtc: valueOf(source.server)?.utcNow ?? null,
  });
  const backedUp = backups === undefined || backups.backups === 0 ? null : backups;
  return {
    ...copy,
    // Log backups of a day say more than an average since the start, with its nights and weekends.
    ...(backedUp === null
      ? {}
      : {
          logBytesPerSecond: Math.max(backedUp.bytes / DAY_SECONDS, copy.logBytesPerSecond ?? 0),
          logRestsOn: `The log backups of the last 24 hours (${backedUp.backups}), or the average since the instance started when that is more.`,
        }),
    logGrowth: roomOf(name, source, found),
  };
}

/** The least of what MAXSIZE and the disk leave. */
function roomOf(
  name: string,
  source: SideFacts,
  found: DatabaseCircumstance | null,
): number | null {
  const limit = found?.logLimitBytes ?? null;
  const size = found?.logBytes ?? null;
  const bySize = limit === null || size === null ? null : Math.max(0, limit - size);
  const files = (valueOf(source.files) ?? []).filter(
    (file) => file.typeDesc === 'LOG' && sameName(file.database, name),
  );
  const volumes = valueOf(source.volumes) ?? [];
  const free = files.flatMap(({ physicalName }) => volumeOf(physicalName, volumes));
  const byDisk = free.length === 0 ? null : Math.max(...free);
  const both = [bySize, byDisk].filter((each) => each !== null);
  return both.length === 0 ? null : Math.min(...both);
}

/** Free bytes of the volume with the longest mount point that the path begins with. */
function volumeOf(path: string, volumes: readonly VolumeFacts[]): readonly number[] {
  const fits = volumes.filter(({ mountPoint }) =>
    path.toLowerCase().startsWith(mountPoint.toLowerCase()),
  );
  const [best] = fits.toSorted((one, other) => other.mountPoint.length - one.mountPoint.length);
  return best === undefined ? [] : [best.availableBytes];
}

function valueOf<T>(fact: Fact<T>): T | null {
  return fact.known ? fact.value : null;
}

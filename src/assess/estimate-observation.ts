/** The estimates of `status` and `plan`, from one look at both sides. Pure. */

import { sameName } from '../base/name.ts';
import type { DatabaseToCopy, Estimate } from '../model/estimate.ts';
import type { Fact } from '../model/fact.ts';
import type { Migration } from '../model/migration.ts';
import type { DatabaseObservation, Observation } from '../model/observation.ts';
import { estimateOutage, estimateSeeding, type OutageInput } from './estimate.ts';
import { estimateLink } from './estimate-link.ts';
import { copyOf } from './estimate-size.ts';

/** What the estimates of a look are made from. */
export interface LookInput {
  readonly observation: Observation;
  readonly migration: Migration;
  /** Outage of a cutover now; `null` where none can follow. */
  readonly outage: OutageInput | null;
}

/** Seeding of what has not arrived, and the outage of a cutover. */
export function estimatesOfLook({
  observation,
  migration,
  outage,
}: LookInput): readonly Estimate[] {
  const { source, target } = observation;
  const flow = valueOf(source.circumstances);
  const nowUtc = valueOf(source.serverUtc);
  const here = valueOf(source.databases) ?? [];
  const there = valueOf(target.databases) ?? [];
  const switched = valueOf(target.distributed)?.localRoleDesc === 'PRIMARY';
  const left = switched
    ? []
    : selected(here, migration).filter(({ name }) => !hasArrived(name, there));
  const databases = left.map((database): DatabaseToCopy => {
    const circumstance = flow?.databases.find((each) => sameName(each.name, database.name)) ?? null;
    const copy = copyOf({
      name: database.name,
      circumstance,
      startedUtc: flow?.startedUtc ?? null,
      nowUtc,
    });
    return { ...copy, ...shownLeft(database) };
  });
  return [
    ...estimateSeeding({
      bandwidth: estimateLink({
        circumstances: flow,
        serverUtc: nowUtc,
        receiver: migration.target,
        sendRatesKb: here.flatMap(({ distributed }) => distributed?.logSendRateKb ?? []),
      }),
      databases,
    }),
    ...(outage === null ? [] : [estimateOutage(outage)]),
  ];
}

/** What a running seeding shows is exact. */
function shownLeft({ seeding }: DatabaseObservation): Partial<DatabaseToCopy> {
  if (seeding === null || seeding.transferredBytes === null || seeding.totalBytes === null)
    return {};
  if (!/^(?:SEEDING|CATCHUP)$/iu.test(seeding.stateDesc)) return {};
  const left = Math.max(0, seeding.totalBytes - seeding.transferredBytes);
  return {
    left: { low: left, high: left },
    sizeRestsOn: 'What the running seeding still has to send.',
  };
}

function selected(
  databases: readonly DatabaseObservation[],
  migration: Migration,
): readonly DatabaseObservation[] {
  if (migration.databases.kind === 'all') return databases;
  const { names } = migration.databases;
  return databases.filter(({ name }) => names.some((other) => sameName(other, name)));
}

function hasArrived(name: string, there: readonly DatabaseObservation[]): boolean {
  return there.some((copy) => sameName(copy.name, name) && copy.local !== null);
}

function valueOf<T>(fact: Fact<T> | undefined): T | null {
  return fact?.known === true ? fact.value : null;
}

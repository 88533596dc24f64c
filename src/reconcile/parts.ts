/**
 * The parts of an observation that rules may read, by name.
 *
 * A rule says which parts it needs and gets their values only when all of them are known: that is
 * how "unknown never satisfies a precondition" (INV-11) holds by construction.
 */

import type { Fact } from '../model/fact.ts';
import type {
  AvailabilityGroupObservation,
  DatabaseObservation,
  DistributedObservation,
  EndpointObservation,
  LoginObservation,
  Observation,
  ServerObservation,
  SessionObservation,
  WindowsLoginObservation,
} from '../model/observation.ts';
import type { ControlState, DeadManState, Leadership } from '../model/register.ts';

/** What each part holds when it is known. */
export interface PartValues {
  readonly sourceServer: ServerObservation;
  readonly targetServer: ServerObservation;
  readonly sourceEndpoint: EndpointObservation | null;
  readonly targetEndpoint: EndpointObservation | null;
  readonly sourceGroup: AvailabilityGroupObservation | null;
  readonly targetGroup: AvailabilityGroupObservation | null;
  readonly sourceDag: DistributedObservation | null;
  readonly targetDag: DistributedObservation | null;
  readonly sourceDatabases: readonly DatabaseObservation[];
  readonly targetDatabases: readonly DatabaseObservation[];
  readonly sourceWindowsLogins: readonly WindowsLoginObservation[];
  readonly targetWindowsLogins: readonly WindowsLoginObservation[];
  readonly sourceFenceLogins: readonly LoginObservation[];
  readonly targetFenceLogins: readonly LoginObservation[];
  readonly sourceSessions: readonly SessionObservation[];
  readonly sourceOperators: readonly SessionObservation[];
  readonly targetOperators: readonly SessionObservation[];
  readonly sourceControl: ControlState;
  readonly targetControl: ControlState;
  readonly sourceDeadMan: DeadManState;
  readonly targetDeadMan: DeadManState;
  readonly sourceLeadership: Leadership;
  readonly targetLeadership: Leadership;
  /** The source's own clock, ISO 8601 UTC. */
  readonly sourceClock: string;
}

/** Name of a part. */
export type PartName = keyof PartValues;

const readers: { readonly [K in PartName]: (observation: Observation) => Fact<PartValues[K]> } = {
  sourceServer: (seen) => seen.source.server,
  targetServer: (seen) => seen.target.server,
  sourceEndpoint: (seen) => seen.source.endpoint,
  targetEndpoint: (seen) => seen.target.endpoint,
  sourceGroup: (seen) => seen.source.availabilityGroup,
  targetGroup: (seen) => seen.target.availabilityGroup,
  sourceDag: (seen) => seen.source.distributed,
  targetDag: (seen) => seen.target.distributed,
  sourceDatabases: (seen) => seen.source.databases,
  targetDatabases: (seen) => seen.target.databases,
  sourceWindowsLogins: (seen) => seen.source.windowsLogins,
  targetWindowsLogins: (seen) => seen.target.windowsLogins,
  sourceFenceLogins: (seen) => seen.source.fenceLogins,
  targetFenceLogins: (seen) => seen.target.fenceLogins,
  sourceSessions: (seen) => seen.source.sessions,
  sourceOperators: (seen) => seen.source.operators,
  targetOperators: (seen) => seen.target.operators,
  sourceControl: (seen) => seen.source.control,
  targetControl: (seen) => seen.target.control,
  sourceDeadMan: (seen) => seen.source.deadMan,
  targetDeadMan: (seen) => seen.target.deadMan,
  sourceLeadership: (seen) => seen.source.leadership,
  targetLeadership: (seen) => seen.target.leadership,
  sourceClock: (seen) => seen.source.serverUtc,
};

/** Words for a part, for people. */
export const partTitles: Readonly<Record<PartName, string>> = {
  sourceServer: 'properties of the source instance',
  targetServer: 'properties of the target instance',
  sourceEndpoint: 'database mirroring endpoint of the source',
  targetEndpoint: 'database mirroring endpoint of the target',
  sourceGroup: 'availability group of the source',
  targetGroup: 'availability group of the target',
  sourceDag: 'distributed availability group as the source sees it',
  targetDag: 'distributed availability group as the target sees it',
  sourceDatabases: 'databases of the source',
  targetDatabases: 'databases of the target',
  sourceWindowsLogins: 'Windows logins of the source',
  targetWindowsLogins: 'Windows logins of the target',
  sourceFenceLogins: 'application logins of the source',
  targetFenceLogins: 'application logins of the target',
  sourceSessions: 'sessions in the databases of the source',
  sourceOperators: 'other sqlferry sessions on the source',
  targetOperators: 'other sqlferry sessions on the target',
  sourceControl: 'commit register on the source',
  targetControl: 'commit register on the target',
  sourceDeadMan: 'dead-man on the source',
  targetDeadMan: 'dead-man on the target',
  sourceLeadership: 'leadership lock on the source',
  targetLeadership: 'leadership lock on the target',
  sourceClock: 'clock of the source',
};

/** Values of the parts, or the first one that is not known. */
export type PartsResult<K extends PartName> =
  | { readonly known: true; readonly values: Pick<PartValues, K> }
  | { readonly known: false; readonly part: K; readonly because: string };

/** Reads the named parts. */
export function readParts<K extends PartName>(
  observation: Observation,
  names: readonly K[],
): PartsResult<K> {
  const values: Partial<Record<PartName, unknown>> = {};
  for (const name of names) {
    const fact = readers[name](observation);
    if (!fact.known) return { known: false, part: name, because: fact.because };
    values[name] = fact.value;
  }
  return { known: true, values: values as Pick<PartValues, K> };
}

/** The value of one part, or null when it is not known; for explanations only, never for preconditions. */
export function glance<K extends PartName>(
  observation: Observation,
  name: K,
): PartValues[K] | null {
  const fact: Fact<PartValues[K]> = readers[name](observation);
  return fact.known ? fact.value : null;
}

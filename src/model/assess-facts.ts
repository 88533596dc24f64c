/**
 * What `assess` reads: one batch per instance, every instance in parallel.
 *
 * Every part is a `Fact`: a login that may not look gives `unknown(reason)`, never an empty list.
 * A family of parts is in `assess-<family>.ts`, the queries and decoders that fill it are in
 * `sql/view/assess/`; what follows from it is in `assess/`. Field names are the columns of the views in
 * camelCase.
 */

import type { CapacityParts } from './assess-capacity.ts';
import type { DatabaseParts } from './assess-database.ts';
import type { EndpointParts } from './assess-endpoint.ts';
import type { FlowParts } from './assess-flow.ts';
import type { GroupParts } from './assess-group.ts';
import type { NetworkParts } from './assess-network.ts';
import type { ObjectParts } from './assess-objects.ts';
import type { ReplicaParts } from './assess-replica.ts';
import type { ServerObjectParts } from './assess-server-object.ts';
import type { PermissionFacts, ServerParts } from './assess-server.ts';
import type { SettingParts } from './assess-setting.ts';
import type { Fact } from './fact.ts';
import type { Problem } from './problem.ts';
import type { Side } from './side.ts';

/** Every part but the rights, as it is when it could be read. */
export type SideParts = CapacityParts &
  SettingParts &
  ServerObjectParts &
  ServerParts &
  ObjectParts &
  DatabaseParts &
  EndpointParts &
  GroupParts &
  NetworkParts &
  FlowParts &
  ReplicaParts;

/** Every part with the rights, which are read first and decide which of the others may be trusted. */
export type ReadParts = SideParts & { readonly permissions: PermissionFacts };

/** Name of a part. */
export type PartName = keyof ReadParts;

/** Every instance, read in parallel. */
export interface AssessFacts {
  /** The source's acting instance: the local primary, else the first of the migration file. */
  readonly source: SideFacts;
  /** The target's acting instance. */
  readonly target: SideFacts;
  /** The other instances of both sides, in the order of the file; none on the standalone path. */
  readonly replicas: readonly SideFacts[];
}

/** One instance as one batch saw it. */
export type SideFacts = SideHeader & PartFacts;

/** Every part as a fact of its own. */
export type PartFacts = { readonly [P in PartName]: Fact<ReadParts[P]> };

/** Who was asked, and whether it may be believed. */
export interface SideHeader {
  readonly side: Side;
  /** Name from the migration file. */
  readonly instance: string;
  /** An unreachable side has every other part unknown; `broken`: it stopped answering, what came before counts. */
  readonly connection:
    | { readonly kind: 'connected' }
    | { readonly kind: 'broken'; readonly problem: Problem; readonly during: string | null }
    | { readonly kind: 'unreachable'; readonly problem: Problem };
}

/** The facts of one side's acting instance. */
export function factsOf(facts: AssessFacts, side: Side): SideFacts {
  return side === 'source' ? facts.source : facts.target;
}

/** Every instance of one side, the acting one first. */
export function instancesOf(facts: AssessFacts, side: Side): readonly SideFacts[] {
  return [factsOf(facts, side), ...facts.replicas.filter((replica) => replica.side === side)];
}

/** The time without a writable copy, part by part; the same parts are predicted and measured. */

/** Parts of an outage, in milliseconds; they add up to `totalMs`. */
export interface OutageParts {
  readonly totalMs: number;
  /** Log that had not arrived, or was not redone, when the role was given away. */
  readonly queueMs: number;
  /** The batch that gives the role away, on its server. */
  readonly demoteMs: number;
  /** The batch that takes the role, on its server, until every database takes a commit. */
  readonly promoteMs: number;
  /** Ways between this machine and the servers. */
  readonly roundTripsMs: number;
}

/** Role changes of these databases as they were measured. */
export interface RoleChangeMeasure {
  /** Time of the demotion on its server, in milliseconds. */
  readonly demoteMs: number;
  /** Time of the promotion on its server, in milliseconds. */
  readonly promoteMs: number;
  /** How many databases changed their role with it. */
  readonly databases: number;
  /** What measured it. */
  readonly by: 'cutover' | 'failback' | 'abort';
  /** When, ISO 8601 UTC. */
  readonly at: string;
}

/** A prediction: the parts, and where they come from. */
export interface OutagePrediction extends OutageParts {
  /** Database with the longest queues; null when none has any. */
  readonly slowest: string | null;
  /** Databases that change their role together. */
  readonly databases: number;
  /** The switch that the role changes were taken from; null when they are the default. */
  readonly measured: RoleChangeMeasure | null;
}

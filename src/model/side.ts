/** The two ends of a migration. They are fixed for its life; the roles of the DAG move between them. */
export type Side = 'source' | 'target';

/** The other end. */
export function otherSide(side: Side): Side {
  return side === 'source' ? 'target' : 'source';
}

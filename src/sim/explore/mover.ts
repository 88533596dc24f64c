/** Who makes a move of the small world: what the checks over the whole graph tell apart. */

/** Who moves. */
export type Mover =
  /** The servers between themselves: messages, timers, timeouts, the end of a dead session. */
  | 'server'
  /** The job of the demoting side. */
  | 'dead-man'
  /** A batch that has reached its server: it goes on whatever becomes of its client. */
  | 'batch'
  /** The process of an operator: it looks, decides, sends; a batch that it sent arrives. */
  | 'operator'
  /** A person starts sqlferry, or acts beside it. */
  | 'person'
  | 'application'
  /** A deadline passes. */
  | 'clock'
  /** The network heals. */
  | 'network';

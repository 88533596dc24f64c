/** Rules that turn automatic failover off for the time of a switch and give it back (docs/adr/0008). */

import { shownName, shownNames } from '../../base/name.ts';
import type { DistributedObservation, Observation } from '../../model/observation.ts';
import type { ControlState } from '../../model/register.ts';
import { dagRole, holds, sides } from '../look.ts';
import { isLive, isOwed, registerOf } from '../register-look.ts';
import { groupedSides, replicasOf } from '../replica-look.ts';
import { rule, type Rule } from '../rule.ts';

/** Replicas of both groups that fail over by themselves. */
export function automaticReplicas(observation: Observation): readonly string[] {
  return sides.flatMap((side) =>
    (replicasOf(observation, side) ?? [])
      .filter((row) => row.failoverModeDesc === 'AUTOMATIC')
      .map((row) => row.serverName),
  );
}

/** No local failover in the middle of the switch. */
export const failoverManual = rule({
  id: 'R-FAILOVER-MANUAL',
  phase: 'synchronise',
  title: 'Set the failover mode of a replica to manual for the switch',
  why: 'The register and the dead-man are on the primaries of today. With automatic failover off no side can move to another replica in the middle of the switch; what was automatic is recorded and given back.',
  emits: 'set-failover-mode',
  reversal: 'The same statement with AUTOMATIC: the end of the cutover does it, or sqlferry abort.',
  reference: 'alterGroup',
  needs: ['sourceDag', 'targetDag', 'sourceControl'],
  match: ({ sourceDag, targetDag, sourceControl }, { observation, migration }) => {
    if (dagRole(sourceDag) !== 'PRIMARY' || dagRole(targetDag) !== 'SECONDARY') return null;
    const recorded = registerOf(sourceControl)?.prior?.automaticReplicas ?? [];
    for (const side of groupedSides(migration)) {
      for (const row of replicasOf(observation, side) ?? []) {
        if (row.failoverModeDesc !== 'AUTOMATIC' || !holds(recorded, row.serverName)) continue;
        return {
          kind: 'act',
          because: `${shownName(row.serverName)} on the ${side} fails over automatically.`,
          act: { kind: 'set-failover-mode', side, replica: row.serverName, mode: 'MANUAL' },
        };
      }
    }
    return null;
  },
});

/** A replica that was not recorded fails over by itself. */
export const failoverDrifted = rule({
  id: 'R-FAILOVER-DRIFTED',
  phase: 'synchronise',
  title: 'Stop: a replica was set to automatic failover since the cutover began',
  why: 'The register records what was automatic before the first change; something else set this one, and it would fail over in the middle of the switch.',
  emits: 'needs-human',
  reversal: null,
  reference: 'alterGroup',
  needs: ['sourceDag', 'targetDag'],
  when: ({ migration }) => groupedSides(migration).length > 0,
  match: ({ sourceDag, targetDag }, { observation }) => {
    if (dagRole(sourceDag) !== 'PRIMARY' || dagRole(targetDag) !== 'SECONDARY') return null;
    const names = automaticReplicas(observation);
    return names.length === 0
      ? null
      : {
          kind: 'needs-human',
          because: `${shownNames(names)} fails over automatically, and the register does not say that it did before the cutover.`,
          remedy:
            'Run sqlferry abort, then the same command again: it records the modes anew. Or set it back: MODIFY REPLICA ON ... WITH (FAILOVER_MODE = MANUAL).',
        };
  },
});

/** What was automatic is automatic again. */
const failoverRestore = rule({
  id: 'R-FAILOVER-RESTORE',
  phase: 'verify',
  title: 'Give a replica its automatic failover back',
  why: 'The switch is over, or taken back; it was set to manual only for the time of the switch.',
  emits: 'set-failover-mode',
  reversal: 'The same statement with MANUAL.',
  reference: 'alterGroup',
  needs: ['sourceDag', 'targetDag', 'sourceControl'],
  when: ({ migration }) => groupedSides(migration).length > 0,
  match: (parts, { observation, migration, intent }) => {
    if (!isOver(parts, intent.goal === 'abort')) return null;
    const recorded = registerOf(parts.sourceControl)?.prior?.automaticReplicas ?? [];
    for (const side of groupedSides(migration).toReversed()) {
      for (const row of replicasOf(observation, side) ?? []) {
        const isDue = row.failoverModeDesc === 'MANUAL' && holds(recorded, row.serverName);
        // A replica that commits asynchronously cannot fail over automatically.
        if (!isDue || row.availabilityModeDesc !== 'SYNCHRONOUS_COMMIT') continue;
        return {
          kind: 'act',
          because: `${shownName(row.serverName)} on the ${side} failed over automatically before the switch.`,
          act: { kind: 'set-failover-mode', side, replica: row.serverName, mode: 'AUTOMATIC' },
        };
      }
    }
    return null;
  },
});

/** Nothing is owed any more. */
const failoverRestored = rule({
  id: 'R-FAILOVER-RESTORED',
  phase: 'verify',
  title: 'Strike the failover modes from the register: they are given back',
  why: 'Who sets one to manual on purpose later must not find it automatic again.',
  emits: 'record-prior-state',
  reversal: 'None needed: it only records.',
  reference: 'configure',
  needs: ['sourceDag', 'targetDag', 'sourceControl'],
  when: ({ migration }) => groupedSides(migration).length > 0,
  match: (parts, { intent }) => {
    const register = registerOf(parts.sourceControl);
    const prior = register?.prior ?? null;
    if (prior === null || isLive(register) || !isOver(parts, intent.goal === 'abort')) return null;
    return (prior.automaticReplicas ?? []).length === 0
      ? null
      : {
          kind: 'act',
          because: 'Every replica that failed over automatically before the switch does so again.',
          act: {
            kind: 'record-prior-state',
            side: 'source',
            prior: { ...prior, automaticReplicas: [] },
          },
        };
  },
});

/** Automatic failover as before the switch; wherever a switch ends. */
export const modesRestored: readonly Rule[] = [failoverRestore, failoverRestored];

function isOver(
  {
    sourceDag,
    targetDag,
    sourceControl,
  }: {
    readonly sourceDag: DistributedObservation | null;
    readonly targetDag: DistributedObservation | null;
    readonly sourceControl: ControlState;
  },
  isAbort: boolean,
): boolean {
  const register = registerOf(sourceControl);
  if (register === null || register.phase === 'fenced') return false;
  if (dagRole(targetDag) === 'PRIMARY') return dagRole(sourceDag) !== 'PRIMARY';
  return isAbort && dagRole(sourceDag) === 'PRIMARY' && !isOwed(register);
}

/** What the control databases, the dead-man and the locks will show after an act. */

import { unreachable } from '../base/assert.ts';
import type { Act } from '../model/act.ts';
import { known } from '../model/fact.ts';
import { sideIdentity, type Migration } from '../model/migration.ts';
import type { Observation } from '../model/observation.ts';
import { sideOf } from '../model/observation.ts';
import {
  registerProtocol,
  type CommitRegister,
  type ControlState,
  type RefusedEpoch,
} from '../model/register.ts';
import { otherSide, type Side } from '../model/side.ts';
import { behind, planOf } from './look.ts';
import { glance } from './parts.ts';
import { map, patch, withDag } from './patch.ts';

/** A deadline that has not passed; what it is worth depends on the server's clock at the time. */
const someDeadline = '9999-12-31T00:00:00.000Z';

/** Acts that change the register, the dead-man or the locks, and no role. */
export type RegisterAct = Extract<
  Act,
  {
    readonly kind:
      | 'create-control-database'
      | 'create-register'
      | 'drop-register'
      | 'create-dead-man'
      | 'rehearse-dead-man'
      | 'drop-dead-man'
      | 'set-required-secondaries'
      | 'record-prior-state'
      | 'commit-epoch'
      | 'close-epoch'
      | 'refuse-epoch'
      | 'take-over';
  }
>;

const registerActs: ReadonlySet<Act['kind']> = new Set<RegisterAct['kind']>([
  'create-control-database',
  'create-register',
  'drop-register',
  'create-dead-man',
  'rehearse-dead-man',
  'drop-dead-man',
  'set-required-secondaries',
  'record-prior-state',
  'commit-epoch',
  'close-epoch',
  'refuse-epoch',
  'take-over',
]);

/** Whether the act changes nothing but the register, the dead-man, the option or the locks. */
export function isRegisterAct(act: Act): act is RegisterAct {
  return registerActs.has(act.kind);
}

/** The observation after the act, as far as the register, the dead-man and the locks go. */
export function predictRegister(
  observation: Observation,
  act: RegisterAct,
  migration: Migration,
): Observation {
  const { side } = act;
  switch (act.kind) {
    case 'create-control-database':
      return patch(observation, side, { control: known({ kind: 'no-row' }) });
    case 'create-register':
      return patch(observation, side, { control: known(newControl(migration, act)) });
    case 'drop-register':
      return patch(observation, side, { control: known({ kind: 'missing' }) });
    case 'create-dead-man':
      return withDeadMan(observation, side, { jobExists: true, rehearsedUtc: null });
    case 'rehearse-dead-man':
      return withDeadMan(observation, side, {
        rehearsedUtc: clockOf(observation, side),
      });
    case 'drop-dead-man':
      return withDeadMan(observation, side, { jobExists: false, rehearsedUtc: null });
    case 'set-required-secondaries':
      return withDag(observation, side, (dag) => ({
        ...dag,
        requiredSynchronizedSecondariesToCommit: act.value,
      }));
    case 'record-prior-state':
      return withRegister(observation, side, { prior: act.prior });
    case 'commit-epoch':
      return withRegister(observation, side, { phase: 'committing', deadlineUtc: null });
    case 'close-epoch':
      return withRegister(observation, side, { phase: 'done', deadlineUtc: null });
    case 'refuse-epoch':
      return withRefused(observation, side, act.epoch);
    case 'take-over':
      return patch(observation, side, {
        leadership: known({ kind: 'ours' }),
        operators: known([]),
      });
  }
  return unreachable(act);
}

/** The register after a demotion or after the role was given back; roles are predicted elsewhere. */
export function predictEpoch(
  observation: Observation,
  act: Extract<Act, { readonly kind: 'demote' | 'give-back' }>,
): Observation {
  if (act.kind === 'give-back') {
    return withRegister(observation, act.side, { phase: 'aborted', deadlineUtc: null });
  }
  const fenced = withRegister(observation, act.side, {
    epoch: act.fromEpoch + 1n,
    phase: isProven(observation, act) ? 'committing' : 'fenced',
    deadlineUtc: someDeadline,
    isExpired: false,
  });
  return withRefused(fenced, act.side, act.refuseEpoch);
}

/** The batch compares what it reads after the role change with the target's LSNs; planned with what is shown now. */
function isProven(observation: Observation, act: Extract<Act, { kind: 'demote' }>): boolean {
  const other = act.side === 'source' ? 'targetDatabases' : 'sourceDatabases';
  return (
    act.targetLsns.length > 0 &&
    behind(act.targetLsns, glance(observation, other) ?? []).length === 0
  );
}

function newControl(
  migration: Migration,
  { side, epoch = 0n, refused = 0n }: Extract<Act, { kind: 'create-register' }>,
): ControlState {
  return {
    kind: 'present',
    register: {
      protocol: registerProtocol,
      epoch,
      phase: 'idle',
      deadlineUtc: null,
      isExpired: false,
      owner: '',
      targetId: sideIdentity(planOf(migration, otherSide(side))),
      prior: null,
      isIntact: true,
    },
    refused: {
      protocol: registerProtocol,
      epoch: refused,
      sourceId: sideIdentity(planOf(migration, otherSide(side))),
      isIntact: true,
    },
  };
}

function clockOf(observation: Observation, side: Side): string | null {
  const clock = sideOf(observation, side).serverUtc;
  return clock.known ? clock.value : null;
}

function withRegister(
  observation: Observation,
  side: Side,
  change: Partial<CommitRegister>,
): Observation {
  return patch(observation, side, {
    control: map(sideOf(observation, side).control, (control) =>
      control.kind === 'present'
        ? { ...control, register: { ...control.register, ...change } }
        : control,
    ),
  });
}

function withRefused(observation: Observation, side: Side, epoch: bigint): Observation {
  const raise = (refused: RefusedEpoch): RefusedEpoch =>
    refused.epoch >= epoch ? refused : { ...refused, epoch };
  return patch(observation, side, {
    control: map(sideOf(observation, side).control, (control) =>
      control.kind === 'present' ? { ...control, refused: raise(control.refused) } : control,
    ),
  });
}

function withDeadMan(
  observation: Observation,
  side: Side,
  change: { readonly jobExists?: boolean; readonly rehearsedUtc: string | null },
): Observation {
  return patch(observation, side, {
    deadMan: map(sideOf(observation, side).deadMan, (deadMan) => ({ ...deadMan, ...change })),
  });
}

/** The commit register, the dead-man and the predicted outage as `status` and `diagnose` show them. Pure. */

import { parseUtc } from '../base/utc.ts';
import type { Policy } from '../model/decision.ts';
import type { Fact } from '../model/fact.ts';
import type { Migration } from '../model/migration.ts';
import { sideOf } from '../model/observation.ts';
import type { Observation } from '../model/observation.ts';
import { otherSide } from '../model/side.ts';
import type { Side } from '../model/side.ts';
import { predictOutage } from '../reconcile/outage-prediction.ts';
import { demotingSide } from '../reconcile/register-look.ts';

/** The register of the side that gives, or last gave, the role away. */
export interface StatusRegister {
  readonly side: Side;
  /** `unknown` when it could not be read; the other words as in `ControlState`. */
  readonly state: 'unknown' | 'missing' | 'no-row' | 'newer-protocol' | 'present';
  readonly phase: string | null;
  /** Decimal text: epochs are bigint on the server. */
  readonly epoch: string | null;
  /** ISO 8601 UTC by that server's clock; null unless fenced. */
  readonly deadline: string | null;
  /** By that server's clock, never below 0; null without a deadline. */
  readonly secondsLeft: number | null;
  readonly owner: string | null;
  /** Highest epoch that the other side refuses to promote for. */
  readonly refusedEpoch: string | null;
  /** Both rows carry their seal; null when there is none to look at. */
  readonly intact: boolean | null;
}

/** Who gives the writes back, on the side that gives the role away. */
export interface StatusDeadMan {
  readonly kind: Migration['cutover']['deadMan'];
  readonly side: Side;
  readonly jobExists: boolean | null;
  readonly agentRunning: boolean | null;
  readonly jobRunning: boolean | null;
  readonly watcherConnected: boolean | null;
  /** ISO 8601 UTC; null when it was never tried. */
  readonly rehearsed: string | null;
}

/** The register. */
export function registerStatus(observation: Observation): StatusRegister {
  const side = demotingSide(observation);
  const own = sideOf(observation, side);
  const control = valueOf(own.control);
  const nothing = {
    phase: null,
    epoch: null,
    deadline: null,
    secondsLeft: null,
    owner: null,
    refusedEpoch: null,
    intact: null,
  };
  if (control === null) return { side, state: 'unknown', ...nothing };
  if (control.kind !== 'present') return { side, state: control.kind, ...nothing };
  const { register } = control;
  const other = valueOf(sideOf(observation, otherSide(side)).control);
  const refused = other?.kind === 'present' ? other.refused : null;
  return {
    side,
    state: 'present',
    phase: register.phase,
    epoch: register.epoch.toString(),
    deadline: register.deadlineUtc,
    secondsLeft: secondsLeft(register.deadlineUtc, valueOf(own.serverUtc)),
    owner: register.owner === '' ? null : register.owner,
    refusedEpoch: refused?.epoch.toString() ?? null,
    intact: register.isIntact && (refused?.isIntact ?? true),
  };
}

/** The dead-man. */
export function deadManStatus(observation: Observation, migration: Migration): StatusDeadMan {
  const side = demotingSide(observation);
  const state = valueOf(sideOf(observation, side).deadMan);
  return {
    kind: migration.cutover.deadMan,
    side,
    jobExists: state?.jobExists ?? null,
    agentRunning: state?.agentRunning ?? null,
    jobRunning: state?.jobRunning ?? null,
    watcherConnected: state?.watcherConnected ?? null,
    rehearsed: state?.rehearsedUtc ?? null,
  };
}

/** Outage a cutover would cause now, in milliseconds; null where no cutover can follow. */
export function predictedOutage(
  observation: Observation,
  migration: Migration,
  policy: Policy,
): number | null {
  const role = valueOf(observation.source.distributed)?.localRoleDesc;
  const reached = observation.target.connection.kind === 'connected';
  return role === 'PRIMARY' && reached
    ? predictOutage(observation, migration, policy).totalMs
    : null;
}

/** The register in one line for people. */
export function registerLine(register: StatusRegister): string {
  switch (register.state) {
    case 'unknown':
      return 'cannot be read';
    case 'missing':
    case 'no-row':
      return 'not there yet; sqlferry migrate creates it';
    case 'newer-protocol':
      return 'written by a newer sqlferry: use that version';
    case 'present':
      break;
  }
  if (register.intact === false)
    return 'changed by hand: its seal does not match, nothing acts on it';
  const epoch = `epoch ${register.epoch} ${register.phase} on the ${register.side}`;
  const left =
    register.secondsLeft === null
      ? ''
      : register.secondsLeft > 0
        ? `, the dead-man takes over in ${register.secondsLeft} s`
        : ', the deadline has passed';
  const owner = register.owner === null ? '' : `, by ${register.owner}`;
  return `${epoch}${left}${owner}`;
}

/** The dead-man in one line for people. */
export function deadManLine(deadMan: StatusDeadMan): string {
  const tried = deadMan.rehearsed === null ? 'not yet tried' : `tried ${deadMan.rehearsed}`;
  switch (deadMan.kind) {
    case 'off':
      return 'off: a fence that is abandoned stays until somebody runs sqlferry';
    case 'watcher':
      return deadMan.watcherConnected === true
        ? `sqlferry watch is connected, ${tried}`
        : 'no sqlferry watch is connected; start one before the cutover';
    case 'agent':
      break;
  }
  if (deadMan.jobExists === null) return 'its job cannot be seen';
  if (!deadMan.jobExists) return 'no job yet; sqlferry migrate creates it';
  const agent = deadMan.agentRunning === false ? ', SQL Server Agent is stopped' : '';
  return `${deadMan.jobRunning === true ? 'job is on guard' : 'job is ready'}${agent}, ${tried}`;
}

function valueOf<T>(fact: Fact<T>): T | null {
  return fact.known ? fact.value : null;
}

function secondsLeft(deadline: string | null, now: string | null): number | null {
  const end = deadline === null ? null : parseUtc(deadline);
  const start = now === null ? null : parseUtc(now);
  return end === null || start === null ? null : Math.max(0, Math.ceil((end - start) / 1000));
}

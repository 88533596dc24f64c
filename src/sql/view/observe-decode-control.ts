/** Register, dead-man and leadership of an observation. What cannot be read is unknown, never absent. */

import { known, unknown, type Fact } from '../../model/fact.ts';
import type { CommitMode, PriorState } from '../../model/prior-state.ts';
import {
  registerProtocol,
  type CommitRegister,
  type ControlState,
  type DeadManState,
  type Leadership,
  type RefusedEpoch,
  type RegisterFlaw,
  type RegisterPhase,
} from '../../model/register.ts';
import type { RawReply, RawRow } from '../batch.ts';
import { bit, bitOrNull, decodePart, DecodeError, number, part, text, textOrNull } from './cell.ts';

const PHASES: readonly RegisterPhase[] = ['idle', 'fenced', 'committing', 'aborted', 'done'];

/** A phase by its name; `null` for any other text. */
export function phaseOrNull(name: string): RegisterPhase | null {
  return PHASES.find((phase) => phase === name) ?? null;
}

/** What the control database holds for this group. */
export function decodeControl(reply: RawReply): Fact<ControlState> {
  const database = part(reply, 'part_control');
  if (!database.known) return database;
  const row = database.value[0];
  if (row === undefined) return known({ kind: 'missing' });
  if (row['state_desc'] !== 'ONLINE' || bitOrNull(row, 'has_access') !== true) {
    return unknown('the database sqlferry_control is there but cannot be read');
  }
  if (!bit(row, 'has_tables')) return known({ kind: 'no-row' });
  const protocols = part(reply, 'part_protocols');
  const registers = part(reply, 'part_register');
  const refusals = part(reply, 'part_refused');
  if (!protocols.known) return protocols;
  const newest = decodePart(protocols, (rows) =>
    Math.max(0, ...rows.map((each) => number(each, 'protocol'))),
  );
  if (!newest.known) return newest;
  if (newest.value > registerProtocol) {
    return known({ kind: 'newer-protocol', protocol: newest.value });
  }
  if (!refusals.known) return refusals;
  return decodePart(registers, (rows): ControlState => {
    const register = rows[0];
    const refused = refusals.value[0];
    return register === undefined || refused === undefined
      ? { kind: 'no-row' }
      : { kind: 'present', register: decodeRegister(register), refused: decodeRefused(refused) };
  });
}

function decodeRegister(row: RawRow): CommitRegister {
  const phase = phaseOrNull(text(row, 'phase'));
  // A phase that is not ours was not written by us, whatever its seal says.
  const isIntact = phase !== null && bit(row, 'is_intact');
  const flaw = flawOf(row, isIntact);
  return {
    protocol: registerProtocol,
    epoch: BigInt(text(row, 'epoch')),
    phase: phase ?? 'idle',
    deadlineUtc: utc(row, 'deadline_utc'),
    isExpired: bit(row, 'is_expired'),
    owner: textOrNull(row, 'owner') ?? '',
    targetId: textOrNull(row, 'target_id') ?? '',
    prior: decodePrior(textOrNull(row, 'prior_state')),
    isIntact: isIntact && flaw === null,
    ...(flaw === null ? {} : { flaw }),
  };
}

/** Why a row may not be acted on; null when it may. */
function flawOf(row: RawRow, isIntact: boolean): RegisterFlaw | null {
  if (!bit(row, 'is_here')) return 'restored';
  if (!isIntact) return 'changed';
  return row['same_group'] === undefined || bit(row, 'same_group') ? null : 'other-group';
}

function decodeRefused(row: RawRow): RefusedEpoch {
  const isIntact = bit(row, 'is_intact');
  const flaw = flawOf(row, isIntact);
  return {
    protocol: registerProtocol,
    epoch: BigInt(text(row, 'epoch')),
    sourceId: textOrNull(row, 'source_id') ?? '',
    isIntact: isIntact && flaw === null,
    ...(flaw === null ? {} : { flaw }),
  };
}

function utc(row: RawRow, column: string): string | null {
  const value = textOrNull(row, column);
  return value === null ? null : `${value}Z`;
}

const MODES: readonly CommitMode[] = ['SYNCHRONOUS_COMMIT', 'ASYNCHRONOUS_COMMIT'];

function decodePrior(json: string | null): PriorState | null {
  if (json === null) return null;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new DecodeError('prior_state is not JSON');
  }
  if (typeof value !== 'object' || value === null)
    throw new DecodeError('prior_state is no object');
  const prior = value as Readonly<Record<string, unknown>>;
  const mode = MODES.find((each) => each === prior['distributedMode']);
  const logins = namesIn(prior['enabledLogins']);
  const replicas = namesIn(prior['automaticReplicas'] ?? []);
  if (mode === undefined || logins === null || replicas === null) {
    throw new DecodeError('prior_state holds something else');
  }
  return {
    enabledLogins: logins,
    distributedMode: mode,
    ...('automaticReplicas' in prior ? { automaticReplicas: replicas } : {}),
  };
}

function namesIn(value: unknown): readonly string[] | null {
  if (!Array.isArray(value)) return null;
  const all: unknown[] = value;
  const names = all.filter((name) => typeof name === 'string');
  return names.length === all.length ? names : null;
}

/** The dead-man: job, Agent, watcher, and when it was last tried. */
export function decodeDeadMan(reply: RawReply): Fact<DeadManState> {
  const watchers = part(reply, 'part_watchers');
  const job = part(reply, 'part_dead_man_job');
  const agent = part(reply, 'part_agent');
  const register = part(reply, 'part_register');
  if (!job.known) return job;
  return decodePart(watchers, (rows) => {
    const found = job.value[0];
    const service = agent.known ? agent.value[0] : undefined;
    const row = register.known ? register.value[0] : undefined;
    const status = service === undefined ? null : textOrNull(service, 'status_desc');
    return {
      jobExists: found !== undefined && bit(found, 'enabled'),
      agentRunning: status === null ? null : status === 'Running',
      jobRunning: found !== undefined && bit(found, 'is_running'),
      watcherConnected: rows[0] !== undefined && number(rows[0], 'watchers') > 0,
      rehearsedUtc: row === undefined ? null : utc(row, 'rehearsed_utc'),
    };
  });
}

/** Who holds the leadership lock. */
export function decodeLeadership(reply: RawReply): Fact<Leadership> {
  const leaders = part(reply, 'part_leaders');
  if (!leaders.known) return leaders;
  const decoded = decodePart(part(reply, 'part_leadership'), (rows): Leadership | null => {
    const row = rows[0] ?? {};
    if (textOrNull(row, 'own_mode') === 'Exclusive') return { kind: 'ours' };
    if (bit(row, 'is_free')) return { kind: 'free' };
    const other = leaders.value[0];
    if (other === undefined) return null;
    return {
      kind: 'other',
      sessionId: number(other, 'session_id'),
      loginName: text(other, 'login_name'),
      hostName: textOrNull(other, 'host_name'),
      loginTimeUtc: `${text(other, 'login_time_utc')}Z`,
    };
  });
  if (!decoded.known) return decoded;
  return decoded.value === null
    ? unknown('the leadership lock is held by a session that is not shown')
    : known(decoded.value);
}

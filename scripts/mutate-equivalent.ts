/** Mutants that change nothing anybody could see, each with the reason; they are listed, not run. */

/** Layers whose mutants are conditions of T-SQL or of rules. */
export type MutantLayer = 'reconcile' | 'conditions' | 'sql' | 'conformance';

/** A kind of mutant that is equal to the original. */
export interface Equivalent {
  readonly layers: readonly MutantLayer[];
  readonly names: RegExp;
  readonly because: string;
}

const inSql: readonly MutantLayer[] = ['sql', 'conformance'];

/** Every kind, with its reason. */
export const equivalents: readonly Equivalent[] = [
  {
    layers: inSql,
    names: /^dead-man: WHILE (?:without|<= in): @(?:turn|tries) </u,
    because: 'a limit of turns: without it, or one further, the step runs longer than a day',
  },
  {
    layers: ['conformance'],
    names: /^dead-man: .* in: @tries > /u,
    because: 'one try more or less before the pauses become longer',
  },
  {
    layers: ['conformance'],
    names:
      /^(?:promote|await-lsns|demote): (?:WHILE|IF|THROW 58112) without: (?:ag\.name = '<own or other>'|drs\.is_local = 1)/u,
    because:
      'a forwarder and a demoted primary show their own rows only: none of the distributed group, none of another server',
  },
  {
    layers: ['conformance'],
    names: /^(?:demote|fence-split-brain): (?:WHILE |THROW 58104 |SELECT @role .*\((?:3|4)\)$)/u,
    because:
      'the lab has given the role away when the statement ends, so there is nothing to wait for',
  },
  {
    layers: ['conformance'],
    names: /^demote: IF without: case drs/u,
    because: 'the same comparison for two columns that the lab shows with the same LSN',
  },
  {
    layers: ['conformance'],
    names: / CASE never: drs\.(?:last_hardened|end_of_log)_lsn is not null/u,
    because:
      'COALESCE of two columns that the lab shows with the same LSN, as the group is synchronous',
  },
  {
    layers: inSql,
    names:
      /^commit-epoch: SELECT @same_group CASE without: (?:phase = 'aborted'|deadline_utc is null)$/u,
    because: 'about phases that the next guard refuses in this batch',
  },
  {
    layers: inSql,
    names: /^close-epoch: SELECT @same_group CASE without: deadline_utc is null$/u,
    because: 'about phases that the next guard refuses in this batch',
  },
  {
    layers: ['conformance'],
    names: /^(?:demote|promote|give-back): THROW \d+ (?:without|removed): @role is null/u,
    because: 'without the group the server refuses the ALTER: refused as well',
  },
  {
    layers: ['conformance'],
    names:
      /^(?:demote|give-back|commit-epoch|close-epoch|record-prior-state): THROW 58131 removed: @protocol/u,
    because:
      'without a row there is no seal that holds (58132) and none to write (58135, 58136): refused as well',
  },
  {
    layers: ['conformance'],
    names: /^promote: (?:SELECT @role|THROW 58111)/u,
    because: 'the server refuses FORCE on a PRIMARY (41122): refused as well',
  },
  {
    layers: ['reconcile'],
    names: /^R-TAKEN-BACK: without its when$/u,
    because: 'what it looks for is the same memory',
  },
  {
    layers: inSql,
    names: /: WHILE without: @role is null$/u,
    because: 'after an accepted ALTER the row of the local member is there',
  },
  {
    layers: inSql,
    names: /^demote: IF always: @role = 'PRIMARY'$/u,
    because: 'a refused ALTER leaves the role PRIMARY',
  },
  {
    layers: inSql,
    names: / > in: sysutcdatetime\(\) >= @deadline$/u,
    because: 'the wait ends one pause of 25 ms later',
  },
  {
    layers: inSql,
    names: / without: @(?:intact|lock|@ROWCOUNT) is null$/u,
    because:
      'NULL only where there is no row, which the guard before refuses (58131); sp_getapplock answers a number',
  },
  {
    layers: inSql,
    names:
      /^(?:commit-epoch|close-epoch|give-back): SELECT @same_group CASE (?:without: phase in|list without|without: phase = 'aborted' and)/u,
    because: 'about phases that the next guard refuses in this batch',
  },
  {
    layers: inSql,
    names: /^(?:demote|record-prior-state): SELECT @same_group CASE without: phase = 'aborted'$/u,
    because: 'about phases that the next guard refuses in this batch',
  },
  {
    layers: ['conformance'],
    names:
      /: THROW 58131 (?:removed: object_id|without: object_id\('\[sqlferry_control\]\.\[dbo\]\.\[commit_register)/u,
    because: 'a batch that names a table which is not there ends with error 208: refused as well',
  },
  {
    layers: inSql,
    names: /^(?:refuse-epoch|demote): UPDATE refused_epoch <= in: epoch < @(?:epoch|refuse)$/u,
    because: 'the epoch is written over itself',
  },
  {
    layers: inSql,
    names: /^dead-man: SELECT @owed CASE without: phase = 'aborted'$/u,
    because:
      'it only decides whether an epoch is watched: a fenced one is anyway, and any phase but fenced and aborted ends the step in the next line',
  },
  {
    layers: inSql,
    names: /^dead-man: SELECT @owed CASE without: phase = 'aborted' \(2\)$/u,
    because: 'the WHERE of the same SELECT asks for the phase aborted',
  },
  {
    layers: inSql,
    names:
      /^dead-man: SELECT @phase @owed (?:list without: '(?:idle|done)' of phase|without: phase in \('idle', 'done'\)|without: phase = 'aborted' \(2\))$/u,
    because: 'the WHERE beside it asks for the phase aborted',
  },
  {
    layers: inSql,
    names: /^dead-man: SELECT @phase @owed without: phase = 'aborted'$/u,
    because: 'the IF behind it lets only the phase aborted through, and @owed is 1 in no other',
  },
  {
    layers: inSql,
    names:
      /^dead-man: SELECT @epoch @phase @due @owed @prior (?:list without: '(?:idle|done)' of phase|without: phase in \('idle', 'done'\))$/u,
    because: 'a row at rest ends the step, and no row ends it in the same line',
  },
  {
    layers: inSql,
    names: /^dead-man EXEC: IF (?:always|without|>= in): /u,
    because:
      'it writes 0 where 0 stands, of this group; an error of it is caught, and the role is taken either way',
  },
];

/** The reason, or undefined for a mutant that has to be found. */
export function equivalentBecause(layer: MutantLayer, name: string): string | undefined {
  return equivalents.find((each) => each.layers.includes(layer) && each.names.test(name))?.because;
}

/** Guards of the model that no run of the simulator can miss, with the reason. */
export const simulatorEquivalents: Readonly<Record<string, string>> = {
  'demote-role':
    'a side without the role shows no rows of the group, so demote-synchronized refuses it too',
  'promote-role':
    'the server itself refuses FORCE on a PRIMARY (41122) and while RESOLVING (41113)',
  'promote-lsns':
    'an epoch is committing only when the other side holds the whole log, and logs only grow',
  leadership: 'a courtesy in front of the register; half of the runs have none',
};

/** A condition that asks once more what another one asks: the other one's name, if the layer has it. */
export function doubled(
  layer: MutantLayer,
  name: string,
  all: readonly string[],
): string | undefined {
  for (const { layers, names, by } of doubles) {
    const match = names.exec(name);
    if (match === null || !layers.includes(layer)) continue;
    const head = by.replace('$1', match[1] ?? '').replace('$2', match[2] ?? '');
    const other = all.find((each) => each.startsWith(head));
    if (other !== undefined) return other;
  }
  return undefined;
}

interface Double {
  readonly layers: readonly MutantLayer[];
  /** Its first group is the batch. */
  readonly names: RegExp;
  /** How the other name begins; `$1` is the batch, `$2` a second group. */
  readonly by: string;
}

/** Guards under the lock that the compare-and-set behind them asks again. */
const doubles: readonly Double[] = [
  {
    layers: inSql,
    names: /^(promote): ((?:THROW 58111|SELECT @role) .*)(?<!\(\d\))$/u,
    by: '$1: $2 (2)',
  },
  { layers: inSql, names: /^(promote): WHILE (?!never)/u, by: '$1: THROW 58112 removed: (dm' },
  { layers: inSql, names: /^(promote): THROW 58112 (?!removed: sys)/u, by: '$1: WHILE never' },
  {
    layers: inSql,
    names:
      /^(.*): (?:SELECT @intact CASE always|THROW 58132 (?:removed: @intact|without: @intact))/u,
    by: '$1: UPDATE commit_register without: seal',
  },
  {
    layers: inSql,
    names: /^(.*): THROW 58133 removed: @protocol/u,
    by: '$1: UPDATE commit_register without: protocol',
  },
  {
    layers: inSql,
    names: /^(.*): THROW 58131 removed: @protocol/u,
    by: '$1: THROW 58132 without: @intact is null',
  },
  {
    layers: inSql,
    names: /^(.*): THROW 58135 (?:removed|without): (?:not )?@phase/u,
    by: '$1: UPDATE commit_register without: phase',
  },
  {
    layers: inSql,
    names: /^(.*): THROW 58135 without: @epoch_now/u,
    by: '$1: UPDATE commit_register without: epoch',
  },
];

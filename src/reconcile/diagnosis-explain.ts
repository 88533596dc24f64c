/**
 * The rows of the crash table as `explain` shows them: the sentences of the table itself, asked of made-up
 * situations in which the sides are called source and target. Nothing is written twice.
 */

import type { ExplainableSituation } from '../model/explain.ts';
import type { CommitRegister, RegisterPhase } from '../model/register.ts';
import { nothingFits } from './diagnose.ts';
import { diagnosisRows, type DiagnosisRow, type SwitchState } from './diagnosis-row.ts';

const PHASES: readonly (RegisterPhase | null)[] = [null, 'fenced', 'committing'];

function explainable(row: DiagnosisRow): ExplainableSituation {
  const distinct = (say: (state: SwitchState) => string): readonly string[] => [
    ...new Set(situations.map(say)),
  ];
  return {
    id: row.id,
    title: row.title,
    meaning: distinct(row.because),
    next: distinct(row.next),
    outageOpen: row.outageOpen === true,
  };
}

const situations: readonly SwitchState[] = PHASES.flatMap((phase) =>
  [true, false].map((isEqual): SwitchState => ({
    giver: 'source',
    giverRole: 'PRIMARY',
    takerRole: 'SECONDARY',
    giverName: 'source',
    takerName: 'target',
    register: phase === null ? null : registerIn(phase),
    refused: 0n,
    registerBlockers: ['The message says what was found, for example a seal that does not match.'],
    withoutRegister: ['source'],
    otherGroups: ['other DAG'],
    takerCopies: ['database'],
    takerGroup: 'group of the target',
    isOwed: false,
    synchronousSides: 2,
    isSynchronized: true,
    isEqual,
    isRequired: false,
    command: 'sqlferry cutover',
    group: 'DAG',
  })),
);

function registerIn(phase: RegisterPhase): CommitRegister {
  return {
    protocol: 1,
    epoch: 1n,
    phase,
    deadlineUtc: null,
    isExpired: false,
    owner: '',
    targetId: 'target',
    prior: null,
    isIntact: true,
  };
}

/** Every row with all sentences it can say. */
export const explainableRows: readonly ExplainableSituation[] = [...diagnosisRows, nothingFits].map(
  explainable,
);

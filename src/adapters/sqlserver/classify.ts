/**
 * From the errors of a batch to a problem, by number alone.
 *
 * Most errors say that the statement did not happen. A few say that the work was handed on and its end
 * was not seen: for those the outcome is unknown, as after a broken connection.
 */

import {
  ProblemCatalogue,
  type Problem,
  type ProblemCode,
  type ServerErrorEvidence,
} from '../../model/problem.ts';
import { serverError } from '../../model/server-error.ts';
import { guards } from '../../sql/statement/guard.ts';

const CODES: ReadonlyMap<number, ProblemCode> = new Map<number, ProblemCode>([
  [guards.demoteRole.number, 'SF-CUT-101'],
  [guards.demoteSynchronized.number, 'SF-CUT-102'],
  [guards.demoteQuiet.number, 'SF-CUT-103'],
  [guards.demoteUnfinished.number, 'SF-CUT-104'],
  [guards.promoteRole.number, 'SF-CUT-111'],
  [guards.promoteBehind.number, 'SF-CUT-112'],
  [guards.promoteUnfinished.number, 'SF-CUT-113'],
  [guards.promoteState.number, 'SF-CUT-114'],
  [guards.promoteMembers.number, 'SF-CUT-114'],
  [guards.giveBackRole.number, 'SF-CUT-121'],
  [guards.registerMissing.number, 'SF-CUT-131'],
  [guards.registerTampered.number, 'SF-CUT-132'],
  [guards.registerNewer.number, 'SF-CUT-133'],
  [guards.registerForeign.number, 'SF-CUT-134'],
  [guards.registerMoved.number, 'SF-CUT-135'],
  [guards.deadlinePassed.number, 'SF-CUT-136'],
  [guards.actLock.number, 'SF-CUT-137'],
  [guards.epochRefused.number, 'SF-CUT-138'],
  [guards.refuseRole.number, 'SF-CUT-139'],
  [guards.commitRole.number, 'SF-CUT-140'],
  [guards.deadManStart.number, 'SF-CUT-141'],
  [guards.deadManSilent.number, 'SF-CUT-142'],
  [guards.takeOverGone.number, 'SF-CUT-143'],
  [guards.splitBrainRole.number, 'SF-CUT-144'],
  [229, 'SF-SQL-002'],
  [230, 'SF-SQL-002'],
  [262, 'SF-SQL-002'],
  [297, 'SF-SQL-002'],
  [300, 'SF-SQL-002'],
  [15_247, 'SF-SQL-002'],
  [911, 'SF-SQL-003'],
  [927, 'SF-SQL-003'],
  [942, 'SF-SQL-003'],
]);

/** What a refused batch means. */
export interface Refusal {
  /** `unknown`: it may have taken effect all the same. */
  readonly outcome: 'failed' | 'unknown';
  readonly problem: Problem;
}

/** The refusal behind the errors of a batch; at least one error is needed. */
export function classify(
  errors: readonly [ServerErrorEvidence, ...ServerErrorEvidence[]],
  instance: string,
): Refusal {
  const uncertain = errors.find((error) => serverError(error.number)?.class === 'unknown-outcome');
  const told = errors.find((error) => CODES.has(error.number));
  const evidence = uncertain ?? told ?? errors[0];
  const code: ProblemCode =
    uncertain === undefined ? (CODES.get(evidence.number) ?? 'SF-SQL-001') : 'SF-SQL-004';
  const known = serverError(evidence.number);
  return {
    outcome: uncertain === undefined ? 'failed' : 'unknown',
    problem: {
      code,
      summary: `${known?.meaning ?? ProblemCatalogue[code].title}: [${instance}].`,
      because: errors.map(
        (error) => `Error ${error.number}, state ${error.state}: ${error.message}`,
      ),
      remedy: known?.remedy ?? ProblemCatalogue[code].remedy,
      instance,
      evidence,
    },
  };
}

/** What one kind of server object is in the tables, and how its remedies are written. */

import { shownName } from '../../base/name.ts';
import type { ServerObjectKind } from '../../model/assess-server-object.ts';
import type { ReferenceName } from '../../model/reference.ts';

/** The instances as the migration file names them. */
export interface Sides {
  readonly source: string;
  readonly target: string;
}

/** One kind. */
export interface ObjectRow {
  /** Id of the rule. */
  readonly id: string;
  readonly kind: Exclude<ServerObjectKind, 'resourceGovernor' | 'jobOwners'>;
  readonly plural: string;
  readonly title: string;
  readonly why: string;
  readonly reference: ReferenceName;
  /** What makes two of them the same; absent: the name. */
  readonly by?: 'detail';
  /** Word for one that is switched off; absent: that does not matter. */
  readonly off?: string;
  /** How they are copied, in general. */
  readonly general: string;
  /** How these are copied. */
  readonly remedy: (names: readonly string[], sides: Sides) => string;
  readonly notScripted: string;
}

/** Names in one remedy; more are copied by leaving the list out. */
const LISTED = 15;

function powershellText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A command of dbatools for these names, or for all of the kind. */
export function dbatools(command: string, list: string | null, extra = ''): ObjectRow['remedy'] {
  return (names, { source, target }) => {
    const chosen =
      list === null || names.length > LISTED
        ? ''
        : ` -${list} ${names.map(powershellText).join(', ')}`;
    return `${command} -Source ${powershellText(source)} -Destination ${powershellText(target)}${chosen}${extra}`;
  };
}

/** A statement for each name, on the target. */
export function eachOnTarget(statement: (name: string) => string): ObjectRow['remedy'] {
  return (names, { target }) => {
    const statements = names.slice(0, LISTED).map(statement).join(' ');
    return `On ${shownName(target)}: ${statements}${names.length > LISTED ? ' and so on.' : ''}`;
  };
}

/** Why no script copies it. */
export const BY_HAND = 'Its definition has to be read from the source first, dbatools does that.';
/** Why no script copies it. */
export const SECRET = 'It holds a secret that cannot be read from the source.';
/** Why no script grants it. */
export const REACH = 'Who gets rights on the target is a decision.';

/** `a: b` of a name that was put together in the query. */
export function halves(name: string): readonly [string, string] {
  const cut = name.indexOf(': ');
  return cut === -1 ? [name, ''] : [name.slice(0, cut), name.slice(cut + 2)];
}

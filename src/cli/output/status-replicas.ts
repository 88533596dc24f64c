/** The table of replicas in `sqlferry status`; nothing on the standalone path. */

import type { StatusReplica } from '../status-replica.ts';
import type { StatusDocument } from '../status-document.ts';
import { printable } from './format.ts';
import type { Style } from './style.ts';
import { renderTable, type Cell } from './table.ts';

const TITLES = ['side', 'replica', 'role', 'answers', 'commit', 'failover', 'health', ''];

/** Lines of the table, an empty one first. */
export function replicaLines(
  document: StatusDocument,
  options: { readonly style: Style; readonly width: number },
): readonly string[] {
  const { style } = options;
  const row = (side: string, replica: StatusReplica): readonly Cell[] => [
    { text: side, paint: style.faint },
    { text: printable(replica.instance) },
    { text: replica.role ?? '-' },
    { text: replica.connected ? 'yes' : 'no', paint: replica.connected ? style.good : style.bad },
    { text: word(replica.availabilityMode) },
    { text: word(replica.failoverMode) },
    { text: word(replica.synchronizationHealth) },
    { text: note(replica), paint: style.faint },
  ];
  const rows = (['source', 'target'] as const).flatMap((side) =>
    (document[side].replicas ?? []).map((replica) => row(side, replica)),
  );
  if (rows.length === 0) return [];
  const table = renderTable({
    columns: TITLES.map((title) => ({ title })),
    rows,
    width: options.width,
    paintTitle: style.faint,
  });
  return ['', ...table];
}

/** SQL Server's words in small letters, without the part that the title says. */
function word(value: string | null): string {
  return value === null
    ? '-'
    : value
        .replace(/_COMMIT$/u, '')
        .replaceAll('_', ' ')
        .toLowerCase();
}

function note(replica: StatusReplica): string {
  if (replica.acts) return 'acts';
  return replica.waitedFor === false ? 'not waited for' : '';
}

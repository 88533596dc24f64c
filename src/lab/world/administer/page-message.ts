/** The messages at the end of BACKUP and RESTORE: 4035 for each file and 3014. */

import type { BackupHeader } from '../../backup/backup-header.ts';
import type { RequestContext } from '../../instance.ts';
import { serverMessage } from '../../tsql/message.ts';

const PAGE = 8192;
const MEGABYTE = 1024 * 1024;

/** Tells how many pages were moved, and how fast. */
export function tellPages(
  request: RequestContext,
  done: {
    readonly header: BackupHeader;
    readonly command: string;
    readonly elapsedMs: number;
    /** Name of the database on this server. */
    readonly database?: string;
    /** Number of the set on its media. */
    readonly position?: number;
  },
): void {
  const { header, command } = done;
  const database = done.database ?? header.database;
  const position = done.position ?? 1;
  const pages = Math.max(1, Math.ceil(header.bytes / PAGE));
  for (const file of header.files) {
    const isMoved = header.kind === 'log' ? file.type === 'LOG' : true;
    if (!isMoved) continue;
    const own = file.type === 'LOG' && header.kind !== 'log' ? 2 : pages;
    request.inform(serverMessage(4035, own, database, file.logicalName, position));
  }
  const elapsed = Math.max(1, Math.round(done.elapsedMs));
  const rate = (pages * PAGE * 1000) / elapsed / MEGABYTE;
  request.inform(
    serverMessage(
      3014,
      command,
      pages,
      Math.floor(elapsed / 1000),
      elapsed % 1000,
      Math.floor(rate),
      Math.floor((rate % 1) * 1000),
    ),
  );
}

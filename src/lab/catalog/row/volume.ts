/** Volumes of the machine: a system disk, one for data, one for logs, and what a definition states. */

import type { SqlValue } from '../../../tds/sql-type.ts';
import { VOLUME_VIEW, type DeclaredRow } from '../../declared.ts';
import type { PlainRow } from '../cell.ts';
import { mayRead, type ViewContext } from '../view.ts';
import { fileRows } from './file.ts';

/** Columns of `sys.dm_os_volume_stats`; a definition states rows of it by `volume_mount_point`. */
export const VOLUME_COLUMNS = `
  database_id:int! file_id:int! volume_mount_point:nvarchar(512) volume_id:nvarchar(512)
  logical_volume_name:nvarchar(512) file_system_type:nvarchar(512) total_bytes:bigint!
  available_bytes:bigint! supports_compression:tinyint supports_alternate_streams:tinyint
  supports_sparse_files:tinyint is_read_only:tinyint is_compressed:tinyint`;

const GB = 1024 ** 3;
const FIXED = 3;

interface Volume {
  readonly mountPoint: string;
  readonly label: string;
  readonly totalBytes: number;
  readonly availableBytes: number;
}

const DISKS: readonly Volume[] = [
  { mountPoint: 'C:\\', label: 'Windows', totalBytes: 128 * GB, availableBytes: 64 * GB },
  { mountPoint: 'F:\\', label: 'Data', totalBytes: 1024 * GB, availableBytes: 512 * GB },
  { mountPoint: 'G:\\', label: 'Log', totalBytes: 512 * GB, availableBytes: 256 * GB },
];

function volumes({ source }: ViewContext): readonly Volume[] {
  const stated = source.stated(VOLUME_VIEW).map(({ row }) => row);
  const place = (row: DeclaredRow): string => String(row['volume_mount_point'] ?? '');
  const changed = DISKS.flatMap((disk): readonly Volume[] => {
    const row = stated.find((each) => place(each).toLowerCase() === disk.mountPoint.toLowerCase());
    return row === undefined ? [disk] : volumeOf(row, disk);
  });
  const added = stated
    .filter((row) => !DISKS.some((disk) => disk.mountPoint === place(row)))
    .flatMap((row) =>
      volumeOf(row, { mountPoint: place(row), label: '', totalBytes: GB, availableBytes: GB }),
    );
  return [...changed, ...added];
}

/** A stated volume; one of 0 bytes is not there. */
function volumeOf(row: DeclaredRow, otherwise: Volume): readonly Volume[] {
  const totalBytes = Number(row['total_bytes'] ?? otherwise.totalBytes);
  return totalBytes === 0
    ? []
    : [
        {
          mountPoint: otherwise.mountPoint,
          label: String(row['logical_volume_name'] ?? otherwise.label),
          totalBytes,
          availableBytes: Number(row['available_bytes'] ?? otherwise.availableBytes),
        },
      ];
}

/** `sys.dm_os_volume_stats (database_id, file_id)`: the volume whose mount point the path begins with. */
export function* volumeRows(
  context: ViewContext,
  [databaseId, fileId]: readonly SqlValue[],
): Iterable<PlainRow> {
  if (!mayRead(context, { visibility: 'performance', rows: () => [] }, 'dm_os_volume_stats'))
    return;
  for (const file of fileRows(context)) {
    if (file['database_id'] !== databaseId || file['file_id'] !== fileId) continue;
    const name = file['physical_name'];
    const path = typeof name === 'string' ? name.toLowerCase() : '';
    const [volume] = volumes(context)
      .filter(({ mountPoint }) => path.startsWith(mountPoint.toLowerCase()))
      .toSorted((left, right) => right.mountPoint.length - left.mountPoint.length);
    if (volume === undefined) continue;
    yield {
      database_id: Number(databaseId),
      file_id: Number(fileId),
      volume_mount_point: volume.mountPoint,
      volume_id: `\\\\?\\Volume{${volume.mountPoint}}\\`,
      logical_volume_name: volume.label,
      file_system_type: 'NTFS',
      total_bytes: volume.totalBytes,
      available_bytes: volume.availableBytes,
      supports_compression: 1,
      supports_alternate_streams: 1,
      supports_sparse_files: 1,
      is_read_only: 0,
      is_compressed: 0,
    };
  }
}

/** `sys.dm_os_enumerate_fixed_drives`: volumes with a letter of their own. */
export function* driveRows(context: ViewContext): Iterable<PlainRow> {
  for (const { mountPoint, availableBytes } of volumes(context)) {
    if (/^[a-z]:\\$/iu.test(mountPoint))
      yield {
        fixed_drive_path: mountPoint,
        drive_type: FIXED,
        drive_type_desc: 'DRIVE_FIXED',
        free_space_in_bytes: availableBytes,
      };
  }
}

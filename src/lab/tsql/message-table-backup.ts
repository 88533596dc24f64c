/** Messages of backup media and restores that are in no other table, as `sys.messages` has them. */

import type { MessageTemplate } from './message-table.ts';

/** Messages by number (Microsoft Learn, "Database Engine events and errors", 3000 to 4999). */
// oxfmt-ignore
export const backupMessages: Readonly<Record<number, MessageTemplate | undefined>> = {
  3025: { severity: 16, text: 'Missing database name. Reissue the statement specifying a valid database name.' },
  3032: { severity: 16, text: 'One or more of the options (%ls) are not supported for this statement. Review the documentation for supported options.' },
  3035: { severity: 16, text: 'Cannot perform a differential backup for database "%ls", because a current database backup does not exist. Perform a full database backup by reissuing BACKUP DATABASE, omitting the WITH DIFFERENTIAL option.' },
  3038: { severity: 16, text: 'The file name "%ls" is invalid as a backup device name. Reissue the BACKUP statement with a valid file name.' },
  3044: { severity: 16, text: 'Invalid zero-length device name. Reissue the BACKUP statement with a valid device name.' },
  3098: { severity: 16, text: "The backup cannot be performed because '%ls' was requested after the media was formatted with an incompatible structure. To append to this media set, either omit '%ls' or specify '%ls'. Alternatively, you can create a new media set by using WITH FORMAT in your BACKUP statement. If you use WITH FORMAT on an existing media set, all its backup sets will be overwritten." },
  3132: { severity: 16, text: 'The media set has %d media families but only %d are provided. All members must be provided.' },
  3135: { severity: 16, text: "The backup set in file '%ls' was created by %hs and cannot be used for this restore operation." },
  3136: { severity: 16, text: 'This differential backup cannot be restored because the database has not been restored to the correct earlier state.' },
  3147: { severity: 16, text: 'Backup and restore operations are not allowed on database tempdb.' },
  3153: { severity: 16, text: 'The database is already fully recovered.' },
  3176: { severity: 16, text: "File '%ls' is claimed by '%ls'(%d) and '%ls'(%d). The WITH MOVE clause can be used to relocate one or more files." },
  3187: { severity: 16, text: 'RESTORE WITH CHECKSUM cannot be specified because the backup set does not contain checksum information.' },
  3189: { severity: 16, text: 'Damage to the backup set was detected.' },
  3204: { severity: 16, text: 'The backup or restore was aborted.' },
  3205: { severity: 16, text: 'Too many backup devices specified for backup or restore; only %d are allowed.' },
  3217: { severity: 16, text: 'Invalid value specified for %ls parameter.' },
  3227: { severity: 16, text: 'The backup media on "%ls" is part of media family %d which has already been processed on "%ls". Ensure that backup devices are correctly specified. For tape devices, ensure that the correct volumes are loaded.' },
  3231: { severity: 16, text: 'The media loaded on "%ls" is formatted to support %d media families, but %d media families are expected according to the backup device specification.' },
  3241: { severity: 16, text: "The media family on device '%ls' is incorrectly formed. SQL Server cannot process this media family." },
  3257: { severity: 16, text: "There is insufficient free space on disk volume '%ls' to create the database. The database requires %I64u additional free bytes, while only %I64u bytes are available." },
  3258: { severity: 16, text: 'The volume on the device "%ls" is not part of the media set that is currently being processed. Ensure that the backup devices are loaded with the correct media.' },
  3262: { severity: 10, text: 'The backup set on file %d is valid.' },
  3271: { severity: 16, text: 'A nonrecoverable I/O error occurred on file "%ls:" %ls.' },
  3287: { severity: 16, text: "The file ID %d on device '%ls' is incorrectly formed and can not be read." },
  4338: { severity: 16, text: 'The STOPAT clause specifies a point too early to allow this backup set to be restored. Choose a different stop point or use RESTORE DATABASE WITH RECOVERY to recover at the current point.' },
  4038: { severity: 16, text: "Cannot find file ID %d on device '%ls'." },
};

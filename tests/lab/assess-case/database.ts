/** Lab cases of the rules about databases. */

import { all, type AssessCase, type Exemptions } from './case.ts';
import { databases } from './definition.ts';

/** The cases. */
export const databaseCases: readonly AssessCase[] = [
  {
    title: 'an ordinary database with a full backup',
    expect: all('success', [
      'DB-EXISTS',
      'DB-ONLINE',
      'DB-READ-WRITE',
      'DB-MULTI-USER',
      'DB-AUTO-CLOSE',
      'DB-RECOVERY-FULL',
      'DB-FULL-BACKUP',
      'DB-OTHER-GROUP',
      'DB-MIRRORING',
      'DB-ENCRYPTION',
      'DB-REPLICATION',
      'DB-CDC',
      'DB-CONTAINMENT',
      'DB-TRUSTWORTHY',
      'DB-BROKER',
      'DB-DELAYED-DURABILITY',
      'DB-OWNER',
      'DB-SNAPSHOTS',
      'DB-FILESTREAM',
      'DB-LOG-REUSE',
      'DB-COLLATION',
      'TGT-DATABASE-NAME',
    ]),
  },
  {
    title: 'a database in the SIMPLE model',
    lab: databases({ recoveryModel: 'SIMPLE' }),
    expect: [{ rule: 'DB-RECOVERY-FULL', outcome: 'error', evidence: /SIMPLE/u }],
  },
  {
    title: 'a database that was never backed up',
    lab: databases({ fullBackup: false }),
    expect: [{ rule: 'DB-FULL-BACKUP', outcome: 'error', evidence: /never/u }],
  },
  {
    title: 'the migration file names a database that is not there',
    migration: (migration) => ({ ...migration, databases: { kind: 'named', names: ['Absent'] } }),
    expect: all('error', ['DB-EXISTS']),
  },
];

const NOT_YET = 'no definition of the lab sets it yet';

/** Rules without such cases. */
export const databaseExempt: Exemptions = {
  'TGT-PATHS': { passes: NOT_YET },
};

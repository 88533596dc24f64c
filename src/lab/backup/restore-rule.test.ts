/** Every refusal of a restore, and the neighbours that are allowed. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, sampleHeader } from '../../../tests/support/backup-header.ts';
import type { BackupHeader } from './backup-header.ts';
import { placeFiles } from './file-rule.ts';
import { refuseRestore } from './restore-rule.ts';
import type { ExistingDatabase, RestoreWish } from './restore-rule.ts';

const existing: ExistingDatabase = {
  name: 'Sales',
  state: 'RESTORING',
  familyId: 'family',
  forks: [{ id: 'fork-1', start: at(16) }],
  recoveryModel: 'FULL',
  group: null,
  end: at(100),
  baseId: 'full-1',
};

function number(wish: Partial<RestoreWish>): number | null {
  return (
    refuseRestore({
      what: 'database',
      database: 'Sales',
      replace: false,
      version: { year: 2022, major: 16, minor: 0, build: 4135, revision: 4 },
      existing: null,
      header: sampleHeader(),
      device: 'x.bak',
      ...wish,
    })?.number ?? null
  );
}

const log = (from: number, to: number, change: Partial<BackupHeader> = {}): BackupHeader =>
  sampleHeader({ kind: 'log', setId: 'log', firstLsn: at(from), lastLsn: at(to), ...change });
const differential = (base: string): BackupHeader =>
  sampleHeader({ kind: 'differential', base: { setId: base, lsn: at(100) }, lastLsn: at(200) });
const online = { ...existing, state: 'ONLINE' as const };
const newer = { year: 2025, major: 17, minor: 0, build: 1000, revision: 7 } as const;
const other = { ...existing, familyId: 'other' };
/** Two forks: the second began at block 150. */
const forked = [
  { id: 'fork-1', start: at(16) },
  { id: 'fork-2', start: at(150) },
];

const cases: readonly (readonly [string, number | null, Partial<RestoreWish>])[] = [
  ['a full backup makes a database', null, {}],
  ['and goes over one that is being restored', null, { existing }],
  ['but not over an open one whose tail is not backed up', 3159, { existing: online }],
  ['unless REPLACE says so', null, { existing: online, replace: true }],
  ['or there is no chain', null, { existing: { ...online, recoveryModel: 'SIMPLE' } }],
  ['nor over another database', 3154, { existing: other }],
  ['which REPLACE overwrites', null, { existing: other, replace: true }],
  [
    'never over a member of a group, REPLACE or not',
    3104,
    { existing: { ...existing, group: 'ag' }, replace: true },
  ],
  ['a backup of a newer version is refused', 3169, { header: sampleHeader({ version: newer }) }],
  ['RESTORE LOG wants a log backup', 3135, { what: 'log', existing }],
  ['RESTORE DATABASE wants none', 3135, { existing, header: log(100, 200) }],
  ['a log backup needs its database', 3118, { what: 'log', header: log(100, 200) }],
  ['in the middle of a restore', 3117, { what: 'log', existing: online, header: log(100, 200) }],
  ['and of the same family', 3154, { what: 'log', existing: other, header: log(100, 200) }],
  ['the next log backup fits', null, { what: 'log', existing, header: log(100, 200) }],
  ['so does one that begins earlier', null, { what: 'log', existing, header: log(50, 200) }],
  [
    'and one that ends where the copy stands',
    null,
    { what: 'log', existing, header: log(50, 100) },
  ],
  ['after a gap it is too recent', 4305, { what: 'log', existing, header: log(101, 200) }],
  ['before the copy it is too early', 4326, { what: 'log', existing, header: log(50, 99) }],
  [
    'a later fork goes on from before its start',
    null,
    { what: 'log', existing, header: log(100, 200, { forks: forked }) },
  ],
  [
    'a copy behind the start of another fork is on another path',
    4330,
    {
      what: 'log',
      existing: { ...existing, end: at(160) },
      header: log(100, 200, { forks: forked }),
    },
  ],
  ['a differential backup needs its own base', null, { existing, header: differential('full-1') }],
  ['and no other', 3136, { existing, header: differential('full-2') }],
  ['and a database', 3118, { header: differential('full-1') }],
  ['that is being restored', 3117, { existing: online, header: differential('full-1') }],
];
for (const [claim, expected, wish] of cases) {
  test(`a restore: ${claim}`, () => assert.equal(number(wish), expected));
}

test('files go where MOVE says, and every place that is wrong is named before 3119', () => {
  const { files } = sampleHeader();
  const numbers = (
    moves: readonly { readonly from: string; readonly to: string }[],
    missing = '',
  ): readonly number[] =>
    placeFiles(
      { database: 'Sales', files, moves },
      {
        folderError: (path) => (path.startsWith(missing) && missing !== '' ? '3(gone)' : null),
        owner: (path) => (path.endsWith('taken.mdf') ? 'Other' : null),
      },
    ).errors.map((error) => error.number);
  assert.deepEqual(numbers([]), []);
  assert.deepEqual(numbers([{ from: 'nobody', to: 'x' }]), [3234]);
  assert.deepEqual(numbers([], 'G:\\'), [5133, 3156, 3119]);
  assert.deepEqual(numbers([{ from: 'sales_LOG', to: 'H:\\l.ldf' }], 'G:\\'), []);
  assert.deepEqual(numbers([{ from: 'Sales', to: 'F:\\taken.mdf' }]), [1834, 3156, 3119]);
  assert.deepEqual(numbers([{ from: 'Sales', to: 'g:\\sqllog\\SALES_LOG.ldf' }]), [3176, 3119]);
  const [data, logFile] = placeFiles(
    { database: 'Sales', files, moves: [{ from: 'SALES', to: 'H:\\new.mdf' }] },
    { folderError: () => null, owner: () => null },
  ).files;
  assert.equal(data?.physicalName, 'H:\\new.mdf');
  assert.equal(logFile?.physicalName, 'G:\\SQLLog\\Sales_log.ldf');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { goodDatabase, goodServer } from '../../../tests/support/facts.ts';
import { goodFile } from '../../../tests/support/facts/database.ts';
import { goodMachine, goodVolumes } from '../../../tests/support/facts/server.ts';
import {
  altered,
  onBothSides,
  testJudges,
  type JudgeCase,
} from '../../../tests/support/judge-cases.ts';
import type { VolumeFacts } from '../../model/assess-capacity.ts';
import type { FileFacts } from '../../model/assess-database.ts';
import type { AssessFacts } from '../../model/assess-facts.ts';
import { known, unknown } from '../../model/fact.ts';
import type { Side } from '../../model/side.ts';
import { placeOnTarget, volumeOf } from './file-place.ts';
import { targetDiskRules } from './target-disk.ts';

const GB = 1024 ** 3;

const volumes = (side: Side, list: readonly VolumeFacts[], facts?: AssessFacts): AssessFacts =>
  altered(side, { volumes: known(list) }, facts);

const withFree = (mountPoint: string, availableBytes: number): readonly VolumeFacts[] =>
  goodVolumes.map((volume) =>
    volume.mountPoint === mountPoint ? { ...volume, availableBytes } : volume,
  );

function sourceFiles(): readonly FileFacts[] {
  const { files } = altered('source', {}).source;
  return files.known ? files.value : [];
}

const moved = (folder: string): AssessFacts =>
  altered('source', {
    files: known(
      sourceFiles().map((file) => ({
        ...file,
        physicalName: `${folder}\\${file.logicalName}.file`,
      })),
    ),
  });

const paths = (data: string | null, log: string | null): AssessFacts =>
  altered('target', {
    server: known({ ...goodServer('target'), defaultDataPath: data, defaultLogPath: log }),
  });

const tempdb = (side: Side, sizes: readonly number[]): AssessFacts =>
  altered(side, {
    tempdbFiles: known(
      sizes.map((sizeBytes, index) => ({
        name: `temp${index}`,
        typeDesc: 'ROWS',
        physicalName: `D:\\temp${index}.ndf`,
        sizeBytes,
      })),
    ),
  });

const cases: readonly JudgeCase[] = [
  {
    id: 'TGT-SPACE',
    facts: volumes('target', withFree('D:\\', GB / 2)),
    outcome: 'error',
    evidence: /D:\\ needs 1\.0 GB, free are 512 MB/u,
  },
  { id: 'TGT-SPACE', facts: volumes('target', withFree('D:\\', 1.1 * GB)), outcome: 'warning' },
  {
    id: 'TGT-SPACE',
    facts: altered('target', {
      databases: known([{ ...goodDatabase, inAvailabilityGroup: true }]),
      volumes: known(withFree('D:\\', 0)),
    }),
    outcome: 'success',
    evidence: /any more/u,
  },
  { id: 'TGT-SPACE', facts: volumes('target', []), outcome: 'unknown' },
  {
    id: 'TGT-DRIVES',
    facts: moved('X:\\Data'),
    outcome: 'error',
    evidence: /no drive X:\\ for 2 file\(s\), the first is X:\\Data/u,
  },
  {
    id: 'TGT-DRIVES',
    facts: altered(
      'target',
      { fixedDrives: unknown('2016 does not list them') },
      moved('X:\\Data'),
    ),
    outcome: 'unknown',
    remedy: /xp_fixeddrives/u,
  },
  { id: 'TGT-DRIVES', facts: moved('/var/opt/mssql/data'), outcome: 'success' },
  {
    id: 'TGT-DRIVES',
    facts: altered('source', { files: unknown('nobody may look') }),
    outcome: 'unknown',
  },
  {
    id: 'SRC-LOG-SPACE',
    facts: volumes('source', withFree('E:\\', 20 * GB)),
    outcome: 'warning',
    evidence: /E:\\ 20\.0 GB free of 512 GB/u,
  },
  {
    id: 'TGT-LOG-SPACE',
    facts: altered('target', {
      files: known(sourceFiles()),
      volumes: known(withFree('E:\\', 20 * GB)),
    }),
    outcome: 'warning',
  },
  {
    id: 'TGT-LOG-SPACE',
    facts: altered('target', { files: known(sourceFiles()) }),
    outcome: 'success',
  },
  ...onBothSides('LOG-SPACE', 'unknown', (side) =>
    altered(side, { files: known(sourceFiles()), volumes: known([]) }),
  ),
  {
    id: 'TGT-TEMP-DISK',
    facts: volumes(
      'target',
      goodVolumes.map((volume) => ({ ...volume, label: 'Temporary Storage' })),
    ),
    outcome: 'error',
    evidence: /D:\\Data\\/u,
  },
  { id: 'TGT-TEMP-DISK', facts: paths(null, null), outcome: 'unknown' },
  {
    id: 'TGT-SYSTEM-DISK',
    facts: paths('c:\\sql', 'E:\\Log\\'),
    outcome: 'warning',
    evidence: /1 of 2 file\(s\) come to drive C, the first as c:\\sql\\/u,
  },
  { id: 'TGT-SYSTEM-DISK', facts: paths('/var/opt/mssql/data', null), outcome: 'success' },
  {
    id: 'TGT-SYSTEM-DISK',
    facts: altered('source', { files: unknown('nobody may look') }),
    outcome: 'unknown',
  },
  { id: 'TGT-TEMPDB-FILES', facts: tempdb('target', [GB]), outcome: 'warning' },
  {
    id: 'TGT-TEMPDB-FILES',
    facts: tempdb('target', [GB, GB, GB, GB, GB, GB, GB, 2 * GB]),
    outcome: 'warning',
  },
  { id: 'CAP-TEMPDB', facts: tempdb('target', [GB, GB]), outcome: 'warning' },
  {
    id: 'PAIR-PLATFORM',
    facts: altered('source', { machine: known({ ...goodMachine, platform: 'Linux' }) }),
    outcome: 'warning',
  },
  {
    id: 'TGT-VIRTUAL-MACHINE',
    facts: altered('target', {
      machine: known({ ...goodMachine, virtualMachineTypeDesc: 'NONE' }),
    }),
    outcome: 'warning',
  },
];

testJudges(targetDiskRules, cases);

test('a file of a default folder comes to the default folder of the target, any other keeps its path', () => {
  const source = goodServer('source');
  const target = {
    ...goodServer('target'),
    defaultDataPath: 'F:\\sql\\',
    defaultLogPath: 'G:\\log',
  };
  const file = (typeDesc: string, physicalName: string): FileFacts => ({
    ...goodFile,
    database: 'D',
    typeDesc,
    logicalName: 'D',
    physicalName,
    sizeBytes: 1,
  });
  assert.equal(placeOnTarget(file('ROWS', 'd:\\data\\a.mdf'), source, target), 'F:\\sql\\a.mdf');
  assert.equal(placeOnTarget(file('LOG', 'E:\\Log\\a.ldf'), source, target), 'G:\\log\\a.ldf');
  assert.equal(placeOnTarget(file('LOG', 'H:\\else\\a.ldf'), source, target), 'H:\\else\\a.ldf');
  const linux = { ...target, defaultDataPath: '/var/opt/mssql/data/' };
  assert.equal(
    placeOnTarget(file('ROWS', 'D:\\Data\\a.mdf'), source, linux),
    '/var/opt/mssql/data/a.mdf',
  );
});

test('a path lies on the volume with the longest mount point', () => {
  const mount: VolumeFacts = {
    mountPoint: 'D:\\mount\\',
    label: null,
    totalBytes: 1,
    availableBytes: 1,
  };
  assert.equal(volumeOf([...goodVolumes, mount], 'd:\\MOUNT\\a.mdf'), mount);
  assert.equal(volumeOf([...goodVolumes, mount], 'D:\\a.mdf')?.label, 'Data');
  assert.equal(volumeOf(goodVolumes, 'Z:\\a.mdf'), undefined);
});

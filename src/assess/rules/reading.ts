/** Rules about the reading itself: whether what was read means what the rules take it for. */

import { newestKnownMajor } from '../../model/platform.ts';
import { bothSides, doubtful, good } from '../rule.ts';

/** Whether the catalog that was read is one that is known here. */
export const readingRules = bothSides({
  name: 'VERSION-KNOWN',
  title: 'The version is one that this sqlferry knows',
  family: 'instance',
  part: 'server',
  why: 'A newer version may have renamed columns, changed rules of availability groups, or brought new ones; it is asked like the newest known version.',
  remedy:
    'Look for a newer sqlferry; until then check what the release notes say about availability groups.',
  reference: 'configure',
  notScripted: 'It asks for a newer sqlferry.',
  judge: ({ versionMajor, productVersion }) =>
    versionMajor <= newestKnownMajor
      ? good(`Version ${productVersion} is known.`)
      : doubtful(
          `Version ${productVersion} is newer than ${newestKnownMajor}.x (SQL Server 2025), the newest one that was known when this sqlferry was made.`,
        ),
});

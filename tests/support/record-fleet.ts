/** Records what the lab answers about an instance with one database, and multiplies it. */

import { startAssessLab } from './assess-lab.ts';
import type { Migration } from '../../src/model/migration.ts';
import { assessBatch } from '../../src/sql/view/assess-batch.ts';
import { multiply, RECORDED_DATABASE, recordAnswer, type Recording } from './recorded-server.ts';

/** The answer of an instance with so many databases, and the migration it was asked for. */
export async function recordFleetAnswer(
  databases: number,
): Promise<{ readonly recording: Recording; readonly migration: Migration }> {
  const ends: (() => unknown)[] = [];
  const lab = await startAssessLab(
    { after: (end) => void ends.push(() => end?.call(undefined, undefined as never, () => {})) },
    {
      title: 'recording',
      lab: (standalone) => ({
        ...standalone,
        instances: standalone.instances.map((instance) => ({
          ...instance,
          databases:
            instance.side === 'source'
              ? [
                  {
                    name: RECORDED_DATABASE,
                    sample: 'none',
                    recoveryModel: 'FULL',
                    fullBackup: true,
                  },
                ]
              : [],
        })),
      }),
      expect: [],
    },
  );
  const migration: Migration = { ...lab.migration, databases: { kind: 'all', except: [] } };
  const outcome = await lab.world.endpoint(lab.migration.source.instances[0].name).login({
    user: 'sa',
    password: 'a test world has one password',
    database: '',
    applicationName: 'sqlferry',
    hostName: 'recorder',
    clientInterfaceName: 'in process',
    hostProcessId: 1,
    readOnlyIntent: false,
    serverName: '',
    clientAddress: '127.0.0.1',
    serverAddress: '127.0.0.1',
    serverPort: 1433,
    encrypted: true,
    tdsVersion: 0x74_00_00_04,
  });
  if (outcome.kind === 'refused') throw new Error(JSON.stringify(outcome.messages));
  const text = assessBatch({ migration, side: 'source', versionMajor: 16 });
  const recording = await recordAnswer(outcome.session, text);
  outcome.session.close();
  for (const end of ends) await end();
  const names = Array.from({ length: databases }, (_each, index) => `Database ${index}`);
  return { recording: multiply(recording, names), migration };
}

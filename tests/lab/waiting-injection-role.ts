/** Causes of waits around queues, roles, replicas and releases, as they are brought about in a lab. */

import type { Observation } from '../../src/model/observation.ts';
import type { Side } from '../../src/model/side.ts';
import { mode, PARTITION, type Injection, type InjectionLab } from './waiting-injection.ts';

/** Commits that are more than what may be under way at a time: 64 records and 4 MB. */
const MANY = `DECLARE @n int = 0; WHILE @n < 72 BEGIN INSERT INTO Adventureworks.dbo.t VALUES (8, REPLICATE(CONVERT(nvarchar(max), N'q'), 50000)); SET @n += 1; END;`;
/** A link that is cut without being missed: log vanishes, the views still say CONNECTED. */
const MINUTE_MS = 60_000;

const roleIs =
  (side: Side, role: string) =>
  (seen: Observation): boolean => {
    const dag = seen[side].distributed;
    return dag.known && dag.value?.localRoleDesc === role;
  };

function cutUnseen(lab: InjectionLab): () => void {
  lab.fault({ fault: 'session-timeout', delayMs: MINUTE_MS });
  lab.fault(PARTITION);
  return () => {
    lab.fault({ fault: 'heal' });
    lab.fault({ fault: 'session-timeout', delayMs: 2000 });
  };
}

async function insert(lab: InjectionLab, characters: number): Promise<void> {
  await lab.text(
    'source',
    `INSERT INTO Adventureworks.dbo.t VALUES (6, REPLICATE(CONVERT(nvarchar(max), N'q'), ${characters}));`,
  );
}

async function setMode(lab: InjectionLab, name: string): Promise<void> {
  for (const side of ['source', 'target'] as const) await lab.text(side, mode(name));
}

/** Once both sides are in step, before anything of the log is full. */
export const queueInjections: readonly Injection[] = [
  {
    id: 'WAIT-SEND-QUEUE',
    words:
      '`lab fault session-timeout 60000`, `lab fault partition OnPremNode SQLVM`, and more writes than may be under way (limit of the test: 1 ms)',
    limits: { queueMs: 1 },
    async inject(lab) {
      const mend = cutUnseen(lab);
      await lab.text('source', MANY);
      return () => {
        mend();
        return Promise.resolve();
      };
    },
  },
  {
    id: 'WAIT-CATCHING-UP',
    words:
      '`lab fault session-timeout 60000`, `lab fault partition OnPremNode SQLVM`, a write, and SYNCHRONOUS_COMMIT on both sides',
    async inject(lab) {
      const mend = cutUnseen(lab);
      await insert(lab, 10);
      await setMode(lab, 'SYNCHRONOUS_COMMIT');
      return async () => {
        mend();
        await setMode(lab, 'ASYNCHRONOUS_COMMIT');
      };
    },
  },
];

const JOB = "N'sqlferry dead-man DAG'";
const DROP_JOB = `IF EXISTS (SELECT 1 FROM msdb.dbo.sysjobs WHERE name = ${JOB}) EXEC msdb.dbo.sp_delete_job @job_name = ${JOB};`;

/** At the end of a migration in step: the role goes over and comes back by force. */
export const roleInjections: readonly Injection[] = [
  {
    id: 'WAIT-DEAD-MAN-RUNS',
    words: "source: a job of the dead-man's name that waits ten minutes, started",
    goal: 'switch',
    async inject(lab) {
      await lab.text(
        'source',
        `${DROP_JOB}
EXEC msdb.dbo.sp_add_job @job_name = ${JOB}, @enabled = 1;
EXEC msdb.dbo.sp_add_jobstep @job_name = ${JOB}, @step_name = N'wait', @subsystem = N'TSQL', @database_name = N'master', @command = N'WAITFOR DELAY ''00:10:00'';';
EXEC msdb.dbo.sp_add_jobserver @job_name = ${JOB}, @server_name = N'(local)';
EXEC msdb.dbo.sp_start_job @job_name = ${JOB};`,
      );
      return () => lab.text('source', `EXEC msdb.dbo.sp_stop_job @job_name = ${JOB};`);
    },
  },
  {
    id: 'WAIT-PROMOTED-RECOVERS',
    words:
      '`lab fault redo SQLVM 100`, a write, source: `SET (ROLE = SECONDARY)`, target: `FORCE_FAILOVER_ALLOW_DATA_LOSS`',
    goal: 'switch',
    async inject(lab) {
      lab.fault({ fault: 'redo', instance: 'SQLVM', bytesPerSecond: 100 });
      await insert(lab, 4000);
      await lab.text('source', 'ALTER AVAILABILITY GROUP [DAG] SET (ROLE = SECONDARY);');
      await lab.text('target', 'ALTER AVAILABILITY GROUP [DAG] FORCE_FAILOVER_ALLOW_DATA_LOSS;');
      await lab.until('the target is PRIMARY', roleIs('target', 'PRIMARY'));
      return () => {
        lab.fault({ fault: 'redo', instance: 'SQLVM', bytesPerSecond: null });
        return Promise.resolve();
      };
    },
  },
  {
    id: 'WAIT-SUSPENDED-BY-SERVER',
    words:
      'source: `FORCE_FAILOVER_ALLOW_DATA_LOSS` past a living primary that has a write of its own, target: `SET (ROLE = SECONDARY)`',
    async inject(lab) {
      lab.fault(PARTITION);
      await lab.text('target', "INSERT INTO Adventureworks.dbo.t VALUES (7, N'divergent');");
      await lab.text('source', 'ALTER AVAILABILITY GROUP [DAG] FORCE_FAILOVER_ALLOW_DATA_LOSS;');
      await lab.until('the source is PRIMARY', roleIs('source', 'PRIMARY'));
      await lab.text('target', 'ALTER AVAILABILITY GROUP [DAG] SET (ROLE = SECONDARY);');
      lab.fault({ fault: 'heal' });
      return () => lab.text('target', 'ALTER DATABASE [Adventureworks] SET HADR RESUME;');
    },
  },
];

function restartTarget(lab: InjectionLab): Promise<() => Promise<void>> {
  lab.fault({ fault: 'crash', instance: 'SQLVM' });
  lab.fault({ fault: 'restart', instance: 'SQLVM' });
  return Promise.resolve(() => Promise.resolve());
}

/** In step, where a recovery takes seconds and a promotion a minute. */
export const slowServerInjections: readonly Injection[] = [
  {
    id: 'WAIT-TARGET-RECOVERING',
    words: '`lab fault crash SQLVM` and `restart`, on servers whose recovery takes seconds',
    inject: restartTarget,
  },
  {
    id: 'WAIT-LOCAL-GROUP',
    words:
      '`lab fault crash SQLVM` and `restart`: its own group shows the copy as SYNCHRONIZING until it is open',
    inject: restartTarget,
  },
  {
    id: 'WAIT-ROLE-CHANGE',
    words:
      'target: `FORCE_FAILOVER_ALLOW_DATA_LOSS` where a promotion takes a minute; `lab fault crash SQLVM` and `restart` forget it',
    goal: 'switch',
    async inject(lab) {
      await lab.text('target', 'ALTER AVAILABILITY GROUP [DAG] FORCE_FAILOVER_ALLOW_DATA_LOSS;');
      return () => {
        lab.fault({ fault: 'crash', instance: 'SQLVM' });
        lab.fault({ fault: 'restart', instance: 'SQLVM' });
        return Promise.resolve();
      };
    },
  },
];

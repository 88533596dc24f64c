/**
 * One session to one instance over the driver `tedious`.
 *
 * One request at a time, in the database master. The server's errors are part of the answer; only a
 * broken connection or a passed limit makes an answer `lost`, and then nobody knows what happened.
 * The driver stops its own timer at the first packet of an answer, so the limit is kept here.
 */

import { Connection, Request, TYPES, type ConnectionConfiguration } from 'tedious';

import { assert } from '../../base/assert.ts';
import { fail, ok, type Result } from '../../base/result.ts';
import { ProblemCatalogue, type Problem, type ServerErrorEvidence } from '../../model/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RawReply, RawRow, SqlParameter } from '../../sql/batch.ts';
import { PROGRAM_NAME } from '../../sql/view/observe-batch.ts';
import type { ConnectionSettings } from '../config/load-migration.ts';
import { connectProblem } from './connect-problem.ts';
import { openSocket, type Inspection } from './connector.ts';

/** Longest attempt to connect and log in, in milliseconds. */
export const CONNECT_LIMIT_MS = 15_000;

/** Longest wait for the server to confirm that a request was cancelled, in milliseconds. */
const CANCEL_LIMIT_MS = 5000;

/** Severity from which the server ends the session (Microsoft Learn, database engine error severities). */
const FATAL_SEVERITY = 20;

/** One request. */
export interface SessionRequest {
  readonly text: string;
  readonly parameters: readonly SqlParameter[];
  /** Longest wait for the whole answer, in milliseconds. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

/** How a request ended. */
export type SessionAnswer =
  | { readonly kind: 'ended'; readonly reply: RawReply }
  | {
      readonly kind: 'lost';
      readonly problem: Problem;
      /** Whole rowsets that had arrived. */
      readonly partial: RawReply;
      /** Last message of the server before that (RAISERROR of severity 0); null for none. */
      readonly lastMessage: string | null;
    };

/** An open session. */
export interface SqlSession {
  /** 16 is SQL Server 2022. */
  readonly versionMajor: number;
  /** False once the connection is gone; it never comes back. */
  isAlive(): boolean;
  execute(request: SessionRequest): Promise<SessionAnswer>;
  close(): void;
}

/** Version assumed when PRELOGIN is hidden in TLS: TDS 8.0 exists since SQL Server 2022. */
const STRICT_VERSION = 16;

/** Connects, checks encryption and logs in. */
export async function openSession(
  settings: ConnectionSettings,
  clock: Clock,
  signal: AbortSignal,
): Promise<Result<SqlSession, Problem>> {
  const inspection: Inspection = {
    refusal: null,
    speaks: null,
    contact: 'none',
    versionMajor: null,
  };
  // The signal ends the attempt, never an open session: a running act is not cut off.
  const attempt = new AbortController();
  const giveUp = (): void => attempt.abort();
  signal.addEventListener('abort', giveUp, { once: true });
  const connection = new Connection(configuration(settings, inspection, attempt.signal));
  const serverErrors: ServerErrorEvidence[] = [];
  const collect = (message: DriverMessage): void => {
    serverErrors.push(evidenceOf(message));
  };
  connection.on('errorMessage', collect);
  // Without a listener a late error of the socket would end the program; `end` tells the rest.
  connection.on('error', () => {});
  const failure = await new Promise<unknown>((resolve) => {
    connection.connect((error) => {
      resolve(error ?? null);
    });
  });
  signal.removeEventListener('abort', giveUp);
  connection.removeListener('errorMessage', collect);
  if (failure !== null) {
    connection.close();
    return fail(connectProblem({ settings, inspection, serverErrors, error: failure }));
  }
  return ok(
    wrap({ connection, settings, clock, versionMajor: inspection.versionMajor ?? STRICT_VERSION }),
  );
}

/** ERROR token as the driver hands it out. */
interface DriverMessage {
  readonly number: number;
  readonly state: number;
  readonly class: number;
  readonly message: string;
  readonly serverName: string;
}

function evidenceOf(message: DriverMessage): ServerErrorEvidence {
  return {
    number: message.number,
    state: message.state,
    class: message.class,
    message: message.message,
    serverName: message.serverName,
  };
}

function configuration(
  settings: ConnectionSettings,
  inspection: Inspection,
  signal: AbortSignal,
): ConnectionConfiguration {
  const { tls } = settings;
  return {
    server: settings.fqdn,
    authentication:
      settings.domain === null
        ? {
            type: 'default',
            options: { userName: settings.user, password: settings.password.reveal() },
          }
        : {
            type: 'ntlm',
            options: {
              domain: settings.domain,
              userName: settings.user,
              password: settings.password.reveal(),
            },
          },
    options: {
      database: 'master',
      appName: settings.programName ?? PROGRAM_NAME,
      connector: () => openSocket(settings, inspection, signal),
      serverName: settings.fqdn,
      encrypt: tls.encrypt === 'strict' ? 'strict' : true,
      trustServerCertificate: tls.trustServerCertificate,
      cryptoCredentialsDetails: tls.ca === null ? {} : { ca: tls.ca },
      connectTimeout: CONNECT_LIMIT_MS,
      requestTimeout: 0,
      cancelTimeout: CANCEL_LIMIT_MS,
      maxRetriesOnTransientErrors: 0,
      rowCollectionOnRequestCompletion: false,
      useColumnNames: false,
    },
  };
}

interface OpenConnection {
  readonly connection: Connection;
  readonly settings: ConnectionSettings;
  readonly clock: Clock;
  readonly versionMajor: number;
}

function wrap(open: OpenConnection): SqlSession {
  const { connection } = open;
  const state = { alive: true, busy: false };
  connection.on('end', () => {
    state.alive = false;
  });
  connection.on('error', () => {
    state.alive = false;
  });
  const close = (): void => {
    state.alive = false;
    connection.close();
  };
  return {
    versionMajor: open.versionMajor,
    isAlive: () => state.alive,
    close,
    async execute(request) {
      assert(!state.busy, 'a session runs one request at a time');
      if (!state.alive || request.signal.aborted) {
        const problem = lostProblem(open.settings, 'The session was closed.');
        return { kind: 'lost', problem, partial: { sets: [], errors: [] }, lastMessage: null };
      }
      state.busy = true;
      try {
        const answer = await send(open, request);
        if (answer.kind === 'lost') close();
        return answer;
      } finally {
        state.busy = false;
      }
    },
  };
}

/** Sends one request and collects its answer. */
function send(open: OpenConnection, wanted: SessionRequest): Promise<SessionAnswer> {
  const { connection, settings, clock } = open;
  const sets: { columns: string[]; rows: RawRow[] }[] = [];
  const errors: ServerErrorEvidence[] = [];
  return new Promise((resolve) => {
    let given: string | null = null;
    let lastMessage: string | null = null;
    const request = new Request(wanted.text, (error) => {
      cancelLimit();
      wanted.signal.removeEventListener('abort', onAbort);
      connection.removeListener('errorMessage', onError);
      connection.removeListener('infoMessage', onInfo);
      const fatal = errors.find((evidence) => evidence.class >= FATAL_SEVERITY);
      const broken = error !== null && error !== undefined && errors.length === 0;
      if (given !== null || fatal !== undefined || broken) {
        const reason = given ?? fatal?.message ?? errorText(error);
        rowsets.fail();
        const problem = lostProblem(settings, reason, fatal);
        resolve({ kind: 'lost', problem, partial: { sets, errors }, lastMessage });
      } else {
        resolve({ kind: 'ended', reply: { sets, errors } });
      }
    });
    const give = (reason: string): void => {
      given ??= reason;
      connection.cancel();
    };
    const onAbort = (): void => {
      give('The run was stopped.');
    };
    const onError = (message: DriverMessage): void => {
      errors.push(evidenceOf(message));
      rowsets.fail();
    };
    const onInfo = (message: DriverMessage): void => {
      lastMessage = message.message;
    };
    const cancelLimit = clock.schedule(wanted.limitMs, () => {
      give(`No complete answer within ${wanted.limitMs} ms.`);
    });
    wanted.signal.addEventListener('abort', onAbort, { once: true });
    connection.on('errorMessage', onError);
    connection.on('infoMessage', onInfo);
    const rowsets = collectRowsets(request, sets);
    for (const parameter of wanted.parameters) addParameter(request, parameter);
    if (wanted.parameters.length === 0) connection.execSqlBatch(request);
    else connection.execSql(request);
  });
}

/**
 * Collects the rowsets of a request. One whose statement fails on the way is taken out: half of its
 * rows, or none of them, would read as if the server had said that there is nothing.
 */
function collectRowsets(
  request: Request,
  sets: { columns: string[]; rows: RawRow[] }[],
): { fail(): void } {
  let isOpen = false;
  const close = (): void => {
    isOpen = false;
  };
  let open: { columns: string[]; rows: RawRow[] } = { columns: [], rows: [] };
  request.on('columnMetadata', (columns) => {
    const names = Array.isArray(columns) ? columns.map((column) => column.colName) : [];
    open = { columns: names, rows: [] };
    sets.push(open);
    isOpen = true;
  });
  request.on('row', (cells: readonly DriverCell[]) => {
    if (!isOpen) return;
    // Names in the order of the columns: every row of a rowset has one shape.
    const row: Record<string, unknown> = {};
    for (const [index, name] of open.columns.entries()) row[name] = cells[index]?.value;
    open.rows.push(row);
  });
  request.on('done', close);
  request.on('doneInProc', close);
  request.on('doneProc', close);
  return {
    fail() {
      if (isOpen) sets.pop();
      close();
    },
  };
}

/** One cell as the driver hands it out. */
interface DriverCell {
  readonly value: unknown;
}

function addParameter(request: Request, parameter: SqlParameter): void {
  switch (parameter.type) {
    case 'int':
      request.addParameter(parameter.name, TYPES.Int, parameter.value);
      return;
    case 'varchar(30)':
      request.addParameter(parameter.name, TYPES.VarChar, parameter.value, { length: 30 });
      return;
    case 'varchar(33)':
      request.addParameter(parameter.name, TYPES.VarChar, parameter.value, { length: 33 });
      return;
    case 'nvarchar(max)':
      request.addParameter(parameter.name, TYPES.NVarChar, parameter.value, { length: Infinity });
      return;
    case 'nvarchar(128)':
      request.addParameter(parameter.name, TYPES.NVarChar, parameter.value, { length: 128 });
  }
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function lostProblem(
  settings: ConnectionSettings,
  reason: string,
  evidence?: ServerErrorEvidence,
): Problem {
  const kind = ProblemCatalogue['SF-NET-003'];
  return {
    code: 'SF-NET-003',
    summary: `${kind.title}: [${settings.instance}] at ${settings.host}:${settings.port}.`,
    because: [reason],
    remedy: kind.remedy,
    instance: settings.instance,
    ...(evidence === undefined ? {} : { evidence }),
  };
}

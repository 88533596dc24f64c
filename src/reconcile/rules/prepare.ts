/** Rules of `migrate` before anything is created in the availability groups: prerequisites, endpoints, logins. */

import { sameName, shownName } from '../../base/name.ts';
import { isGrouped } from '../../model/migration.ts';
import type { EndpointObservation, ServerObservation } from '../../model/observation.ts';
import { otherSide, type Side } from '../../model/side.ts';
import { findDatabase, holds, networkAccount, planOf, selectedNames, sides } from '../look.ts';
import { rule } from '../rule.ts';

/** Backup and restore by hand. */
export const manualSeeding = rule({
  id: 'R-MANUAL-SEEDING',
  phase: 'stopped',
  title: 'Stop: manual seeding is not in this version',
  why: 'The migration file asks for backup, copy and restore; sqlferry seeds automatically so far.',
  emits: 'needs-human',
  reversal: null,
  reference: 'standalone',
  needs: [],
  match: (_parts, { migration }) =>
    migration.seeding.kind === 'automatic'
      ? null
      : {
          kind: 'needs-human',
          because: 'The migration file asks for manual seeding, which is not in this version.',
          remedy:
            'Set seeding: automatic when instance names and versions match, or seed by hand as the article says.',
        },
});

/** The switch has happened already. */
export const alreadyCutOver = rule({
  id: 'R-ALREADY-CUT-OVER',
  phase: 'verify',
  title: 'Done: the target is already the primary',
  why: 'The migration has gone past this step; there is nothing left to migrate.',
  emits: 'done',
  reversal: null,
  reference: 'complete',
  needs: ['sourceDag', 'targetDag'],
  match: ({ sourceDag, targetDag }) =>
    targetDag?.localRoleDesc === 'PRIMARY' && sourceDag?.localRoleDesc !== 'PRIMARY'
      ? {
          kind: 'done',
          because:
            'The target is the primary: the switch has happened. Next: sqlferry finish --keep or --drop.',
        }
      : null,
});

/** Version, edition, feature and instance name of both servers. */
export const prerequisites = rule({
  id: 'R-PREREQUISITES',
  phase: 'prepare',
  title: 'Stop: a server does not meet the prerequisites',
  why: 'Version, edition, the Always On feature and equal instance names cannot be mended on the way.',
  emits: 'needs-human',
  reversal: null,
  reference: 'prerequisites',
  needs: ['sourceServer', 'targetServer'],
  match: ({ sourceServer, targetServer }, { migration }) => {
    const blockers = [
      ...serverBlockers('source', sourceServer, isGrouped(migration.source)),
      ...serverBlockers('target', targetServer, isGrouped(migration.target)),
      ...pairBlockers(sourceServer, targetServer),
    ];
    if (blockers.length === 0) return null;
    return {
      kind: 'needs-human',
      because: 'The servers do not meet the prerequisites of the migration.',
      blockers,
      remedy: 'Run sqlferry assess: it names every finding with its remedy.',
    };
  },
});

function serverBlockers(
  side: Side,
  server: ServerObservation,
  inCluster: boolean,
): readonly string[] {
  const blockers: string[] = [];
  if (!server.isHadrEnabled) blockers.push(`Always On is not enabled on the ${side}.`);
  if (server.engineEdition !== 3) {
    blockers.push(
      `The ${side} is ${server.edition}; a distributed availability group needs Enterprise.`,
    );
  }
  if (server.versionMajor < 14 && !inCluster) {
    blockers.push(
      `The ${side} is version ${server.productVersion}; CLUSTER_TYPE = NONE needs SQL Server 2017 (14).`,
    );
  }
  return blockers;
}

function pairBlockers(source: ServerObservation, target: ServerObservation): readonly string[] {
  const blockers: string[] = [];
  if (source.versionMajor !== target.versionMajor) {
    blockers.push(
      `The versions differ (${source.productVersion} and ${target.productVersion}): automatic seeding needs the same.`,
    );
  }
  const names = [source, target].map((server) => server.serverName.split('\\')[1] ?? 'MSSQLSERVER');
  if (!sameName(names[0] ?? '', names[1] ?? '')) {
    blockers.push(
      `The instance names differ (${names.join(' and ')}): automatic seeding needs the same.`,
    );
  }
  return blockers;
}

/** A named database does not exist. */
export const databaseMissing = rule({
  id: 'R-DATABASE-MISSING',
  phase: 'prepare',
  title: 'Stop: a database of the migration file does not exist on the source',
  why: 'A wrong name must not shrink the migration silently.',
  emits: 'needs-human',
  reversal: null,
  reference: 'standalone',
  needs: ['sourceDatabases'],
  match: ({ sourceDatabases }, { migration }) => {
    const names = selectedNames(migration, sourceDatabases);
    const missing = names.filter((name) => findDatabase(sourceDatabases, name) === null);
    if (missing.length === 0 && names.length > 0) return null;
    return {
      kind: 'needs-human',
      because: 'The databases of the migration file are not all on the source.',
      blockers:
        names.length === 0
          ? ['The source has no user database that is selected.']
          : missing.map((name) => `Database ${shownName(name)} does not exist on the source.`),
      remedy: 'Correct databases in the migration file.',
    };
  },
});

/** A database cannot enter an availability group yet. */
export const databaseNotReady = rule({
  id: 'R-DATABASE-NOT-READY',
  phase: 'prepare',
  title: 'Stop: a database cannot enter an availability group yet',
  why: 'It must be ONLINE, in the FULL recovery model, and backed up since it is in that model (1465, 1475).',
  emits: 'needs-human',
  reversal: null,
  reference: 'groupPrerequisites',
  needs: ['sourceDatabases', 'sourceGroup'],
  match: ({ sourceDatabases, sourceGroup }, { migration }) => {
    const blockers: string[] = [];
    for (const name of selectedNames(migration, sourceDatabases)) {
      const database = findDatabase(sourceDatabases, name);
      if (database === null || holds(sourceGroup?.databases ?? [], name)) continue;
      const shown = shownName(name);
      if (database.stateDesc !== 'ONLINE') blockers.push(`${shown} is ${database.stateDesc}.`);
      if (database.recoveryModelDesc !== 'FULL') {
        blockers.push(
          `${shown} is in the ${database.recoveryModelDesc} model: ALTER DATABASE ${shown} SET RECOVERY FULL, then a full backup.`,
        );
      } else if (database.hasLogChain !== true) {
        blockers.push(
          database.hasLogChain === false
            ? `${shown} has no full backup that counts: BACKUP DATABASE ${shown} TO DISK = N'<path>'.`
            : `Whether ${shown} has a full backup that counts is not shown to this login.`,
        );
      }
    }
    if (blockers.length === 0) return null;
    return {
      kind: 'needs-human',
      because: 'Not every database can enter an availability group yet.',
      blockers,
      remedy: 'Carry out what is named for each database, then run sqlferry migrate again.',
    };
  },
});

/** A database of that name is already on the target. */
export const nameTaken = rule({
  id: 'R-NAME-TAKEN',
  phase: 'prepare',
  title: 'Stop: a database of that name is already on the target',
  why: 'Seeding never overwrites a database, and sqlferry never drops one.',
  emits: 'needs-human',
  reversal: null,
  reference: 'seeding',
  needs: ['sourceDatabases', 'targetDatabases', 'targetGroup', 'targetDag'],
  match: ({ sourceDatabases, targetDatabases, targetGroup, targetDag }, { migration }) => {
    const taken = selectedNames(migration, sourceDatabases).filter((name) => {
      const database = findDatabase(targetDatabases, name);
      if (database === null || holds(targetGroup?.databases ?? [], name)) return false;
      return targetDag === null || database.stateDesc === 'ONLINE';
    });
    if (taken.length === 0) return null;
    return {
      kind: 'needs-human',
      because:
        'The target already has databases of these names that do not belong to the migration.',
      blockers: taken.map((name) => `Database ${shownName(name)} exists on the target.`),
      remedy: `Look at what they hold; rename or drop them yourself, for example: ALTER DATABASE ${shownName(taken[0] ?? '')} MODIFY NAME = <new name>`,
    };
  },
});

/** The target's availability group already holds a database and is in no DAG. */
export const targetGroupNotEmpty = rule({
  id: 'R-TARGET-GROUP-NOT-EMPTY',
  phase: 'prepare',
  title: 'Stop: the target availability group already holds databases',
  why: 'JOIN is refused with 19511 while the group of the forwarder is not empty; after finish --drop this is the normal state.',
  emits: 'needs-human',
  reversal: null,
  reference: 'configure',
  needs: ['targetGroup', 'targetDag'],
  match: ({ targetGroup, targetDag }) => {
    if (targetDag !== null || targetGroup === null || targetGroup.databases.length === 0)
      return null;
    return {
      kind: 'needs-human',
      because: `The group ${shownName(targetGroup.name)} on the target holds ${targetGroup.databases.map(shownName).join(', ')} and is in no distributed availability group.`,
      remedy: `When the migration is already finished there is nothing to do; otherwise take the databases out: ALTER AVAILABILITY GROUP ${shownName(targetGroup.name)} REMOVE DATABASE <name>`,
    };
  },
});

/** Missing endpoint. */
export const endpointCreate = rule({
  id: 'R-ENDPOINT-CREATE',
  phase: 'prepare',
  title: 'Create the database mirroring endpoint',
  why: 'Availability groups talk through it; it must listen on all addresses (LISTENER_IP = ALL) and be STARTED.',
  emits: 'create-endpoint',
  reversal: 'DROP ENDPOINT, by hand: other availability groups may use it by then.',
  reference: 'createEndpoint',
  needs: ['sourceEndpoint', 'targetEndpoint'],
  match: ({ sourceEndpoint, targetEndpoint }, { migration }) => {
    const side = sourceEndpoint === null ? 'source' : targetEndpoint === null ? 'target' : null;
    if (side === null) return null;
    const endpoint = planOf(migration, side).instances[0].endpoint;
    return {
      kind: 'act',
      because: `The ${side} has no database mirroring endpoint; ${shownName(endpoint.name)} on port ${endpoint.port} is created.`,
      act: { kind: 'create-endpoint', side },
    };
  },
});

/** The endpoint that is there does not fit. */
export const endpointShape = rule({
  id: 'R-ENDPOINT-SHAPE',
  phase: 'prepare',
  title: 'Stop: an endpoint listens on another port or on one address only',
  why: 'An instance has one such endpoint, and changing it cuts the sessions of whatever else uses it.',
  emits: 'needs-human',
  reversal: null,
  reference: 'configure',
  needs: ['sourceEndpoint', 'targetEndpoint'],
  match: ({ sourceEndpoint, targetEndpoint }, { migration }) => {
    const blockers = [
      ...shapeBlockers(
        'source',
        sourceEndpoint,
        planOf(migration, 'source').instances[0].endpoint.port,
      ),
      ...shapeBlockers(
        'target',
        targetEndpoint,
        planOf(migration, 'target').instances[0].endpoint.port,
      ),
    ];
    const wrong = blockers[0];
    if (wrong === undefined) return null;
    return {
      kind: 'needs-human',
      because: 'An existing database mirroring endpoint does not fit the migration file.',
      blockers: blockers.map((blocker) => blocker.evidence),
      remedy: wrong.remedy,
    };
  },
});

function shapeBlockers(
  side: Side,
  endpoint: EndpointObservation | null,
  port: number,
): readonly { readonly evidence: string; readonly remedy: string }[] {
  if (endpoint === null) return [];
  const name = shownName(endpoint.name);
  if (endpoint.port !== port) {
    return [
      {
        evidence: `${name} on the ${side} listens on port ${endpoint.port}, the migration file says ${port}.`,
        remedy: `Set endpoint.port of the ${side} to ${endpoint.port} in the migration file.`,
      },
    ];
  }
  if (endpoint.ipAddress === null) return [];
  return [
    {
      evidence: `${name} on the ${side} listens on ${endpoint.ipAddress} only.`,
      remedy: `Run on the ${side} (its mirroring sessions reconnect): ALTER ENDPOINT ${name} AS TCP (LISTENER_PORT = ${port}, LISTENER_IP = ALL)`,
    },
  ];
}

/** The endpoint is stopped. */
export const endpointStart = rule({
  id: 'R-ENDPOINT-START',
  phase: 'prepare',
  title: 'Start the database mirroring endpoint',
  why: 'An endpoint created without STATE = STARTED is STOPPED, and nothing connects.',
  emits: 'start-endpoint',
  reversal: 'ALTER ENDPOINT ... STATE = STOPPED.',
  reference: 'alterEndpoint',
  needs: ['sourceEndpoint', 'targetEndpoint'],
  match: ({ sourceEndpoint, targetEndpoint }) => {
    for (const side of sides) {
      const endpoint = side === 'source' ? sourceEndpoint : targetEndpoint;
      if (endpoint === null || endpoint.stateDesc === 'STARTED') continue;
      return {
        kind: 'act',
        because: `Endpoint ${shownName(endpoint.name)} on the ${side} is ${endpoint.stateDesc}.`,
        act: { kind: 'start-endpoint', side, endpoint: endpoint.name },
      };
    }
    return null;
  },
});

/** The peer's service account has no login. */
export const peerLoginCreate = rule({
  id: 'R-PEER-LOGIN-CREATE',
  phase: 'prepare',
  title: "Create a login for the peer's service account",
  why: 'The peer comes in under its Windows account and needs a login to be let through the endpoint.',
  emits: 'create-peer-login',
  reversal: 'DROP LOGIN, once no availability group uses it any more.',
  reference: 'createLogin',
  needs: ['sourceServer', 'targetServer', 'sourceWindowsLogins', 'targetWindowsLogins'],
  match: (parts) => {
    for (const side of sides) {
      const account = networkAccount(side === 'source' ? parts.targetServer : parts.sourceServer);
      const logins = side === 'source' ? parts.sourceWindowsLogins : parts.targetWindowsLogins;
      if (account === null || logins.some((login) => sameName(login.name, account))) continue;
      return {
        kind: 'act',
        because: `The ${otherSide(side)} runs as ${shownName(account)}, and the ${side} has no login of that name.`,
        act: { kind: 'create-peer-login', side, login: account },
      };
    }
    return null;
  },
});

/** The peer's login may not connect to the endpoint. */
export const peerConnectGrant = rule({
  id: 'R-PEER-CONNECT-GRANT',
  phase: 'prepare',
  title: "Let the peer's service account through the endpoint",
  why: 'Without CONNECT on the endpoint the peer is turned away (28034 in the error log, 35250 or 35201 on the statement).',
  emits: 'grant-endpoint-connect',
  reversal: 'REVOKE CONNECT ON ENDPOINT.',
  reference: 'grantEndpoint',
  needs: [
    'sourceServer',
    'targetServer',
    'sourceWindowsLogins',
    'targetWindowsLogins',
    'sourceEndpoint',
    'targetEndpoint',
  ],
  match: (parts) => {
    for (const side of sides) {
      const account = networkAccount(side === 'source' ? parts.targetServer : parts.sourceServer);
      const logins = side === 'source' ? parts.sourceWindowsLogins : parts.targetWindowsLogins;
      const endpoint = side === 'source' ? parts.sourceEndpoint : parts.targetEndpoint;
      if (account === null || endpoint === null) continue;
      const login = logins.find((other) => sameName(other.name, account));
      const admitted =
        login?.isSysadmin === true ||
        holds(endpoint.connectGrantees, account) ||
        holds(endpoint.connectGrantees, 'public');
      if (admitted) continue;
      return {
        kind: 'act',
        because: `${shownName(account)} has no CONNECT on endpoint ${shownName(endpoint.name)} of the ${side}.`,
        act: { kind: 'grant-endpoint-connect', side, endpoint: endpoint.name, login: account },
      };
    }
    return null;
  },
});

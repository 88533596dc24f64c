import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AdminStatement } from '../ast.ts';
import { parseBatch } from '../parse.ts';

function admin(text: string): AdminStatement {
  const parsed = parseBatch(text);
  assert.ok(parsed.ok, parsed.ok ? '' : `${text}: ${parsed.error.number} ${parsed.error.text}`);
  const [statement, second] = parsed.value.statements;
  assert.equal(second, undefined);
  assert.ok(statement?.kind === 'admin');
  return statement.statement;
}

function errorOf(text: string): number {
  const parsed = parseBatch(text);
  assert.ok(!parsed.ok, text);
  return parsed.error.number;
}

const MEMBERS = [
  {
    availabilityGroup: 'OnPremAG',
    listenerUrl: 'tcp://OnPremNode.contoso.com:5022',
    availabilityMode: 'ASYNCHRONOUS_COMMIT',
    failoverMode: 'MANUAL',
    seedingMode: 'AUTOMATIC',
  },
  {
    availabilityGroup: 'AzureAG',
    listenerUrl: 'tcp://SQLVM.contoso.com:5022',
    availabilityMode: 'ASYNCHRONOUS_COMMIT',
    failoverMode: 'MANUAL',
    seedingMode: 'AUTOMATIC',
  },
];

test('the article: endpoint with DATA_MIRRORING and ROLE first', () => {
  assert.deepEqual(
    admin(`CREATE ENDPOINT [Hadr_endpoint]  
   STATE=STARTED 
   AS TCP (LISTENER_PORT = 5022, LISTENER_IP = ALL) 
FOR DATA_MIRRORING ( 
   ROLE = ALL,  
   AUTHENTICATION = WINDOWS NEGOTIATE, 
   ENCRYPTION = REQUIRED ALGORITHM AES 
) 
`),
    {
      kind: 'create-endpoint',
      endpoint: 'Hadr_endpoint',
      state: 'STARTED',
      tcp: { listenerPort: 5022, listenerIp: null },
      mirroring: {
        authentication: { windows: 'NEGOTIATE', certificate: null, certificateFirst: false },
        encryption: { mode: 'REQUIRED', algorithm: 'AES' },
        role: 'ALL',
      },
    },
  );
});

test('the article: permission on the endpoint', () => {
  assert.deepEqual(admin('GRANT CONNECT ON ENDPOINT::[Hadr_endpoint] TO [CONTOSO\\SQLVM$] '), {
    kind: 'permission',
    action: 'grant',
    permissions: ['CONNECT'],
    on: { class: 'ENDPOINT', name: { database: null, schema: null, name: 'Hadr_endpoint' } },
    to: ['CONTOSO\\SQLVM$'],
  });
});

test('the article: availability group of a standalone instance', () => {
  assert.deepEqual(
    admin(`CREATE AVAILABILITY GROUP [OnPremAG] 
   WITH (AUTOMATED_BACKUP_PREFERENCE = PRIMARY, 
   DB_FAILOVER = OFF, 
   DTC_SUPPORT = NONE, 
   CLUSTER_TYPE=NONE )
   FOR DATABASE [Adventureworks] 

REPLICA ON N'OnPremNode' 
WITH (ENDPOINT_URL = N'TCP://OnPremNode.contoso.com:5022', FAILOVER_MODE = MANUAL, 
AVAILABILITY_MODE = SYNCHRONOUS_COMMIT, 
SEEDING_MODE = AUTOMATIC, SECONDARY_ROLE(ALLOW_CONNECTIONS = NO)); 
`),
    {
      kind: 'create-availability-group',
      group: 'OnPremAG',
      options: {
        automatedBackupPreference: 'PRIMARY',
        dbFailover: false,
        dtcSupport: 'NONE',
        clusterType: 'NONE',
      },
      databases: ['Adventureworks'],
      replicas: [
        {
          server: 'OnPremNode',
          options: {
            endpointUrl: 'TCP://OnPremNode.contoso.com:5022',
            availabilityMode: 'SYNCHRONOUS_COMMIT',
            failoverMode: 'MANUAL',
            seedingMode: 'AUTOMATIC',
            secondaryAllowConnections: 'NO',
          },
        },
      ],
      listener: null,
    },
  );
});

test('the article: target group without databases and with RSSTC', () => {
  const statement = admin(`CREATE AVAILABILITY GROUP [AzureAG]
   WITH (AUTOMATED_BACKUP_PREFERENCE = PRIMARY, 
   DB_FAILOVER = OFF, 
   DTC_SUPPORT = NONE, 
   CLUSTER_TYPE=NONE, 
   REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT = 0) 
FOR REPLICA ON N'SQLVM' 
WITH (ENDPOINT_URL = N'TCP://SQLVM.contoso.com:5022', FAILOVER_MODE = MANUAL,    
AVAILABILITY_MODE = SYNCHRONOUS_COMMIT,    
SEEDING_MODE = AUTOMATIC,SECONDARY_ROLE(ALLOW_CONNECTIONS = NO));    
`);
  assert.ok(statement.kind === 'create-availability-group');
  assert.deepEqual(statement.databases, []);
  assert.equal(statement.options.requiredSynchronizedSecondariesToCommit, 0);
});

test('the article: group with two replicas and no WITH', () => {
  const statement = admin(`CREATE AVAILABILITY GROUP [AzureAG]
FOR
   REPLICA ON N'SQLVM1' WITH (ENDPOINT_URL = N'TCP://SQLVM1.contoso.com:5022',
   FAILOVER_MODE = MANUAL,
   AVAILABILITY_MODE = SYNCHRONOUS_COMMIT, 
   BACKUP_PRIORITY = 50,
   SECONDARY_ROLE(ALLOW_CONNECTIONS = NO),
   SEEDING_MODE = AUTOMATIC),    
N'SQLVM2' WITH (ENDPOINT_URL = N'TCP://SQLVM2.contoso.com:5022',    
   FAILOVER_MODE = MANUAL,    
   AVAILABILITY_MODE = SYNCHRONOUS_COMMIT,    
   BACKUP_PRIORITY = 50,    
   SECONDARY_ROLE(ALLOW_CONNECTIONS = NO),    
   SEEDING_MODE = AUTOMATIC);   
`);
  assert.ok(statement.kind === 'create-availability-group');
  assert.deepEqual(
    statement.replicas.map((replica) => replica.server),
    ['SQLVM1', 'SQLVM2'],
  );
  assert.equal(statement.replicas[1]?.options.backupPriority, 50);
});

test('the article: distributed group with tabs, lower-case tcp and trailing blanks', () => {
  assert.deepEqual(
    admin(`CREATE AVAILABILITY GROUP [DAG]   
   WITH (DISTRIBUTED)    
   AVAILABILITY GROUP ON 
      'OnPremAG' WITH    
      (\t\t 
         LISTENER_URL = 'tcp://OnPremNode.contoso.com:5022',   
         AVAILABILITY_MODE = ASYNCHRONOUS_COMMIT,   
         FAILOVER_MODE = MANUAL,    
         SEEDING_MODE = AUTOMATIC    
      ),    
      'AzureAG' WITH     
      (    
         LISTENER_URL = 'tcp://SQLVM.contoso.com:5022',  
         AVAILABILITY_MODE = ASYNCHRONOUS_COMMIT,    
         FAILOVER_MODE = MANUAL,    
         SEEDING_MODE = AUTOMATIC    
      );    
`),
    {
      kind: 'create-distributed-availability-group',
      group: 'DAG',
      options: { distributed: true },
      members: MEMBERS,
    },
  );
});

test('the article: JOIN of the distributed group', () => {
  assert.deepEqual(
    admin(`ALTER AVAILABILITY GROUP [DAG]    
JOIN    
AVAILABILITY GROUP ON   
   'OnPremAG' WITH    
 \t(LISTENER_URL = 'tcp://OnPremNode.contoso.com:5022', 
    AVAILABILITY_MODE = ASYNCHRONOUS_COMMIT,  
    FAILOVER_MODE = MANUAL,  
    SEEDING_MODE = AUTOMATIC  
 \t),   
   'AzureAG' WITH 
 \t(LISTENER_URL = 'tcp://SQLVM.contoso.com:5022',    
    AVAILABILITY_MODE = ASYNCHRONOUS_COMMIT,   
    FAILOVER_MODE = MANUAL,    
    SEEDING_MODE = AUTOMATIC    
 \t);     
`),
    {
      kind: 'alter-availability-group',
      group: 'DAG',
      action: { kind: 'join-distributed', members: MEMBERS },
    },
  );
});

const ACTIONS: readonly (readonly [string, unknown])[] = [
  ['JOIN; ', { kind: 'join', clusterType: null }],
  ['JOIN WITH (CLUSTER_TYPE = NONE)', { kind: 'join', clusterType: 'NONE' }],
  ['  GRANT CREATE ANY DATABASE; ', { kind: 'grant-create-any-database' }],
  ['DENY CREATE ANY DATABASE', { kind: 'deny-create-any-database' }],
  [
    "MODIFY  \n AVAILABILITY GROUP ON   \n 'AzureAG' WITH \n (  SEEDING_MODE = MANUAL  )",
    {
      kind: 'modify-distributed',
      members: [{ availabilityGroup: 'AzureAG', seedingMode: 'MANUAL' }],
    },
  ],
  [
    "MODIFY AVAILABILITY GROUP ON 'a' WITH (AVAILABILITY_MODE = SYNCHRONOUS_COMMIT), 'b' WITH (LISTENER = 'tcp://b:5022')",
    {
      kind: 'modify-distributed',
      members: [
        { availabilityGroup: 'a', availabilityMode: 'SYNCHRONOUS_COMMIT' },
        { availabilityGroup: 'b', listenerUrl: 'tcp://b:5022' },
      ],
    },
  ],
  ['SET (ROLE = SECONDARY)', { kind: 'set-role-secondary' }],
  [
    'set (required_synchronized_secondaries_to_commit = 1)',
    { kind: 'set-options', options: { requiredSynchronizedSecondariesToCommit: 1 } },
  ],
  ['FORCE_FAILOVER_ALLOW_DATA_LOSS', { kind: 'force-failover-allow-data-loss' }],
  ['FAILOVER', { kind: 'failover' }],
  ['OFFLINE', { kind: 'offline' }],
  ['ADD DATABASE a, [b c]', { kind: 'add-database', databases: ['a', 'b c'] }],
  ['REMOVE DATABASE a', { kind: 'remove-database', databases: ['a'] }],
  ["REMOVE REPLICA ON 'x\\y'", { kind: 'remove-replica', server: 'x\\y' }],
  [
    "MODIFY REPLICA ON 'x' WITH (SESSION_TIMEOUT = 15)",
    { kind: 'modify-replica', replica: { server: 'x', options: { sessionTimeoutSeconds: 15 } } },
  ],
  [
    "MODIFY REPLICA ON N'x' WITH (PRIMARY_ROLE (READ_ONLY_ROUTING_LIST = ('y', 'z')))",
    {
      kind: 'modify-replica',
      replica: { server: 'x', options: { readOnlyRoutingList: ['y', 'z'] } },
    },
  ],
  [
    "ADD REPLICA ON 'x' WITH (ENDPOINT_URL = 'TCP://x:5022', AVAILABILITY_MODE = SYNCHRONOUS_COMMIT, FAILOVER_MODE = AUTOMATIC, SECONDARY_ROLE (ALLOW_CONNECTIONS = READ_ONLY, READ_ONLY_ROUTING_URL = 'TCP://x:1433'), PRIMARY_ROLE (ALLOW_CONNECTIONS = READ_WRITE))",
    {
      kind: 'add-replica',
      replica: {
        server: 'x',
        options: {
          endpointUrl: 'TCP://x:5022',
          availabilityMode: 'SYNCHRONOUS_COMMIT',
          failoverMode: 'AUTOMATIC',
          secondaryAllowConnections: 'READ_ONLY',
          readOnlyRoutingUrl: 'TCP://x:1433',
          primaryAllowConnections: 'READ_WRITE',
        },
      },
    },
  ],
  [
    "ADD LISTENER N'L' (\nWITH IP\n( (N'10.0.0.4', N'255.255.255.0'), (N'10.0.1.4', N'255.255.255.0') )\n, PORT=60173)",
    {
      kind: 'add-listener',
      listener: {
        name: 'L',
        addresses: [
          { ip: '10.0.0.4', mask: '255.255.255.0' },
          { ip: '10.0.1.4', mask: '255.255.255.0' },
        ],
        dhcp: false,
        port: 60173,
      },
    },
  ],
  [
    "MODIFY LISTENER 'L' (PORT = 1433)",
    { kind: 'modify-listener', listener: 'L', addIp: null, port: 1433 },
  ],
  ["RESTART LISTENER 'L'", { kind: 'restart-listener', listener: 'L' }],
  ["REMOVE LISTENER 'L'", { kind: 'remove-listener', listener: 'L' }],
];

for (const [text, action] of ACTIONS) {
  test(`ALTER AVAILABILITY GROUP ... ${text.replaceAll(/\s+/gu, ' ').slice(0, 60)}`, () => {
    assert.deepEqual(admin(`ALTER AVAILABILITY GROUP [g] ${text}`), {
      kind: 'alter-availability-group',
      group: 'g',
      action,
    });
  });
}

const OTHERS: readonly (readonly [string, unknown])[] = [
  ['DROP AVAILABILITY GROUP [DAG]', { kind: 'drop-availability-group', group: 'DAG' }],
  [
    'ALTER ENDPOINT e STATE = STOPPED',
    { kind: 'alter-endpoint', endpoint: 'e', state: 'STOPPED', tcp: null, mirroring: null },
  ],
  [
    'ALTER ENDPOINT e AS TCP (LISTENER_PORT = 5023, LISTENER_IP = (10.0.0.1)) FOR DATABASE_MIRRORING (AUTHENTICATION = CERTIFICATE c WINDOWS KERBEROS)',
    {
      kind: 'alter-endpoint',
      endpoint: 'e',
      state: null,
      tcp: { listenerPort: 5023, listenerIp: '10.0.0.1' },
      mirroring: {
        authentication: { windows: 'KERBEROS', certificate: 'c', certificateFirst: true },
        encryption: null,
        role: null,
      },
    },
  ],
  ['DROP ENDPOINT e', { kind: 'drop-endpoint', endpoint: 'e' }],
  [
    "CREATE MASTER KEY ENCRYPTION BY PASSWORD = 'p''w'",
    { kind: 'create-master-key', password: "p'w" },
  ],
  [
    'CREATE CERTIFICATE c AUTHORIZATION u FROM BINARY = 0x0102',
    {
      kind: 'create-certificate',
      name: 'c',
      authorization: 'u',
      subject: null,
      startDate: null,
      expiryDate: null,
      fromFile: null,
      fromBinary: Uint8Array.of(1, 2),
    },
  ],
  [
    "BACKUP CERTIFICATE c TO FILE = 'c.cer'",
    { kind: 'backup-certificate', name: 'c', file: 'c.cer' },
  ],
  [
    'CREATE LOGIN [D\\a$] FROM WINDOWS',
    { kind: 'create-login', login: 'D\\a$', source: { kind: 'windows' }, defaultDatabase: null },
  ],
  [
    "CREATE LOGIN a WITH PASSWORD = N'x', CHECK_POLICY = OFF, DEFAULT_DATABASE = [db], SID = 0x0A",
    {
      kind: 'create-login',
      login: 'a',
      source: { kind: 'password', password: 'x', sid: Uint8Array.of(10), checkPolicy: false },
      defaultDatabase: 'db',
    },
  ],
  ['ALTER LOGIN a DISABLE', { kind: 'alter-login', login: 'a', change: { kind: 'disable' } }],
  [
    "ALTER LOGIN a WITH PASSWORD = 'y'",
    { kind: 'alter-login', login: 'a', change: { kind: 'password', password: 'y' } },
  ],
  [
    'ALTER SERVER ROLE [sysadmin] ADD MEMBER a',
    { kind: 'alter-server-role', role: 'sysadmin', change: 'add', member: 'a' },
  ],
  [
    'REVOKE VIEW SERVER STATE FROM a',
    {
      kind: 'permission',
      action: 'revoke',
      permissions: ['VIEW SERVER STATE'],
      on: { class: 'SERVER', name: null },
      to: ['a'],
    },
  ],
  [
    'DENY SELECT, INSERT ON OBJECT::dbo.t TO public',
    {
      kind: 'permission',
      action: 'deny',
      permissions: ['SELECT', 'INSERT'],
      on: { class: 'OBJECT', name: { database: null, schema: 'dbo', name: 't' } },
      to: ['public'],
    },
  ],
  [
    'GRANT ALTER ANY AVAILABILITY GROUP TO a',
    {
      kind: 'permission',
      action: 'grant',
      permissions: ['ALTER ANY AVAILABILITY GROUP'],
      on: { class: 'SERVER', name: null },
      to: ['a'],
    },
  ],
  ['CREATE DATABASE [a b]', { kind: 'create-database', database: 'a b' }],
  [
    'DROP DATABASE IF EXISTS a, b',
    { kind: 'drop-database', databases: ['a', 'b'], ifExists: true },
  ],
  [
    'ALTER DATABASE [db] SET HADR ( AVAILABILITY GROUP = [g] )',
    { kind: 'alter-database-hadr', database: 'db', action: { kind: 'join', group: 'g' } },
  ],
  [
    'ALTER DATABASE db SET HADR AVAILABILITY GROUP = g',
    { kind: 'alter-database-hadr', database: 'db', action: { kind: 'join', group: 'g' } },
  ],
  [
    'ALTER DATABASE db SET HADR OFF',
    { kind: 'alter-database-hadr', database: 'db', action: { kind: 'off' } },
  ],
  [
    'ALTER DATABASE db SET HADR SUSPEND',
    { kind: 'alter-database-hadr', database: 'db', action: { kind: 'suspend' } },
  ],
  [
    'ALTER DATABASE db SET RECOVERY FULL',
    {
      kind: 'alter-database-set',
      database: 'db',
      option: 'RECOVERY',
      value: 'FULL',
      rollback: 'none',
    },
  ],
  [
    'ALTER DATABASE db SET SINGLE_USER WITH ROLLBACK IMMEDIATE',
    {
      kind: 'alter-database-set',
      database: 'db',
      option: 'SINGLE_USER',
      value: null,
      rollback: 'immediate',
    },
  ],
  [
    "BACKUP DATABASE db TO DISK = 'a', DISK = 'b' WITH FORMAT, COMPRESSION, CHECKSUM, COPY_ONLY, STATS = 5, NAME = 'x'",
    {
      kind: 'backup',
      what: 'database',
      database: 'db',
      devices: [
        { medium: 'DISK', path: 'a' },
        { medium: 'DISK', path: 'b' },
      ],
      options: {
        format: true,
        init: false,
        compression: true,
        checksum: true,
        copyOnly: true,
        differential: false,
        noRecovery: false,
        name: 'x',
        description: null,
        stats: 5,
      },
    },
  ],
  [
    "BACKUP LOG db TO URL = 'https://x'",
    {
      kind: 'backup',
      what: 'log',
      database: 'db',
      devices: [{ medium: 'URL', path: 'https://x' }],
      options: {
        format: false,
        init: false,
        compression: false,
        checksum: false,
        copyOnly: false,
        differential: false,
        noRecovery: false,
        name: null,
        description: null,
        stats: null,
      },
    },
  ],
  [
    "RESTORE DATABASE db FROM DISK = 'a' WITH NORECOVERY, MOVE 'd' TO 'x.mdf', MOVE 'l' TO 'x.ldf', REPLACE, STATS = 10",
    {
      kind: 'restore',
      what: 'database',
      database: 'db',
      devices: [{ medium: 'DISK', path: 'a' }],
      options: {
        recovery: 'NORECOVERY',
        replace: true,
        moves: [
          { from: 'd', to: 'x.mdf' },
          { from: 'l', to: 'x.ldf' },
        ],
        stopAt: null,
        file: null,
        checksum: false,
        stats: 10,
      },
    },
  ],
  [
    'RESTORE DATABASE db WITH RECOVERY',
    {
      kind: 'restore',
      what: 'database',
      database: 'db',
      devices: [],
      options: {
        recovery: 'RECOVERY',
        replace: false,
        moves: [],
        stopAt: null,
        file: null,
        checksum: false,
        stats: null,
      },
    },
  ],
  [
    "RESTORE HEADERONLY FROM DISK = 'a'",
    {
      kind: 'restore-inspect',
      what: 'headeronly',
      devices: [{ medium: 'DISK', path: 'a' }],
      file: null,
      checksum: false,
    },
  ],
  ['KILL 53', { kind: 'kill', sessionId: 53 }],
  [
    'DBCC TRACESTATUS(1800, -1) WITH NO_INFOMSGS',
    { kind: 'dbcc', command: 'TRACESTATUS', arguments: [1800, -1], options: ['NO_INFOMSGS'] },
  ],
  ['CHECKPOINT', { kind: 'checkpoint' }],
  ['SHUTDOWN WITH NOWAIT', { kind: 'shutdown', noWait: true }],
];

for (const [text, expected] of OTHERS) {
  test(text.slice(0, 70), () => {
    assert.deepEqual(admin(text), expected);
  });
}

const REFUSED: readonly (readonly [string, number])[] = [
  ["CREATE AVAILABILITY GROUP g WITH (FOO = 1) FOR REPLICA ON 'a' WITH (ENDPOINT_URL = 'x')", 155],
  [
    "CREATE AVAILABILITY GROUP g WITH (BASIC, BASIC) FOR REPLICA ON 'a' WITH (ENDPOINT_URL = 'x')",
    153,
  ],
  ["CREATE AVAILABILITY GROUP g FOR REPLICA ON 'a' WITH (AVAILABILITY_MODE = FAST)", 102],
  ['CREATE AVAILABILITY GROUP g', 102],
  ['ALTER AVAILABILITY GROUP g', 102],
  ['ALTER AVAILABILITY GROUP g SET (ROLE = PRIMARY)', 156],
  ["ALTER AVAILABILITY GROUP 'g' JOIN", 102],
  ['CREATE ENDPOINT e STATE = STARTED', 102],
  ['CREATE ENDPOINT e AS TCP (LISTENER_PORT = 1) FOR TSQL ()', 49_901],
  ['ALTER DATABASE d SET FOO ON', 155],
  ['ALTER DATABASE d SET HADR (FOO)', 102],
  ["BACKUP DATABASE d TO DISK = 'a' WITH FOO", 155],
  ["BACKUP DATABASE d TO TAPE = 'a'", 49_901],
  ["RESTORE DATABASE d FROM DISK = 'a' WITH STANDBY = 'x'", 49_901],
  ["RESTORE DATABASE d FROM DISK = 'a' WITH RECOVERY, NORECOVERY", 3031],
  ['CREATE LOGIN a', 102],
  ['GRANT SELECT (a) ON t TO b', 49_901],
  ['CREATE DATABASE d ON PRIMARY (NAME = x)', 49_901],
  ['DROP SOMETHING x', 102],
];

for (const [text, number] of REFUSED) {
  test(`refuses with ${number}: ${text.slice(0, 60)}`, () => {
    assert.equal(errorOf(text), number);
  });
}

/** Server objects of security and of connections to other servers, as data. */

import { shownName } from '../../base/name.ts';
import { serviceObjectRows } from './server-object-service.ts';
import {
  dbatools,
  eachOnTarget,
  halves,
  REACH,
  SECRET,
  type ObjectRow,
} from './server-object-row.ts';

const securityObjectRows: readonly ObjectRow[] = [
  {
    id: 'OBJ-SERVER-ROLES',
    kind: 'serverRoles',
    plural: 'user-defined server roles',
    title: 'User-defined server roles are on the target',
    why: 'Rights that logins have through such a role are gone where it does not exist.',
    reference: 'serverRoles',
    general: 'On the target: CREATE SERVER ROLE [<role>]; then its grants and members.',
    remedy: eachOnTarget((name) => `CREATE SERVER ROLE ${shownName(name)};`),
    notScripted: REACH,
  },
  {
    id: 'OBJ-ROLE-MEMBERS',
    kind: 'roleMembers',
    plural: 'memberships in server roles',
    title: 'Logins are members of the same server roles',
    why: 'Jobs and administrators fail on the target with rights they had on the source.',
    reference: 'serverRoles',
    general: 'On the target: ALTER SERVER ROLE [<role>] ADD MEMBER [<login>];',
    remedy: eachOnTarget((name) => {
      const [role, member] = halves(name);
      return `ALTER SERVER ROLE ${shownName(role)} ADD MEMBER ${shownName(member)};`;
    }),
    notScripted: REACH,
  },
  {
    id: 'OBJ-SERVER-GRANTS',
    kind: 'serverGrants',
    plural: 'server permissions',
    title: 'Logins have the same permissions on the server',
    why: 'VIEW SERVER STATE of a monitor, ALTER TRACE, a DENY that somebody relied on: none of them travels.',
    reference: 'groupLogins',
    general: 'On the target: GRANT or DENY the permission to the login.',
    remedy: eachOnTarget((name) => {
      const cut = name.indexOf(' TO ');
      const words = name.slice(0, cut).replace('GRANT_WITH_GRANT_OPTION', 'GRANT');
      const option = name.startsWith('GRANT_WITH_GRANT_OPTION') ? ' WITH GRANT OPTION' : '';
      return `${words} TO ${shownName(name.slice(cut + 4))}${option};`;
    }),
    notScripted: REACH,
  },
  {
    id: 'OBJ-CREDENTIALS',
    kind: 'credentials',
    plural: 'credentials',
    title: 'Credentials are on the target',
    why: 'Proxies of jobs, backups to a URL and keys in a vault use them.',
    reference: 'credentials',
    general:
      "On the target: CREATE CREDENTIAL [<name>] WITH IDENTITY = N'<identity>', SECRET = N'<secret>';",
    remedy: dbatools('Copy-DbaCredential', 'Name'),
    notScripted: SECRET,
  },
  {
    id: 'OBJ-CRYPTO-PROVIDERS',
    kind: 'cryptographicProviders',
    plural: 'cryptographic providers',
    title: 'Providers of keys outside the server are on the target',
    why: 'A database whose key lies in a vault or a module does not open without its provider.',
    reference: 'encryptionHierarchy',
    off: 'off',
    general:
      "Install the provider on the target, then: CREATE CRYPTOGRAPHIC PROVIDER [<name>] FROM FILE = N'<dll>';",
    remedy: eachOnTarget(
      (name) =>
        `install the provider, then CREATE CRYPTOGRAPHIC PROVIDER ${shownName(name)} FROM FILE = N'<dll>';`,
    ),
    notScripted: 'The provider has to be installed in Windows first.',
  },
  {
    id: 'OBJ-ASYMMETRIC-KEYS',
    kind: 'asymmetricKeys',
    plural: 'asymmetric keys in master',
    title: 'Asymmetric keys in master are on the target',
    why: 'Logins of signed assemblies and keys of a vault are made from them.',
    reference: 'encryptionHierarchy',
    by: 'detail',
    general:
      'Create them on the target from the same file, assembly or vault key: CREATE ASYMMETRIC KEY [<name>] FROM ...',
    remedy: eachOnTarget(
      (name) =>
        `CREATE ASYMMETRIC KEY ${shownName(name)} FROM <the file, assembly or provider of the source>;`,
    ),
    notScripted: SECRET,
  },
  {
    id: 'OBJ-SYMMETRIC-KEYS',
    kind: 'symmetricKeys',
    plural: 'symmetric keys in master',
    title: 'Symmetric keys in master are on the target',
    why: 'What was encrypted with them in master cannot be read without them.',
    reference: 'encryptionHierarchy',
    general:
      'Create them on the target with the KEY_SOURCE and IDENTITY_VALUE of the source; other keys cannot be copied.',
    remedy: eachOnTarget(
      (name) =>
        `CREATE SYMMETRIC KEY ${shownName(name)} WITH KEY_SOURCE = N'<source>', IDENTITY_VALUE = N'<identity>', ALGORITHM = AES_256 ENCRYPTION BY <as on the source>;`,
    ),
    notScripted: SECRET,
  },
  {
    id: 'OBJ-CERTIFICATES',
    kind: 'masterCertificates',
    plural: 'certificates in master',
    title: 'Certificates in master are on the target, with their private keys',
    why: 'They open encrypted databases and backups, sign procedures and let endpoints in.',
    reference: 'encryptionHierarchy',
    by: 'detail',
    off: 'without private key',
    general:
      "On the source: BACKUP CERTIFICATE [<name>] TO FILE = N'<file>' WITH PRIVATE KEY (FILE = N'<key>', ENCRYPTION BY PASSWORD = N'<password>'); on the target: CREATE CERTIFICATE ... FROM FILE.",
    remedy: dbatools('Copy-DbaDbCertificate', 'Certificate', " -Database 'master'"),
    notScripted: SECRET,
  },
  {
    id: 'OBJ-LINKED-SERVERS',
    kind: 'linkedServers',
    plural: 'linked servers',
    title: 'Linked servers are on the target',
    why: 'Queries that name them fail with 7202, at the first call after the switch and not before.',
    reference: 'linkedServers',
    general:
      "On the target: EXEC sp_addlinkedserver @server = N'<name>', @srvproduct = N'', @provider = N'MSOLEDBSQL', @datasrc = N'<server>';",
    remedy: dbatools('Copy-DbaLinkedServer', 'LinkedServer'),
    notScripted: 'The names behind it may be others in Azure, and its logins hold passwords.',
  },
  {
    id: 'OBJ-LINKED-LOGINS',
    kind: 'linkedLogins',
    plural: 'logins of linked servers',
    title: 'Linked servers log in on the target as on the source',
    why: 'Without its mapping a call goes out under another identity, or fails with 18456 on the far side.',
    reference: 'linkedServers',
    general:
      "On the target: EXEC sp_addlinkedsrvlogin @rmtsrvname = N'<server>', @useself = N'FALSE', @locallogin = N'<login>', @rmtuser = N'<user>', @rmtpassword = N'<password>';",
    remedy: (names, sides) =>
      dbatools(
        'Copy-DbaLinkedServer',
        'LinkedServer',
        ' -Force',
      )([...new Set(names.map((name) => halves(name)[0]))], sides),
    notScripted: SECRET,
  },
];

/** The kinds. */
export const objectRows: readonly ObjectRow[] = [...securityObjectRows, ...serviceObjectRows];

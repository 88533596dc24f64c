/** Rules about how people and servers prove who they are: Kerberos, NTLM, service principal names. */

import type { ServerFacts } from '../../model/assess-server.ts';
import { together } from '../../model/fact.ts';
import { bothSidesRead, doubtful, good, later, networkAccount, type AssessRule } from '../rule.ts';

/** The account in `setspn`: what the service is on the network. */
function accountOf(server: ServerFacts): string {
  const account = networkAccount(server);
  return account.known ? account.value : '<service account>';
}

/** Rules about authentication. */
export const authenticationRules: readonly AssessRule[] = [
  ...bothSidesRead({
    name: 'AUTH-SCHEME',
    title: 'Windows logins reach the instance with Kerberos',
    family: 'authentication',
    why: 'NTLM means that the service principal name is missing: delegation, linked servers and gMSA rules that need Kerberos fail, and on the target it is noticed at the cutover.',
    remedy:
      'setspn -S MSSQLSvc/<full host name>:<port> <service account>, and the same for the name of the listener.',
    reference: 'kerberos',
    read: ({ session, server }) => together({ session, server }),
    judge: ({ session, server }, { migration, side, facts }) => {
      const scheme = session.authScheme.toUpperCase();
      if (scheme === 'SQL') return later('sqlferry came with a SQL login, which says nothing.');
      const evidence = `The session of sqlferry used ${scheme}.`;
      if (scheme === 'KERBEROS') return good(evidence);
      const planned = migration[side].instances.find((each) => each.name === facts.instance);
      const host = planned?.fqdn ?? server.machineName;
      return doubtful(
        evidence,
        `setspn -S MSSQLSvc/${host}:${session.localTcpPort ?? 1433} ${accountOf(server)}`,
      );
    },
  }),
  ...bothSidesRead({
    name: 'AUTH-TRANSPORT',
    title: 'The endpoints authenticate with Kerberos or certificates',
    family: 'authentication',
    why: 'With NTLM between the endpoints the service principal name of the endpoint port is missing; hardened domains refuse NTLM, and the link fails on the day they do.',
    remedy: 'setspn -S MSSQLSvc/<full host name>:<endpoint port> <service account>',
    reference: 'transport',
    read: ({ transport, server }) => together({ transport, server }),
    judge: ({ transport, server }, { migration, side, facts }) => {
      const open = transport.filter((each) => each.stateDesc === 'LOGGED_IN');
      if (open.length === 0) return later('Nobody is logged in at the endpoint.');
      const ntlm = open.filter((each) => /ntlm/iu.test(each.authenticationMethod ?? ''));
      const methods = [...new Set(open.map((each) => each.authenticationMethod ?? 'CERTIFICATE'))];
      const evidence = `${open.length} connection(s) of the endpoint: ${methods.join(', ')}.`;
      if (ntlm.length === 0) return good(evidence);
      const planned = migration[side].instances.find((each) => each.name === facts.instance);
      return doubtful(
        evidence,
        `setspn -S MSSQLSvc/${planned?.fqdn ?? server.machineName}:${planned?.endpoint.port ?? 5022} ${accountOf(server)}`,
      );
    },
  }),
];

/** Facts of `assess` about the database mirroring endpoint and what listens on TCP. */

/** The database mirroring endpoint. */
export interface EndpointFacts {
  readonly name: string;
  /** `STARTED`, `STOPPED` or `DISABLED`. */
  readonly stateDesc: string;
  /** `ALL`, `PARTNER` or `WITNESS`. */
  readonly roleDesc: string;
  readonly port: number;
  /** Null means `LISTENER_IP = ALL`. */
  readonly ipAddress: string | null;
  /** For example `NEGOTIATE` or `CERTIFICATE`. */
  readonly connectionAuthDesc: string;
  readonly isEncryptionEnabled: boolean;
  /** For example `AES`, `RC4`, `NONE`. */
  readonly encryptionAlgorithmDesc: string;
  /** Login that owns it; null when it is not shown or gone. */
  readonly ownerName: string | null;
  /** Certificate it proves itself with; null for Windows authentication. */
  readonly certificate: string | null;
  /** Server principals with CONNECT, from `sys.server_permissions` class 105. */
  readonly connectGrantees: readonly string[];
}

/** One TCP listener. */
export interface TcpListenerFacts {
  readonly ipAddress: string;
  readonly port: number;
  /** `TSQL`, `Database Mirroring` or `Service Broker` as the view prints them. */
  readonly typeDesc: string;
  /** `ONLINE` or `PENDING_RESTART`. */
  readonly stateDesc: string;
}

/** The parts of this family. */
export interface EndpointParts {
  /** Database mirroring endpoints (at most one), joined with `sys.tcp_endpoints`. */
  readonly endpoints: readonly EndpointFacts[];
  /** `sys.dm_tcp_listener_states`. */
  readonly listeners: readonly TcpListenerFacts[];
}

/** What `makeWorld` builds: instances with their logins and databases, and the network between them. */

import type { Secret } from '../../base/secret.ts';
import type { DeclaredCatalog } from '../declared.ts';
import type { PathRule } from '../definition-storage.ts';
import type { HadrSettings, HadrSwitches, ProductEdition, ProductVersion } from '../hadr/state.ts';
import type { EncryptionOffer } from '../session.ts';
import type { Database } from '../store/database.ts';

/** A SQL login. */
export interface LoginDefinition {
  readonly name: string;
  readonly password: Secret;
  /** 16 bytes; equal on both sides so that database users match. Absent: made from the name. */
  readonly sid?: Uint8Array;
  /** Fixed server roles. */
  readonly roles: readonly string[];
  /** Server permissions, for example `VIEW SERVER STATE`. */
  readonly permissions: readonly string[];
  readonly disabled: boolean;
  /** Default `master`. */
  readonly defaultDatabase?: string;
}

/** A database that exists from the start. */
export interface DatabaseDefinition {
  readonly name: string;
  readonly recoveryModel: 'FULL' | 'BULK_LOGGED' | 'SIMPLE';
  readonly fullBackupTaken: boolean;
  /** Rows of catalog views about this database; absent: none. */
  readonly catalog?: DeclaredCatalog;
  /** Fills schema, users and rows. */
  readonly load: ((database: Database) => void) | null;
}

/** One instance. */
export interface InstanceDefinition {
  /** `host` or `host\instance`. */
  readonly serverName: string;
  readonly fqdn: string;
  readonly address: string;
  readonly port: number;
  readonly version: ProductVersion;
  readonly edition: ProductEdition;
  /** `CONTOSO`; null in a workgroup. */
  readonly domain: string | null;
  readonly serviceAccount: string;
  /** Windows cluster that the host is a node of; absent: none. */
  readonly cluster?: string | null;
  readonly alwaysOn: 'enabled' | 'disabled' | 'restart-pending';
  readonly encryption: EncryptionOffer;
  readonly logins: readonly LoginDefinition[];
  readonly databases: readonly DatabaseDefinition[];
  /** Rows of catalog views about the instance; absent: none. */
  readonly catalog?: DeclaredCatalog;
}

/** The whole world. */
export interface WorldDefinition {
  readonly instances: readonly InstanceDefinition[];
  readonly link: {
    /** One way, in milliseconds. */
    readonly latencyMs: number;
    /** Bytes per second for seeding; null: about 3 seconds per database. */
    readonly seedingBytesPerSecond: number | null;
  };
  /** What is wrong with folders and shares; absent: nothing. */
  readonly storage?: readonly PathRule[];
  readonly settings?: Partial<HadrSettings>;
  readonly switches?: Partial<HadrSwitches>;
}

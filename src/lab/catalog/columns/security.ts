/** Column lists in the form of `../column-table.ts`; facts: the Microsoft Learn page of each view. */

import type { ColumnTable } from '../column-table.ts';

/** Columns of the views about principals, permissions, certificates and keys. */
export const SECURITY_COLUMNS: ColumnTable = {
  'sys.server_principals': `
    name:sysname! principal_id:int! sid:varbinary(85) type:char(1)! type_desc:nvarchar(60)
    is_disabled:bit create_date:datetime! modify_date:datetime! default_database_name:sysname
    default_language_name:sysname credential_id:int owning_principal_id:int is_fixed_role:bit!
    tenant_id:uniqueidentifier
  `,
  'sys.sql_logins': `
    name:sysname! principal_id:int! sid:varbinary(85) type:char(1)! type_desc:nvarchar(60)
    is_disabled:bit create_date:datetime! modify_date:datetime! default_database_name:sysname
    default_language_name:sysname credential_id:int is_policy_checked:bit
    is_expiration_checked:bit password_hash:varbinary(256)
  `,
  'sys.server_role_members': `
    role_principal_id:int! member_principal_id:int!
  `,
  'sys.server_permissions': `
    class:tinyint! class_desc:nvarchar(60) major_id:int! minor_id:int! grantee_principal_id:int!
    grantor_principal_id:int! type:char(4)! permission_name:nvarchar(128) state:char(1)!
    state_desc:nvarchar(60)
  `,
  'sys.certificates': `
    name:sysname! certificate_id:int! principal_id:int pvt_key_encryption_type:char(2)!
    pvt_key_encryption_type_desc:nvarchar(60) is_active_for_begin_dialog:bit
    issuer_name:nvarchar(442) cert_serial_number:nvarchar(64) sid:varbinary(85)
    string_sid:nvarchar(128) subject:nvarchar(4000) expiry_date:datetime start_date:datetime
    thumbprint:varbinary(32)! attested_by:nvarchar(260) pvt_key_last_backup_date:datetime
    key_length:int
  `,
  'sys.symmetric_keys': `
    name:sysname! principal_id:int symmetric_key_id:int! key_length:int! key_algorithm:char(2)!
    algorithm_desc:nvarchar(60) create_date:datetime! modify_date:datetime!
    key_guid:uniqueidentifier key_thumbprint:sql_variant provider_type:nvarchar(60)
    cryptographic_provider_guid:uniqueidentifier cryptographic_provider_algid:sql_variant
  `,
};

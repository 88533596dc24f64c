/** Column lists in the form of `../column-table.ts`; facts: the Microsoft Learn page of each view. */

import type { ColumnTable } from '../column-table.ts';

/** Columns of the endpoint views. */
export const ENDPOINT_COLUMNS: ColumnTable = {
  'sys.endpoints': `
    name:sysname! endpoint_id:int! principal_id:int protocol:tinyint! protocol_desc:nvarchar(60)
    type:tinyint! type_desc:nvarchar(60) state:tinyint state_desc:nvarchar(60)
    is_admin_endpoint:bit!
  `,
  'sys.tcp_endpoints': `
    name:sysname! endpoint_id:int! principal_id:int protocol:tinyint! protocol_desc:nvarchar(60)
    type:tinyint! type_desc:nvarchar(60) state:tinyint state_desc:nvarchar(60)
    is_admin_endpoint:bit! port:int! is_dynamic_port:bit! ip_address:nvarchar(45)
  `,
  'sys.database_mirroring_endpoints': `
    name:sysname! endpoint_id:int! principal_id:int protocol:tinyint! protocol_desc:nvarchar(60)
    type:tinyint! type_desc:nvarchar(60) state:tinyint state_desc:nvarchar(60)
    is_admin_endpoint:bit! role:tinyint role_desc:nvarchar(60) is_encryption_enabled:bit!
    connection_auth:tinyint! connection_auth_desc:nvarchar(60) certificate_id:int!
    encryption_algorithm:tinyint! encryption_algorithm_desc:nvarchar(60)
  `,
  'sys.dm_tcp_listener_states': `
    listener_id:int! ip_address:nvarchar(48)! is_ipv4:bit! port:int! type:tinyint!
    type_desc:nvarchar(20)! state:tinyint! state_desc:nvarchar(16)! start_time:datetime!
  `,
  'sys.dm_db_mirroring_connections': `
    connection_id:uniqueidentifier transport_stream_id:uniqueidentifier state:smallint
    state_desc:nvarchar(60) connect_time:datetime login_time:datetime
    authentication_method:nvarchar(128) principal_name:nvarchar(128) remote_user_name:nvarchar(128)
    last_activity_time:datetime is_accept:bit login_state:smallint login_state_desc:nvarchar(60)
    peer_certificate_id:int encryption_algorithm:smallint encryption_algorithm_desc:nvarchar(60)
    receives_posted:smallint is_receive_flow_controlled:bit sends_posted:smallint
    is_send_flow_controlled:bit total_bytes_sent:bigint total_bytes_received:bigint
    total_fragments_sent:bigint total_fragments_received:bigint total_sends:bigint
    total_receives:bigint peer_arbitration_id:uniqueidentifier
  `,
};

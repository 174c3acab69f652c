/** What server and connection actors tell the directory, their parent. */
import type { ConnectionCommand } from './connection-messages.ts';
import type { ServerEvent } from './server-messages.ts';

/** Pass an event on. */
export type DirectoryRequest =
  | { readonly type: 'tell.server'; readonly serverId: string; readonly event: ServerEvent }
  | {
      readonly type: 'tell.connections';
      readonly connIds: readonly string[];
      readonly event: ConnectionCommand;
    };

/** This connection is being closed. It was admitted before, or is refused. */
export interface ClosingReport {
  readonly type: 'connection.closing';
  readonly connId: string;
  readonly serverId: string;
  readonly wasAdmitted: boolean;
}

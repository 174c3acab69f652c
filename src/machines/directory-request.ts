/** Requests of server and connection actors to the directory, their parent: pass an event on. */
import type { ConnectionCommand } from './connection-messages.ts';
import type { ServerEvent } from './server-messages.ts';

export type DirectoryRequest =
  | { readonly type: 'tell.server'; readonly serverId: string; readonly event: ServerEvent }
  | {
      readonly type: 'tell.connections';
      readonly connIds: readonly string[];
      readonly event: ConnectionCommand;
    };

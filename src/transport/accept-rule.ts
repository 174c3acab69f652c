/** Whether a listener for strangers takes a connection that it has accepted. */
import type { Socket } from 'node:net';
import type { ListenerName, Observer } from './observation.ts';
import { peerOf } from './peer-of.ts';
import { hasSpareDescriptor } from './spare-descriptor.ts';
import type { UnfinishedConnections } from './unfinished-connections.ts';

/**
 * The last descriptor is left to the local listeners: the metrics can be read while connections are refused. Dials that are not finished
 * give way: else some tens of them, from anyone, keep everybody out until their deadline.
 */
export const acceptRule =
  (listener: ListenerName, observer: Observer, unfinished: UnfinishedConnections) =>
  (socket: Socket): boolean => {
    if (hasSpareDescriptor() || (unfinished.endOne() && hasSpareDescriptor())) {
      unfinished.take(socket);
      return true;
    }
    const err = 'out of file descriptors';
    const { address: remote, source } = peerOf(socket);
    observer.observe({
      type: 'connection.not_taken',
      listener,
      reason: 'no_descriptors',
      remote,
      source,
      err,
    });
    return false;
  };

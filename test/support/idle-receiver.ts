/** The private state of ws's receiver between two messages, for a WebSocket that a test plays. */
export const IDLE_RECEIVER = {
  _state: 0,
  _buffers: [],
  _bufferedBytes: 0,
  _fragmented: 0,
  _fragments: [],
  _opcode: 0,
};

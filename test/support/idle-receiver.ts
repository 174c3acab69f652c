/** The private state of ws's receiver between two messages, for a WebSocket that a test plays. */
export const IDLE_RECEIVER = {
  _state: 0,
  _buffers: [],
  _bufferedBytes: 0,
  _fragmented: 0,
  _fragments: [],
  _numFragments: 0,
  _messageLength: 0,
  _totalPayloadLength: 0,
  _mask: undefined,
  _opcode: 0,
  _payloadLength: 0,
  _loop: false,
  getData: (): void => {},
  startLoop: (): void => {},
  write: (): boolean => true,
};

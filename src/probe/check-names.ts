/** What a round checks, in this order. The first check that fails is the last that is run. */
export const CHECKS = [
  { name: 'unknown_server_id', summary: 'a phone of a server-id that nobody holds gets close 4404' },
  { name: 'claim', summary: 'a binary claims a server-id' },
  { name: 'phones', summary: 'two phones register, and their first frames arrive' },
  { name: 'byte_exact', summary: 'frames keep their bytes, both ways' },
  { name: 'order', summary: 'frames of two phones keep their order, both ways' },
  { name: 'round_trips', summary: 'frames of several sizes come back, from either side' },
  { name: 'conflict', summary: 'a second claim gets close 4409, and the first binary stays' },
  { name: 'directive', summary: 'a directive closes a phone with its code, behind the last frame' },
  { name: 'close_notice', summary: 'a phone that leaves is reported to the binary, behind its last frame' },
  { name: 'nothing_else', summary: 'nobody got a message that was not meant for them' },
  { name: 'release', summary: 'the binary leaves, and its close is answered' },
] as const;

export type CheckName = (typeof CHECKS)[number]['name'];

/** Settings that bound what one peer or one server-id may take. */
import {
  DEFAULT_MAX_FRAME_BYTES,
  DEFAULT_MAX_PHONES,
  DEFAULT_PHONE_BACKLOG_BYTES,
  FRAME_OVERHEAD_BYTES,
} from '../protocol/limits.ts';
import { count, size } from './setting-kinds.ts';

/** A message of this size fits an idle binary's queue of `BINARY_QUEUE_MAX_BYTES` with its envelope. */
const MAX_FRAME_BYTES = 16 * 1024 * 1024;
const MAX_BACKLOG_BYTES = 2 ** 31 - 1;

export const limitSettings = {
  maxPhones: count(
    { flag: 'max-phones', summary: 'phones per server-id; the next gets 4429; 0 for no cap' },
    DEFAULT_MAX_PHONES,
  ),
  maxFrameBytes: size(
    { flag: 'max-frame-bytes', summary: 'longest message from a peer, else close 1009' },
    DEFAULT_MAX_FRAME_BYTES,
    1,
    MAX_FRAME_BYTES,
  ),
  phoneBacklogBytes: size(
    { flag: 'phone-backlog-bytes', summary: 'longest backlog of one phone, else close 1011' },
    DEFAULT_PHONE_BACKLOG_BYTES,
    1 + FRAME_OVERHEAD_BYTES,
    MAX_BACKLOG_BYTES,
  ),
} as const;

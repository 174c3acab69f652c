/** Requests and connections that no listener takes: what is answered, and what is reported. */
import type { ClientAddress } from '../admission/client-address.ts';
import { REQUEST_FAULTS, type RequestFault } from '../protocol/request-check.ts';
import { type HttpAnswer, plainText } from './http-answer.ts';
import { FOREIGN } from './local-access.ts';
import type { ParserFault } from './parser-fault.ts';
import type { HandshakeFault } from './upgrade-check.ts';

/** `pipelined`: what was sent behind the first request is discarded. `foreign`: `isLocal` is false. `misdirected`: for another host. */
export type RequestRefusal =
  | RequestFault
  | HandshakeFault
  | ParserFault
  | 'connect'
  | 'pipelined'
  | 'foreign'
  | 'misdirected';

export interface Refusal {
  readonly reason: RequestRefusal;
  readonly remote: string;
  readonly source: ClientAddress['source'];
  /** What the answer says, without its line break, if that is to be logged; else ''. */
  readonly explanation: string;
}

/** Why a connection was not taken; `no_descriptors`: it left the process none to spare. */
export type AcceptFault = 'no_descriptors' | 'accept_failed';

/** A request that no route sees. */
export interface Refused {
  readonly reason: RequestRefusal;
  readonly explanation: string;
  readonly answer: HttpAnswer;
}

export const refusedFor = (fault: RequestFault): Refused => {
  const explanation = REQUEST_FAULTS[fault];
  return { reason: fault, explanation, answer: plainText(400, `${explanation}\n`) };
};
export const REFUSED_FOREIGN: Refused = {
  reason: 'foreign',
  explanation: 'foreign Host or Origin',
  answer: FOREIGN,
};

const CONNECT_TEXT = 'CONNECT is not accepted: this is no proxy';
export const REFUSED_CONNECT: Refused = {
  reason: 'connect',
  explanation: CONNECT_TEXT,
  answer: plainText(405, `${CONNECT_TEXT}\n`, { Allow: 'GET' }),
};

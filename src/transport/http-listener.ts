/** An HTTP server that takes one request per connection. The same for every listener. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { collectHeaders, type HeaderValues } from '../protocol/header-values.ts';
import { peerAddress } from '../protocol/peer-address.ts';
import { checkRequest, REQUEST_FAULTS, type RequestFault } from '../protocol/request-check.ts';
import { type RequestTarget, readTarget } from '../protocol/request-target.ts';
import { answer, answerSocket, plainText } from './http-answer.ts';
import { serverOptions } from './http-server-options.ts';
import { FOREIGN, isLocal } from './local-access.ts';
import { RequestStream } from './request-stream.ts';
import type { HandshakeFault } from './upgrade-check.ts';

export interface HttpRequest {
  readonly method: string;
  readonly httpVersion: string;
  readonly target: RequestTarget;
  readonly headers: HeaderValues;
  /** The peer's address, as logged. */
  readonly remote: string;
}

/** A request with `Connection: upgrade`; its owner answers on the socket. */
export interface UpgradeRequest extends HttpRequest {
  readonly message: IncomingMessage;
  readonly socket: Socket;
  /** What was read behind the request head. */
  readonly rest: Buffer;
}

/** `pipelined`: what was sent behind the first request is discarded. `foreign`: `isLocal` is false. */
export type RequestRefusal = RequestFault | HandshakeFault | 'pipelined' | 'foreign';

export interface Refusal {
  readonly reason: RequestRefusal;
  readonly remote: string;
  /** What a 400 or 403 says, without its line break; '' for the others. */
  readonly explanation: string;
}

export interface ListenerHooks {
  readonly onRefused: (refusal: Refusal) => void;
  /** Runs `act`, and does not throw. False if `act` threw. */
  readonly contain: (act: () => void) => boolean;
}

/** Why a connection was not taken; `no_descriptors`: it left the process none to spare. */
export type AcceptFault = 'no_descriptors' | 'accept_failed';

export interface HttpListenerOptions extends ListenerHooks {
  /** Asked for each connection, before a byte is read; false closes it. */
  readonly mayAccept?: () => boolean;
  /** Answers only this machine's programs and its own page. */
  readonly isLocalOnly?: boolean;
  readonly onRequest: (request: HttpRequest, response: ServerResponse) => void;
  /** Without it, an upgrade request is an ordinary one (RFC 9110 section 7.8). */
  readonly onUpgrade?: (request: UpgradeRequest) => void;
}

const readRequest = (message: IncomingMessage, remote: string): HttpRequest => ({
  method: message.method ?? '',
  httpVersion: message.httpVersion,
  target: readTarget(message.url ?? ''),
  headers: collectHeaders(message.rawHeaders),
  remote,
});

const faultOf = ({ httpVersion, headers, target }: HttpRequest): RequestFault | undefined =>
  checkRequest({ httpVersion, headers, authority: target.authority });

const explain = (fault: RequestFault) => plainText(400, `${REQUEST_FAULTS[fault]}\n`);

export const createHttpListener = ({
  onRequest,
  onUpgrade,
  isLocalOnly = false,
  mayAccept = () => true,
  onRefused,
  contain,
}: HttpListenerOptions): Server => {
  const serve = (message: IncomingMessage, response: ServerResponse): void => {
    const stream: Duplex = message.socket;
    if (!(stream instanceof RequestStream)) throw new TypeError('a request on a foreign stream');
    const hasMore = stream.discardRest();
    const request = readRequest(message, peerAddress(stream.socket.remoteAddress));
    const fault = faultOf(request);
    if (fault === undefined && isLocalOnly && !isLocal(request)) {
      onRefused({ reason: 'foreign', remote: request.remote, explanation: 'foreign Host or Origin' });
      answer(response, FOREIGN);
      return;
    }
    if (fault === undefined) {
      if (hasMore) onRefused({ reason: 'pipelined', remote: request.remote, explanation: '' });
      onRequest(request, response);
      return;
    }
    onRefused({ reason: fault, remote: request.remote, explanation: REQUEST_FAULTS[fault] });
    answer(response, explain(fault));
  };
  const upgrade = (message: IncomingMessage, onUpgrade: (request: UpgradeRequest) => void): void => {
    const stream: Duplex = message.socket;
    if (!(stream instanceof RequestStream)) throw new TypeError('an upgrade on a foreign stream');
    const { socket } = stream;
    const rest = stream.release();
    const request = readRequest(message, peerAddress(socket.remoteAddress));
    const fault = faultOf(request);
    if (fault === undefined) {
      onUpgrade({ ...request, message, socket, rest });
      return;
    }
    onRefused({ reason: fault, remote: request.remote, explanation: REQUEST_FAULTS[fault] });
    answerSocket(socket, explain(fault));
  };

  const respond = (message: IncomingMessage, response: ServerResponse): void => {
    if (!contain(() => serve(message, response))) response.destroy();
  };
  const server = createServer(serverOptions, respond);
  // Node drops all headers behind the 2,000th, so they would not be checked. The size of the head is the limit.
  server.maxHeadersCount = 0;
  // Node would send `100 Continue` for a body that is refused, and keep the connection after a 417.
  server.on('checkContinue', respond);
  server.on('checkExpectation', respond);
  if (onUpgrade !== undefined) {
    server.on('upgrade', (message, stream) => {
      // An exception here would end the process.
      if (!contain(() => upgrade(message, onUpgrade))) stream.destroy();
    });
  }
  // Node's own listener starts the parser. It is given the stream, and the others are given the socket.
  const parse = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    if (!mayAccept()) {
      socket.destroy();
      return;
    }
    const stream = new RequestStream(socket);
    for (const start of parse) start.call(server, stream);
  });
  return server;
};

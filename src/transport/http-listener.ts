/** An HTTP server that takes one request per connection. The same for every listener. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ClientAddress, Peer } from '../admission/client-address.ts';
import { collectHeaders, type HeaderValues } from '../protocol/header-values.ts';
import { checkRequest } from '../protocol/request-check.ts';
import { HEADS_PER_TURN, HEADS_SHARE } from '../protocol/request-limits.ts';
import { type RequestTarget, readTarget } from '../protocol/request-target.ts';
import { type AcceptStage, passStages } from './accept-stages.ts';
import { HandshakeTurns } from './handshake-turns.ts';
import { answer, answerStream, type HttpAnswer, plainText } from './http-answer.ts';
import { serverOptions } from './http-server-options.ts';
import { isLocal } from './local-access.ts';
import { parserRefusal } from './parser-fault.ts';
import { peerOf } from './peer-of.ts';
import {
  REFUSED_CONNECT,
  REFUSED_FOREIGN,
  type Refusal,
  type Refused,
  refusedFor,
} from './request-refusal.ts';
import { RequestStream } from './request-stream.ts';

export interface HttpRequest {
  readonly method: string;
  readonly httpVersion: string;
  readonly target: RequestTarget;
  readonly headers: HeaderValues;
  /** The client's address, as logged. */
  readonly remote: string;
  readonly source: ClientAddress['source'];
  readonly socket: Socket;
}

/** A request with `Connection: upgrade`. Its owner answers it, or takes the socket. */
export interface UpgradeRequest extends HttpRequest {
  readonly message: IncomingMessage;
  /** Answers, and ends the connection. */
  readonly answer: (given: HttpAnswer) => void;
  /** Hands the socket over, paused. @returns what was read behind the request head */
  readonly release: () => Buffer;
}

export interface ListenerHooks {
  readonly onRefused: (refusal: Refusal) => void;
  /** Runs `act`, and does not throw. False if `act` threw. */
  readonly contain: (act: () => void) => boolean;
}

export interface HttpListenerOptions extends ListenerHooks {
  /** Asked for each connection, before a byte is read; false closes it. */
  readonly mayAccept?: (socket: Socket) => boolean;
  /** Passed by each connection then, in this order. */
  readonly stages?: readonly AcceptStage[];
  /** Whose address a request has; the peer's own by default. */
  readonly addressOf?: (peer: Peer, headers: HeaderValues) => ClientAddress;
  /** Answers only this machine's programs and its own page. */
  readonly isLocalOnly?: boolean;
  readonly onRequest: (request: HttpRequest, response: ServerResponse) => void;
  /** Without it, an upgrade request is an ordinary one (RFC 9110 section 7.8). */
  readonly onUpgrade?: (request: UpgradeRequest) => void;
}

const streamOf = (stream: Duplex): RequestStream => {
  if (!(stream instanceof RequestStream)) throw new TypeError('a request on a foreign stream');
  return stream;
};

export const createHttpListener = ({
  onRequest,
  onUpgrade,
  isLocalOnly = false,
  mayAccept = () => true,
  stages = [],
  addressOf = (peer) => peer,
  onRefused,
  contain,
}: HttpListenerOptions): Server => {
  const readRequest = (message: IncomingMessage, socket: Socket): HttpRequest => {
    const headers = collectHeaders(message.rawHeaders);
    const { address, source } = addressOf(peerOf(socket), headers);
    const { method = '', httpVersion, url = '' } = message;
    return { method, httpVersion, target: readTarget(url), headers, remote: address, source, socket };
  };
  const refuse = (
    { reason, explanation, answer: given }: Refused,
    { remote, source }: Pick<HttpRequest, 'remote' | 'source'>,
  ): HttpAnswer => {
    onRefused({ reason, remote, source, explanation });
    return given;
  };
  const check = (request: HttpRequest): Refused | undefined => {
    const { httpVersion, headers, target } = request;
    const fault = checkRequest({ httpVersion, headers, authority: target.authority });
    if (fault !== undefined) return refusedFor(fault);
    return isLocalOnly && request.method !== 'CONNECT' && !isLocal(request) ? REFUSED_FOREIGN : undefined;
  };

  const serve = (message: IncomingMessage, response: ServerResponse): void => {
    const stream = streamOf(message.socket);
    const hasMore = stream.discardRest();
    const request = readRequest(message, stream.socket);
    const refused = check(request);
    if (refused !== undefined) {
      answer(response, refuse(refused, request));
      return;
    }
    if (hasMore)
      onRefused({ reason: 'pipelined', remote: request.remote, source: request.source, explanation: '' });
    onRequest(request, response);
  };
  /** An upgrade or CONNECT: Node has detached its parser from the stream. */
  const takeOver = (message: IncomingMessage, act: (request: UpgradeRequest) => void): void => {
    const stream = streamOf(message.socket);
    const request = readRequest(message, stream.socket);
    const reply = (given: HttpAnswer): void => answerStream(stream, given, request.method);
    const refused = check(request);
    if (refused === undefined) act({ ...request, message, answer: reply, release: () => stream.release() });
    else reply(refuse(refused, request));
  };
  const refuseConnect = (request: UpgradeRequest): void => request.answer(refuse(REFUSED_CONNECT, request));
  const refuseUnparsed = (error: Error, stream: RequestStream): void => {
    // The parser fails again on what waited behind the fault, and when the peer ends its half inside a body that was refused. The answer
    // may still be on its way, as TLS takes a turn for it, and it ends the connection.
    if (stream.isAnswered) return;
    const { reason, status, explanation } = parserRefusal(error);
    const refused = { reason, explanation, answer: plainText(status, `${explanation}\n`) };
    const { address: remote, source } = peerOf(stream.socket);
    answerStream(stream, refuse(refused, { remote, source }));
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
  // An exception in one of these would end the process.
  if (onUpgrade !== undefined) {
    server.on('upgrade', (message, stream) => {
      if (!contain(() => takeOver(message, onUpgrade))) stream.destroy();
    });
  }
  // Without a listener, Node closes the connection and says nothing.
  server.on('connect', (message, stream) => {
    if (!contain(() => takeOver(message, refuseConnect))) stream.destroy();
  });
  server.on('clientError', (error, stream) => {
    if (!contain(() => refuseUnparsed(error, streamOf(stream)))) stream.destroy();
  });
  // Node's own listener starts the parser. It is given the stream, and the others are given the socket.
  const turns = new HandshakeTurns({
    perTurn: HEADS_PER_TURN,
    share: HEADS_SHARE,
    // What is thrown here is our own fault, and costs its connection only.
    failed: (error) =>
      contain(() => {
        throw error;
      }),
  });
  const parse = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    if (!mayAccept(socket)) {
      socket.destroy();
      return;
    }
    const ready = (passed: Socket): void => {
      const stream = new RequestStream(passed, turns);
      for (const start of parse) start.call(server, stream);
      // A stage may have left it paused.
      passed.resume();
    };
    if (
      !contain(() =>
        passStages(stages, socket, (passed) => void (contain(() => ready(passed)) || passed.destroy())),
      )
    )
      socket.destroy();
  });
  return server;
};
